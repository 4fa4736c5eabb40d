//! The check of a signature over a complete body.

use std::time::SystemTime;

use super::{
    Proven,
    candidates::{self, Signatures},
    form::{has_query, is_sortable},
    inspected::{Inspected, Texts},
    prepared::Prepared,
    signed_keys::SignedKeys,
    source::Source,
    template::{BodyValues, Template, places_in_body},
    timing::{self, Window},
};
use crate::{
    error::RejectionKind,
    scheme::{Part, Scheme, Signed},
    secret::MatchedSecret,
};

/// A proof that holds, before it is known what is told of the secret.
pub(super) struct Right {
    /// Of the secret.
    pub(super) position: usize,
    pub(super) sent_at: Option<SystemTime>,
    pub(super) is_sorted: bool,
}

impl Right {
    pub(super) fn proven<'k>(
        self,
        scheme: &'static Scheme,
        keys: &'k Prepared<SignedKeys>,
    ) -> Result<Proven<&'k MatchedSecret>, RejectionKind> {
        let matched = keys.matched(Some(self.position));
        self.of(scheme, matched)
    }

    pub(super) fn of<M>(self, scheme: &'static Scheme, matched: Option<M>) -> Result<Proven<M>, RejectionKind> {
        let matched = matched.ok_or(RejectionKind::SignatureMismatch)?;
        Ok(Proven { matched, scheme, sent_at: self.sent_at, is_sorted: self.is_sorted })
    }
}

/// What it takes to check a proof.
pub(super) struct Check<'a> {
    pub(super) signed: &'static Signed,
    pub(super) source: &'a dyn Source,
    pub(super) window: &'a Window,
    pub(super) texts: &'a Texts<'a>,
}

impl Check<'_> {
    pub(super) fn verify(&self, keys: &SignedKeys, inspected: &Inspected, body: &[u8]) -> Result<Right, RejectionKind> {
        let signed = self.signed;
        if !signed.needs_body {
            let values = BodyValues::default();
            return self.prove(keys, inspected.time, &inspected.signatures, &self.template(&values), body);
        }
        let mut places = places_in_body(signed).peekable();
        let values = match places.peek() {
            Some(_) => BodyValues::read(places, body).ok_or(RejectionKind::MalformedSignature)?,
            None => BodyValues::default(),
        };
        let in_body;
        let signatures = match signed.places {
            [Some(place), _] if place.is_in_body() => {
                let text = values.get(&place).ok_or(RejectionKind::MissingSignature)?;
                in_body = candidates::read_in_body(signed, &place, text)?;
                &in_body
            }
            _ => &inspected.signatures,
        };
        for part in signed.parts {
            let value = part.place().and_then(|place| values.get(&place));
            let is_missing = matches!(part, Part::Field(place) if place.as_form().is_some()) && value.is_none();
            if is_missing || value.is_some_and(|value| !part.shows_end_of(value)) {
                return Err(RejectionKind::MissingField);
            }
        }
        let template = self.template(&values);
        let is_sorted = template.has_sorted_form();
        if is_sorted && (!is_sortable(body) || (signed.digest.is_some() && has_query(body))) {
            return Err(RejectionKind::MalformedSignature);
        }
        if !template.has_right_digest(body) {
            return Err(RejectionKind::SignatureMismatch);
        }
        let right = self.prove(keys, inspected.time, signatures, &template, body)?;
        Ok(Right { is_sorted, ..right })
    }

    fn template<'t>(&'t self, values: &'t BodyValues<'t>) -> Template<'t> {
        Template { signed: self.signed, source: self.source, values, url: None, texts: self.texts }
    }

    /// Checks the signatures of the text, then the time.
    fn prove(
        &self,
        keys: &SignedKeys,
        time: Option<SystemTime>,
        signatures: &Signatures,
        template: &Template<'_>,
        body: &[u8],
    ) -> Result<Right, RejectionKind> {
        let position = keys.verify(|entry| {
            let template = Template { url: entry.url.as_deref(), ..*template };
            entry.key.verify(&|write| template.all(body, write), signatures)
        });
        let position = position.ok_or(RejectionKind::SignatureMismatch)?;
        let sent_at = timely(self.signed, self.window, time, || body)?;
        Ok(Right { position, sent_at, is_sorted: false })
    }
}

/// Checks the signed time: the one in the head, or else the one in the verified body.
pub(super) fn timely<'b>(
    signed: &Signed,
    window: &Window,
    in_head: Option<SystemTime>,
    body: impl FnOnce() -> &'b [u8],
) -> Result<Option<SystemTime>, RejectionKind> {
    let time = match (in_head, signed.time) {
        (Some(time), _) => time,
        (None, Some((place, unit))) => {
            let values = BodyValues::read(std::iter::once(place), body()).ok_or(RejectionKind::MalformedTimestamp)?;
            let text = values.get(&place).ok_or(RejectionKind::MissingTimestamp)?;
            timing::read_of(signed, text, unit).ok_or(RejectionKind::MalformedTimestamp)?
        }
        (None, None) => return Ok(None),
    };
    window.check(time, signed.tolerance)?;
    Ok(Some(time))
}
