//! The signatures that a delivery gives: any of them may match.

use super::{
    encoding::decode,
    reading::Single,
    source::{Found, Source, each, one, within},
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

/// The signatures of a delivery: at least one.
pub(super) struct Signatures {
    pub(super) first: Signature,
    /// Empty unless a secret is being rotated, and an empty `Vec` allocates nothing.
    pub(super) more: Vec<Signature>,
}

/// Collects signatures.
struct Collecting<'s> {
    signed: &'s Signed,
    found: Option<Signatures>,
    is_missing: bool,
}

impl Collecting<'_> {
    fn add(&mut self, text: &[u8]) {
        self.is_missing = false;
        let Some(signature) = parse(self.signed, text) else { return };
        match &mut self.found {
            None => self.found = Some(Signatures { first: signature, more: Vec::new() }),
            Some(found) if found.more.len() < MOST.saturating_sub(1) => found.more.push(signature),
            Some(_) => {}
        }
    }

    fn finish(self) -> Result<Signatures, RejectionKind> {
        match self.found {
            Some(signatures) => Ok(signatures),
            None if self.is_missing => Err(RejectionKind::MissingSignature),
            None => Err(RejectionKind::MalformedSignature),
        }
    }
}

/// Reads the signatures in the head. What is not a signature is skipped, unless nothing else is
/// there.
pub(super) fn read(signed: &Signed, source: &dyn Source) -> Result<Signatures, RejectionKind> {
    let mut collecting = Collecting { signed, found: None, is_missing: true };
    for place in signed.places.iter().flatten() {
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
            _ => {
                let header = place.as_header().unwrap_or_default();
                match source.header(header) {
                    Single::Missing => {}
                    // In a list, members with other keys are skipped: a list without our version has no signature.
                    Single::One(value) => within(value, place, &mut |value| collecting.add(value)),
                    Single::Repeated => return Err(RejectionKind::MalformedSignature),
                }
            }
        }
    }
    collecting.finish()
}

/// Reads the signatures in the text at a place in the body.
pub(super) fn read_in_body(signed: &Signed, place: &Place, text: &[u8]) -> Result<Signatures, RejectionKind> {
    let mut collecting = Collecting { signed, found: None, is_missing: false };
    within(text, place, &mut |value| collecting.add(value));
    collecting.finish()
}

/// Removes a prefix. Byte by byte: a call of `memcmp` for a few bytes takes longer.
fn without_prefix<'a>(text: &'a [u8], prefix: &[u8]) -> Option<&'a [u8]> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.iter().eq(prefix).then_some(rest)
}

/// The prefix, then a signature of the right length, and nothing else.
fn parse(signed: &Signed, text: &[u8]) -> Option<Signature> {
    let text = without_prefix(text, signed.prefix.as_bytes())?;
    match signed.algorithm.length() {
        Some(length) => {
            let mut bytes = [0; 64];
            let found = decode(text, signed.coding, bytes.get_mut(..length)?)?.len();
            (found == length).then_some(Signature::Short { bytes, length })
        }
        None => {
            let mut bytes = [0; LONGEST];
            let found = decode(text, signed.coding, &mut bytes)?;
            let is_possible = match signed.algorithm {
                Algorithm::EcdsaP256 => (8..=72).contains(&found.len()),
                _ => found.len() >= 256,
            };
            is_possible.then(|| Signature::Long(found.into()))
        }
    }
}
