//! The signatures that a delivery gives: any of them may match.

use super::{
    encoding::decode,
    reading::{Lines, Single},
    source::{Found, Source, each, one, within, without_prefix},
};
use crate::{
    error::RejectionKind,
    scheme::{Algorithm, Place, PlaceKind, Signed},
};

/// How many signatures are tried. The others are not looked at.
pub(super) const MOST: usize = 8;

/// The longest signature that is decoded, in bytes: RSA with 4096 bits.
const LONGEST: usize = 512;

/// A decoded signature.
#[derive(Clone)]
pub(super) enum Signature {
    /// Most: in place, without an allocation.
    Short {
        bytes: [u8; 64],
        length: usize,
    },
    Long(Box<[u8]>),
}

impl Signature {
    pub(super) fn as_slice(&self) -> &[u8] {
        match self {
            Self::Short { bytes, length } => bytes.get(..*length).unwrap_or_default(),
            Self::Long(bytes) => bytes,
        }
    }
}

/// The signatures of a delivery.
#[derive(Default)]
pub(super) struct Signatures {
    pub(super) first: Option<Signature>,
    /// Empty unless a secret is being rotated, and an empty `Vec` allocates nothing.
    pub(super) more: Vec<Signature>,
}

/// Collects signatures.
struct Collecting<'s> {
    signed: &'s Signed,
    found: &'s mut Signatures,
    is_missing: bool,
}

impl Collecting<'_> {
    fn add(&mut self, text: &[u8]) {
        self.is_missing = false;
        let found = &mut *self.found;
        if found.first.is_none() {
            parse(self.signed, text, &mut found.first);
        } else if found.more.len() < MOST.saturating_sub(1) {
            let mut signature = None;
            parse(self.signed, text, &mut signature);
            found.more.extend(signature);
        }
    }

    fn finish(self) -> Result<(), RejectionKind> {
        match self.found.first {
            Some(_) => Ok(()),
            None if self.is_missing => Err(RejectionKind::MissingSignature),
            None => Err(RejectionKind::MalformedSignature),
        }
    }
}

/// Reads the signatures in the head to `found`. What is not a signature is skipped, unless nothing
/// else is there.
pub(super) fn read(
    signed: &Signed,
    lines: &Lines<Single<'_>>,
    source: &dyn Source,
    found: &mut Signatures,
) -> Result<(), RejectionKind> {
    let mut collecting = Collecting { signed, found, is_missing: true };
    for (place, line) in signed.places.iter().zip(lines.signatures) {
        let Some(place) = place else { continue };
        match place.0 {
            PlaceKind::Query(_) => match one(source, place) {
                Found::One(value) => collecting.add(&value),
                Found::Malformed => return Err(RejectionKind::MalformedSignature),
                Found::Missing => {}
            },
            // A header that may be repeated: any value may match.
            PlaceKind::Headers(_) | PlaceKind::Numbered(_) => {
                each(source, place, &mut |value| collecting.add(value));
            }
            _ => match line {
                Single::Missing => {}
                // In a list, members with other keys are skipped: a list without our version has no signature.
                Single::One(line) => within(line, place, &mut |value| collecting.add(value)),
                Single::Repeated => return Err(RejectionKind::MalformedSignature),
            },
        }
    }
    collecting.finish()
}

/// Reads the signatures in the text at a place in the body.
pub(super) fn read_in_body(signed: &Signed, place: &Place, text: &[u8]) -> Result<Signatures, RejectionKind> {
    let mut found = Signatures::default();
    let mut collecting = Collecting { signed, found: &mut found, is_missing: false };
    within(text, place, &mut |value| collecting.add(value));
    collecting.finish()?;
    Ok(found)
}

/// Reads the prefix, then a signature of the right length, and nothing else. It is decoded in place,
/// because to move it around would cost a part of the hash.
fn parse(signed: &Signed, text: &[u8], found: &mut Option<Signature>) {
    *found = None;
    let Some(text) = without_prefix(text, signed.prefix.as_bytes()) else { return };
    let Some(length) = signed.algorithm.length() else {
        let mut bytes = [0; LONGEST];
        let is_possible = |length: usize| match signed.algorithm {
            Algorithm::EcdsaP256 => (8..=72).contains(&length),
            _ => length >= 256,
        };
        let long = decode(text, signed.coding, &mut bytes).filter(|long| is_possible(long.len()));
        *found = long.map(|long| Signature::Long(long.to_vec().into()));
        return;
    };
    if let Signature::Short { bytes, .. } = found.insert(Signature::Short { bytes: [0; 64], length })
        && let Some(room) = bytes.get_mut(..length)
        && decode(text, signed.coding, room).is_some_and(|decoded| decoded.len() == length)
    {
        return;
    }
    *found = None;
}
