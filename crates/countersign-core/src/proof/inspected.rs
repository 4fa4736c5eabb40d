//! What a head has to have for a scheme with a signature.

use std::{borrow::Cow, time::SystemTime};

use super::{
    candidates::{self, Signatures},
    source::{Found, Source, one},
    template::has_well_formed_digest,
    timing,
};
use crate::{
    error::RejectionKind,
    scheme::{Part, Signed},
};

/// The well-formed parts of a proof in the head.
pub(crate) struct Inspected {
    /// `None` if the signature is in the body.
    pub(super) signatures: Option<Signatures>,
    /// The time in the head.
    pub(super) time: Option<SystemTime>,
}

impl Inspected {
    /// Reads all that the head has to have, before a byte of the body is read.
    pub(super) fn read<'a>(signed: &Signed, source: &'a dyn Source) -> Result<(Self, Texts<'a>), RejectionKind> {
        let mut texts = Texts::default();
        let is_in_body = signed.places.iter().flatten().any(|place| place.is_in_body());
        let signatures = if is_in_body { None } else { Some(candidates::read(signed, source)?) };
        let time = match &signed.time {
            Some((place, unit)) if !place.is_in_body() => {
                let text = one(source, place).or(RejectionKind::MissingTimestamp, RejectionKind::MalformedTimestamp)?;
                let time = timing::read(&text, *unit).ok_or(RejectionKind::MalformedTimestamp)?;
                texts.time = Some(text);
                Some(time)
            }
            _ => None,
        };
        if let Some(place) = signed.id.filter(|place| !place.is_in_body()) {
            let id = one(source, &place).or(RejectionKind::MissingField, RejectionKind::MissingField)?;
            if id.is_empty() {
                return Err(RejectionKind::MissingField);
            }
            texts.id = Some(id);
        }
        let fields = signed.parts.iter().filter_map(|part| match part {
            Part::Field(place) => Some((part, *place, true)),
            Part::Optional(_, place, _) => Some((part, *place, false)),
            _ => None,
        });
        for (part, place, is_required) in fields.filter(|(_, place, _)| !place.is_in_body()) {
            match one(source, &place) {
                Found::One(value) if value.is_empty() && is_required => return Err(RejectionKind::MissingField),
                Found::One(value) if part.is_ambiguous(&value) => return Err(RejectionKind::MissingField),
                Found::One(_) => {}
                Found::Missing if !is_required => {}
                Found::Missing | Found::Malformed => return Err(RejectionKind::MissingField),
            }
        }
        if !has_well_formed_digest(signed, source) {
            return Err(RejectionKind::MissingField);
        }
        Ok((Self { signatures, time }, texts))
    }
}

/// The time and the ID in the head, as they are written: they are not looked for twice.
#[derive(Default)]
pub(super) struct Texts<'a> {
    pub(super) time: Option<Cow<'a, [u8]>>,
    pub(super) id: Option<Cow<'a, [u8]>>,
}
