//! The proof of every scheme with a signature but the plainest: any algorithm, several signatures,
//! a signed text of parts, a time. It is compiled once, for all providers and frameworks.

use std::{sync::Arc, time::SystemTime};

use super::{
    Proven, candidates,
    form::is_sortable,
    frames::Frames,
    hashing::Hashing,
    inspected::{Inspected, Texts},
    prepared::Prepared,
    signed_keys::SignedKeys,
    source::{KeptHead, Source},
    template::{Body, BodyValues, Template, places_in_body},
    timing::{self, Window},
};
use crate::{
    error::RejectionKind,
    scheme::{Part, Place, Scheme, Signed, Unit},
    secret::{MatchedSecret, Secrets},
    url::PublicUrl,
};

/// A head with a well-formed proof, whose body is not known yet.
pub(crate) struct Unverified<'a> {
    scheme: &'static Scheme,
    signed: &'static Signed,
    source: &'a dyn Source,
    window: Window,
    inspected: Inspected,
    texts: Texts<'a>,
}

impl<'a> Unverified<'a> {
    pub(super) fn read(
        scheme: &'static Scheme,
        signed: &'static Signed,
        source: &'a dyn Source,
        window: Window,
    ) -> Result<Self, RejectionKind> {
        let (inspected, texts) = Inspected::read(signed, source)?;
        Ok(Self { scheme, signed, source, window, inspected, texts })
    }

    pub(super) fn scheme(&self) -> &'static Scheme {
        self.scheme
    }

    /// Checks the proof of a complete body.
    pub(super) fn verify(&self, keys: &Prepared<SignedKeys>, body: &[u8]) -> Result<Proven, RejectionKind> {
        let (time, id) = (self.texts.time.as_deref(), self.texts.id.as_deref());
        let check = Check { signed: self.signed, source: self.source, window: self.window, time, id };
        check.verify(&keys.keys, &self.inspected, body)?.proven(self.scheme, keys)
    }

    /// Keeps what is needed of the head.
    pub(super) fn keep(self) -> Kept {
        Kept {
            scheme: self.scheme,
            signed: self.signed,
            head: KeptHead::of(self.source, self.signed),
            window: self.window,
            inspected: self.inspected,
        }
    }

    /// Begins to hash a body that arrives in pieces.
    pub(super) fn begin(self, keys: &Arc<Prepared<SignedKeys>>) -> Running {
        if self.signed.needs_body() {
            return Running::Whole { kept: self.keep(), keys: Arc::clone(keys) };
        }
        let values = BodyValues::default();
        let texts = keys.keys.entries().iter().map(|entry| {
            let url = entry.url.as_deref();
            let (time, id) = (self.texts.time.as_deref(), self.texts.id.as_deref());
            let template = Template { signed: self.signed, source: self.source, values: &values, url, time, id };
            let (mut text, mut after) = (entry.key.begin(), Vec::new());
            template.before(&mut |piece| text.update(piece));
            template.after(&mut |piece| after.extend_from_slice(piece));
            (text, after)
        });
        let texts = texts.collect();
        let (scheme, signed, window, inspected) = (self.scheme, self.signed, self.window, self.inspected);
        Running::Pieces { scheme, signed, window, inspected, texts, keys: Arc::clone(keys) }
    }
}

/// A head with a well-formed proof, kept until its body is complete.
pub(crate) struct Kept {
    scheme: &'static Scheme,
    signed: &'static Signed,
    head: KeptHead,
    window: Window,
    inspected: Inspected,
}

impl Kept {
    pub(super) fn scheme(&self) -> &'static Scheme {
        self.scheme
    }

    fn check(&self, keys: &SignedKeys, body: &[u8]) -> Result<Right, RejectionKind> {
        let check = Check { signed: self.signed, source: &self.head, window: self.window, time: None, id: None };
        check.verify(keys, &self.inspected, body)
    }

    /// Checks the proof against the secrets that a look-up found. If they are a stand-in, it takes as
    /// long.
    pub(super) fn verify_found(
        &self,
        secrets: &Secrets,
        is_known: bool,
        url: Option<&PublicUrl>,
        body: &[u8],
    ) -> Result<Proven, RejectionKind> {
        let keys = if is_known {
            // A secret that is not a key cannot decide: it is a mistake of the look-up.
            SignedKeys::new(self.signed, secrets, url, "", false).map_err(|_| RejectionKind::LookupFailed)?
        } else {
            SignedKeys::stand_in(self.signed, url)
        };
        let right = self.check(&keys, body);
        // Not even a proof under the stand-in counts.
        if !is_known {
            return Err(RejectionKind::SecretNotFound);
        }
        right.and_then(|right| {
            let matched = secrets.matched(right.position);
            right.of(self.scheme, matched)
        })
    }
}

/// A proof while the body arrives.
pub(crate) enum Running {
    /// Hashed as it arrives.
    Pieces {
        scheme: &'static Scheme,
        signed: &'static Signed,
        window: Window,
        inspected: Inspected,
        /// The signed text under every key, and its end behind the body.
        texts: Vec<(Hashing, Vec<u8>)>,
        keys: Arc<Prepared<SignedKeys>>,
    },
    /// Hashed once it is complete: the scheme reads it.
    Whole { kept: Kept, keys: Arc<Prepared<SignedKeys>> },
}

impl Running {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Pieces { signed, texts, .. } if signed.parts.contains(&Part::Body) => {
                texts.iter_mut().for_each(|(text, _)| text.update(bytes));
            }
            // Nothing of the body is signed.
            Self::Pieces { .. } => {}
            Self::Whole { .. } => {}
        }
    }

    pub(super) fn finish(self, body: &mut Frames) -> Result<Proven, RejectionKind> {
        match self {
            Self::Whole { kept, keys } => kept.check(&keys.keys, body.whole())?.proven(kept.scheme, &keys),
            Self::Pieces { scheme, signed, window, inspected, texts, keys } => {
                let signatures = inspected.signatures.as_ref().ok_or(RejectionKind::MissingSignature)?;
                let choices = keys.keys.entries().iter().zip(texts).map(|(entry, (mut text, after))| {
                    text.update(&after);
                    entry.key.is_right(text, signatures)
                });
                let position = keys.keys.position(choices).ok_or(RejectionKind::SignatureMismatch)?;
                let sent_at = match inspected.time {
                    Some(time) => Some(time),
                    None if signed.time.is_some() => time_in_body(signed, body.whole())?,
                    None => None,
                };
                timely(signed, window, sent_at)?;
                Right { position, sent_at, is_sorted: false }.proven(scheme, &keys)
            }
        }
    }
}

/// A proof that holds, before it is known what is told of the secret.
struct Right {
    /// Of the secret.
    position: usize,
    sent_at: Option<SystemTime>,
    is_sorted: bool,
}

impl Right {
    fn proven(self, scheme: &'static Scheme, keys: &Prepared<SignedKeys>) -> Result<Proven, RejectionKind> {
        let matched = keys.matched(Some(self.position));
        self.of(scheme, matched)
    }

    fn of(self, scheme: &'static Scheme, matched: Option<MatchedSecret>) -> Result<Proven, RejectionKind> {
        let matched = matched.ok_or(RejectionKind::SignatureMismatch)?;
        Ok(Proven { matched, scheme, sent_at: self.sent_at, is_sorted: self.is_sorted })
    }
}

/// What it takes to check a proof.
struct Check<'a> {
    signed: &'static Signed,
    source: &'a dyn Source,
    window: Window,
    time: Option<&'a [u8]>,
    id: Option<&'a [u8]>,
}

impl Check<'_> {
    fn verify(&self, keys: &SignedKeys, inspected: &Inspected, body: &[u8]) -> Result<Right, RejectionKind> {
        let signed = self.signed;
        let mut places = places_in_body(signed).peekable();
        let values = match places.peek() {
            Some(_) => BodyValues::read(places, body).ok_or(RejectionKind::MalformedSignature)?,
            None => BodyValues::default(),
        };
        let in_body;
        let signatures = match (&inspected.signatures, signed.places) {
            (Some(signatures), _) => signatures,
            (None, [Some(place), _]) => {
                let text = values.get(&place).ok_or(RejectionKind::MissingSignature)?;
                in_body = candidates::read_in_body(signed, &place, text)?;
                &in_body
            }
            (None, _) => return Err(RejectionKind::MissingSignature),
        };
        for part in signed.parts {
            let value = part.place().and_then(|place| values.get(&place));
            let is_missing = |place: &Place| place.as_form().is_some() && value.is_none();
            if matches!(part, Part::Field(place) if is_missing(place))
                || value.is_some_and(|value| part.is_ambiguous(value))
            {
                return Err(RejectionKind::MissingField);
            }
        }
        let pieces: &Body<'_> = &|write| write(body);
        let template =
            Template { signed, source: self.source, values: &values, url: None, time: self.time, id: self.id };
        if template.has_sorted_form() && !is_sortable(body) {
            return Err(RejectionKind::MalformedSignature);
        }
        if !template.has_right_digest(pieces) {
            return Err(RejectionKind::SignatureMismatch);
        }
        let position = keys.verify(|entry| {
            let mut text = entry.key.begin();
            Template { url: entry.url.as_deref(), ..template }.all(pieces, &mut |piece| text.update(piece));
            entry.key.is_right(text, signatures)
        });
        let position = position.ok_or(RejectionKind::SignatureMismatch)?;
        let sent_at = match inspected.time {
            Some(time) => Some(time),
            None if signed.time.is_some() => time_in_body(signed, body)?,
            None => None,
        };
        timely(signed, self.window, sent_at)?;
        Ok(Right { position, sent_at, is_sorted: template.has_sorted_form() })
    }
}

/// Reads the time in a verified body.
fn time_in_body(signed: &Signed, body: &[u8]) -> Result<Option<SystemTime>, RejectionKind> {
    let Some((place, unit)) = signed.time else { return Ok(None) };
    let values = BodyValues::read(std::iter::once(place), body).ok_or(RejectionKind::MalformedTimestamp)?;
    let text = values.get(&place).ok_or(RejectionKind::MissingTimestamp)?;
    read_time(text, unit).map(Some)
}

fn read_time(text: &[u8], unit: Unit) -> Result<SystemTime, RejectionKind> {
    timing::read(text, unit).ok_or(RejectionKind::MalformedTimestamp)
}

fn timely(signed: &Signed, window: Window, time: Option<SystemTime>) -> Result<(), RejectionKind> {
    time.map_or(Ok(()), |time| window.check(time, signed.tolerance))
}

#[cfg(test)]
#[path = "signed_tests.rs"]
mod tests;
