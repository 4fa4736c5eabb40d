//! The grammar of signatures.

use super::reading::Single;
use crate::error::RejectionKind;

/// A full HMAC-SHA256 tag, decoded.
pub(super) type Tag = [u8; 32];

/// Reads the tag in `header`: exactly one header, exactly `prefix` and 64 hex digits in either
/// case.
#[inline]
pub(super) fn read(header: &Single<'_>, prefix: &str) -> Result<Tag, RejectionKind> {
    match header {
        Single::Missing => Err(RejectionKind::MissingSignature),
        Single::One(value) => parse(value, prefix).ok_or(RejectionKind::MalformedSignature),
        Single::Repeated => Err(RejectionKind::MalformedSignature),
    }
}

/// `prefix`, then 64 hex digits, and nothing before, between or after.
#[inline]
fn parse(value: &[u8], prefix: &str) -> Option<Tag> {
    let digits = value.strip_prefix(prefix.as_bytes())?;
    // Checks the length first: the decoder would strip `0x` before the digits.
    let digits: &[u8; 64] = digits.try_into().ok()?;
    const_hex::decode_to_array(digits).ok()
}

#[cfg(test)]
#[path = "signature_tests.rs"]
mod tests;
