//! What a signature covers, and what it is read from.

use super::{
    algorithm::Algorithm,
    part::Part,
    place::{Kind, Place},
    signed::Signed,
};

impl Signed {
    pub(super) const fn completed(mut self) -> Self {
        self.covers_body = !matches!(self.algorithm, Algorithm::Sha256OfSecretAndText) && self.has(Wanted::Body);
        self.needs_body = self.reads_body();
        self.has_value_beside_time = self.time_touches_a_value();
        self
    }

    /// Whether the signature covers what stands at `place`.
    #[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over a const")]
    pub(crate) const fn covers(&self, place: &Place) -> bool {
        let mut i = 0;
        while i < self.parts.len() {
            let covered = match self.parts[i] {
                Part::Time => match &self.time {
                    Some((time, _)) => time.is(place),
                    None => false,
                },
                Part::Id => match &self.id {
                    Some(id) => id.is(place),
                    None => false,
                },
                Part::Body | Part::BodySha256 => place.is_in_body(),
                // Where a name ends and its value begins is not signed.
                Part::SortedForm => false,
                _ => match &self.parts[i].place() {
                    Some(field) => field.is(place),
                    None => false,
                },
            };
            if covered {
                return true;
            }
            i += 1;
        }
        // The digest of a body that is not a form is in the signed URL.
        self.digest.is_some() && matches!(place.0, Kind::Json(_))
    }

    #[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over a const")]
    pub(crate) const fn has(&self, wanted: Wanted) -> bool {
        let mut i = 0;
        while i < self.parts.len() {
            let is_it = match wanted {
                Wanted::Time => matches!(self.parts[i], Part::Time),
                Wanted::Id => matches!(self.parts[i], Part::Id),
                Wanted::Url => matches!(self.parts[i], Part::Url),
                Wanted::SortedForm => matches!(self.parts[i], Part::SortedForm),
                Wanted::Body => self.parts[i].is_body(),
                Wanted::WholeBody => self.parts[i].needs_body(),
            };
            if is_it {
                return true;
            }
            i += 1;
        }
        false
    }

    const fn reads_body(&self) -> bool {
        (match &self.places[0] {
            Some(place) => place.is_in_body(),
            None => false,
        }) || self.has(Wanted::WholeBody)
            || self.digest.is_some()
            || (match &self.id {
                Some(id) => id.is_in_body(),
                None => false,
            })
            || (match &self.time {
                Some((time, _)) => time.is_in_body() && self.has(Wanted::Time),
                None => false,
            })
            || matches!(self.algorithm, Algorithm::Ed25519)
    }

    #[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over a const")]
    const fn time_touches_a_value(&self) -> bool {
        let (parts, mut i) = (self.parts, 0);
        while i < parts.len() {
            let is_first = i == 0 || parts[i - 1].is_text();
            let is_last = i + 1 == parts.len() || parts[i + 1].is_text();
            if matches!(parts[i], Part::Time) && !(is_first && is_last) {
                return true;
            }
            i += 1;
        }
        false
    }

    /// Whether this is the common scheme: an HMAC-SHA256 of nothing but the body, exactly one, in
    /// one header.
    pub(crate) const fn is_plain(&self) -> bool {
        matches!(self.algorithm, Algorithm::HmacSha256)
            && self.places[1].is_none()
            && self.parts.len() == 1
            && matches!(self.parts, [Part::Body])
            && match &self.places[0] {
                Some(place) => matches!(place.0, Kind::Header(_)),
                None => false,
            }
            && self.time.is_none()
    }
}

/// What to look for among the parts.
#[derive(Clone, Copy)]
pub(crate) enum Wanted {
    Time,
    Id,
    Url,
    SortedForm,
    /// The body, in any form.
    Body,
    /// A part that needs the whole body.
    WholeBody,
}
