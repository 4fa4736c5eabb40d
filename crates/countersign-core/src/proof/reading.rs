//! What the verifier uses of the headers, found in one pass over them.

use crate::scheme::Place;

/// What the verifier uses of the headers.
pub(crate) struct Head<'a> {
    /// Whether a declared length is over the limit.
    pub(crate) declares_too_much: bool,
    /// Whether there is a content coding other than `identity`, which means none.
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
        body_limit: usize,
    ) -> Self {
        let sent_at = sent_at.and_then(|place| place.as_header());
        let mut found =
            Self { declares_too_much: false, is_encoded: false, signature: Single::Missing, sent_at: Single::Missing };
        for (name, value) in headers {
            let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
            if signature.is_some_and(is) {
                found.signature.add(value);
            } else if is("content-length") {
                found.declares_too_much |= declares_more_than(value, body_limit);
            } else if is("content-encoding") {
                found.is_encoded |= !is_identity(value);
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

/// A value that is not a number is not a declaration: the received bytes are counted.
#[inline]
fn declares_more_than(value: &[u8], limit: usize) -> bool {
    let value = value.trim_ascii();
    !value.is_empty()
        && value.iter().all(u8::is_ascii_digit)
        && std::str::from_utf8(value).is_ok_and(|digits| {
            // Digits that fit no integer are more than any limit.
            digits
                .parse::<u64>()
                .ok()
                .and_then(|length| usize::try_from(length).ok())
                .is_none_or(|length| length > limit)
        })
}

#[inline]
fn is_identity(codings: &[u8]) -> bool {
    codings.split(|&byte| byte == b',').all(|coding| {
        let coding = coding.trim_ascii();
        coding.is_empty() || coding.eq_ignore_ascii_case(b"identity")
    })
}

#[cfg(test)]
#[path = "reading_tests.rs"]
mod tests;
