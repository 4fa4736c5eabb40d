//! The grammar of signatures.

use super::{encoding::decode, reading::Single};
use crate::{error::RejectionKind, scheme::Coding};

/// A full HMAC-SHA256 tag, decoded.
pub(super) type Tag = [u8; 32];

/// Reads the tag in `header`: exactly one header, exactly `prefix` and 64 hex digits in either
/// case, or as many characters of base64.
#[inline]
pub(super) fn read(header: &Single<'_>, prefix: &str, coding: Coding) -> Result<Tag, RejectionKind> {
    match header {
        Single::Missing => Err(RejectionKind::MissingSignature),
        Single::One(value) => parse(value, prefix, coding).ok_or(RejectionKind::MalformedSignature),
        Single::Repeated => Err(RejectionKind::MalformedSignature),
    }
}

/// `prefix`, then the tag, and nothing before, between or after.
#[inline]
fn parse(value: &[u8], prefix: &str, coding: Coding) -> Option<Tag> {
    let text = value.strip_prefix(prefix.as_bytes())?;
    if matches!(coding, Coding::Hex) {
        // Checks the length first: the decoder would strip `0x` before the digits.
        let digits: &[u8; 64] = text.try_into().ok()?;
        return const_hex::decode_to_array(digits).ok();
    }
    let mut tag = Tag::default();
    let length = decode(text, coding, &mut tag)?.len();
    (length == tag.len()).then_some(tag)
}

#[cfg(test)]
#[path = "signature_tests.rs"]
mod tests;
