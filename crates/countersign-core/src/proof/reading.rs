//! What the verifier uses of the headers, found in one pass over them.

use super::content_coding;
use crate::scheme::{Kind, Place, PlaceKind, Scheme};

/// What the verifier uses of the headers.
pub(crate) struct Head<'a> {
    /// The largest length that is declared, in bytes.
    pub(crate) declared: Option<u64>,
    /// Whether there is a content coding that would have to be undone.
    pub(crate) is_encoded: bool,
    pub(crate) lines: Lines<Single<'a>>,
}

/// Something for each header of which one line is read, by what it holds: the name of the header, or
/// the line. Two may be in the same header.
#[derive(Clone, Copy, Default)]
pub(crate) struct Lines<T> {
    /// The scheme's.
    pub(crate) signatures: [T; 2],
    pub(crate) time: T,
    pub(crate) id: T,
    /// The page's: what the proof may not cover.
    pub(crate) sent_at: T,
    pub(crate) event: T,
    pub(crate) delivery_id: T,
}

impl Lines<Option<&'static str>> {
    /// The headers of a scheme. Of a list there are none: it is not known before which of its schemes
    /// a delivery has.
    pub(crate) const fn of(scheme: &Scheme) -> Self {
        const NONE: Lines<Option<&'static str>> =
            Lines { signatures: [None; 2], time: None, id: None, sent_at: None, event: None, delivery_id: None };
        let Kind::Signed(signed) = &scheme.0 else { return NONE };
        let [first, second] = &signed.places;
        let time = match signed.time {
            Some((place, _)) => Self::name(Some(place)),
            None => None,
        };
        Self { signatures: [Self::name(*first), Self::name(*second)], time, id: Self::name(signed.id), ..NONE }
    }

    /// The header of a place, if one line of it is read.
    pub(crate) const fn name(place: Option<Place>) -> Option<&'static str> {
        match place {
            Some(Place(PlaceKind::Headers(_))) | None => None,
            Some(place) => place.as_header(),
        }
    }
}

impl<'a> Head<'a> {
    /// Reads `headers`: the lines of `names`, and what limits the body.
    #[inline(always)]
    pub(crate) fn read(headers: impl Iterator<Item = (&'a str, &'a [u8])>, names: Lines<Option<&'static str>>) -> Self {
        let mut found = Self { declared: None, is_encoded: false, lines: Lines::default() };
        let Lines { signatures: [first, second], .. } = names;
        for (name, value) in headers {
            let add = |line: &mut Single<'a>, wanted: Option<&str>| {
                if wanted.is_some_and(|wanted| name.eq_ignore_ascii_case(wanted)) {
                    line.add(value);
                }
            };
            let lines = &mut found.lines;
            let [signature, other] = &mut lines.signatures;
            add(signature, first);
            add(other, second);
            add(&mut lines.time, names.time);
            add(&mut lines.id, names.id);
            add(&mut lines.sent_at, names.sent_at);
            add(&mut lines.event, names.event);
            add(&mut lines.delivery_id, names.delivery_id);
            if name.eq_ignore_ascii_case("content-length") {
                found.declared = found.declared.max(length(value));
            } else if name.eq_ignore_ascii_case("content-encoding") {
                found.is_encoded |= content_coding::is_encoded(value);
            }
        }
        found
    }
}

/// The one value of a header that must not be repeated.
#[derive(Clone, Copy, Default)]
pub(crate) enum Single<'a> {
    #[default]
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
    let number = digits.iter().try_fold(0_u64, |number, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit <= 9).then(|| number.saturating_mul(10).saturating_add(digit.into()))
    });
    number.filter(|_| !digits.is_empty())
}

#[cfg(test)]
#[path = "reading_tests.rs"]
mod tests;
