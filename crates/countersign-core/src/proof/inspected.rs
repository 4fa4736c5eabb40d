//! What a head has to have for a scheme with a signature.

use std::{borrow::Cow, time::SystemTime};

use super::{
    candidates::{self, Signatures},
    reading::{Lines, Single},
    source::{Found, Source, one, one_in},
    template::has_well_formed_digest,
    timing,
};
use crate::{
    error::RejectionKind,
    scheme::{Part, Place, Signed},
};

/// The well-formed parts of a proof in the head.
#[derive(Default)]
pub(crate) struct Inspected {
    /// Empty if the signature is in the body.
    pub(super) signatures: Signatures,
    /// The time in the head.
    pub(super) time: Option<SystemTime>,
}

impl Inspected {
    /// Reads all that the head has to have, before a byte of the body is read.
    pub(super) fn read<'a>(
        &mut self,
        signed: &Signed,
        lines: &Lines<Single<'a>>,
        source: &'a dyn Source,
        texts: &mut Texts<'a>,
    ) -> Result<(), RejectionKind> {
        if !signed.places.iter().flatten().any(Place::is_in_body) {
            candidates::read(signed, lines, source, &mut self.signatures)?;
        }
        if let Some((place, unit)) = signed.time.filter(|(place, _)| !place.is_in_body()) {
            let found = one_in(lines.time, source, &place);
            let text = found.or(RejectionKind::MissingTimestamp, RejectionKind::MalformedTimestamp)?;
            self.time = Some(timing::read_of(signed, &text, unit).ok_or(RejectionKind::MalformedTimestamp)?);
            texts.time = Some(text);
        }
        if let Some(place) = signed.id.filter(|place| !place.is_in_body()) {
            let found = one_in(lines.id, source, &place);
            let id = found.or(RejectionKind::MissingField, RejectionKind::MissingField)?;
            if id.is_empty() {
                return Err(RejectionKind::MissingField);
            }
            texts.id = Some(id);
        }
        for part in signed.parts {
            let Some(place) = part.place().filter(|place| !place.is_in_body()) else { continue };
            let is_required = matches!(part, Part::Field(_));
            match one(source, &place) {
                Found::One(value) if value.is_empty() && is_required => return Err(RejectionKind::MissingField),
                Found::One(value) if part.shows_end_of(&value) => {}
                Found::Missing if !is_required => {}
                Found::One(_) | Found::Missing | Found::Malformed => return Err(RejectionKind::MissingField),
            }
        }
        if !has_well_formed_digest(signed, source) {
            return Err(RejectionKind::MissingField);
        }
        Ok(())
    }
}

/// The time and the ID in the head, as they are written: they are not looked for twice.
#[derive(Default)]
pub(super) struct Texts<'a> {
    pub(super) time: Option<Cow<'a, [u8]>>,
    pub(super) id: Option<Cow<'a, [u8]>>,
}
