//! What the verifier uses of the headers, found in one pass over them.

use super::content_coding;
use crate::scheme::Place;

/// What the verifier uses of the headers.
pub(crate) struct Head<'a> {
    /// The largest length that is declared, in bytes.
    pub(crate) declared: Option<u64>,
    /// Whether there is a content coding that would have to be undone.
    pub(crate) is_encoded: bool,
    pub(crate) signature: Single<'a>,
    pub(crate) sent_at: Single<'a>,
}

impl<'a> Head<'a> {
    /// Reads `headers`: the header `signature` of a plain scheme, the time of sending at `sent_at`,
    /// and what limits the body.
    #[inline(always)]
    pub(crate) fn read(
        headers: impl Iterator<Item = (&'a str, &'a [u8])>,
        signature: Option<&'static str>,
        sent_at: Option<Place>,
    ) -> Self {
        let sent_at = sent_at.and_then(|place| place.as_header());
        let mut found =
            Self { declared: None, is_encoded: false, signature: Single::Missing, sent_at: Single::Missing };
        for (name, value) in headers {
            let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
            if signature.is_some_and(is) {
                found.signature.add(value);
            } else if is("content-length") {
                found.declared = found.declared.max(length(value));
            } else if is("content-encoding") {
                found.is_encoded |= content_coding::is_encoded(value);
            } else if sent_at.is_some_and(is) {
                found.sent_at.add(value);
            }
        }
        found
    }
}

/// The one value of a header that must not be repeated.
pub(crate) enum Single<'a> {
    Missing,
    One(&'a [u8]),
    Repeated,
}

impl<'a> Single<'a> {
    #[inline]
    pub(crate) fn add(&mut self, value: &'a [u8]) {
        *self = match self {
            Self::Missing => Self::One(value),
            Self::One(_) | Self::Repeated => Self::Repeated,
        };
    }
}

/// Reads a declared length. A value that is not a number is not a declaration: the received bytes
/// are counted. Digits that fit no integer are more than any limit.
#[inline]
fn length(value: &[u8]) -> Option<u64> {
    let digits = value.trim_ascii();
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    is_number.then(|| std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()).unwrap_or(u64::MAX))
}

#[cfg(test)]
#[path = "reading_tests.rs"]
mod tests;
