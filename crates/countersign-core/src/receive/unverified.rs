//! The parts of an unverified delivery that a look-up sees.

use std::{borrow::Cow, fmt, sync::OnceLock};

use super::head::RequestHead;
use crate::{
    event::envelope::{self, Paths},
    scheme::Scheme,
};

/// The parts of a head that a look-up may see, copied before the body is read: path, query and
/// headers, without the URL's token. They are one allocation: each part with its length before it.
pub(super) struct Seen(Vec<u8>);

/// How many bytes say the length of a part.
const LENGTH: usize = size_of::<u32>();

impl Seen {
    pub(super) fn of(head: &impl RequestHead, scheme: Scheme) -> Self {
        let query = head.query();
        let kept = query.and_then(|query| scheme.conceal(&format!("?{query}")));
        // Without the query's `?` if the token was all of it.
        let query = match &kept {
            Some(kept) => kept.strip_prefix('?'),
            None => query,
        };
        let headers = || head.headers().flat_map(|(name, value)| [name.as_bytes(), value]);
        let first = [head.path().as_bytes(), &[u8::from(query.is_some())], query.unwrap_or_default().as_bytes()];
        let parts = || first.into_iter().chain(headers());
        let length = parts().fold(0_usize, |sum, part| sum.saturating_add(LENGTH).saturating_add(part.len()));
        let mut text = Vec::with_capacity(length);
        for part in parts() {
            // No server takes a head of 4 GiB; a part that were longer would be cut.
            let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
            text.extend_from_slice(&length.to_be_bytes());
            text.extend(part.iter().take(length as usize));
        }
        Self(text)
    }

    fn parts(&self) -> Parts<'_> {
        Parts(&self.0)
    }

    /// It was a `str`.
    fn str(&self, index: usize) -> &str {
        self.parts().nth(index).and_then(|part| std::str::from_utf8(part).ok()).unwrap_or_default()
    }
}

struct Parts<'a>(&'a [u8]);

impl<'a> Iterator for Parts<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.0.split_first_chunk()?;
        let (part, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        self.0 = rest;
        Some(part)
    }
}

/// The ID in the body. Once the look-up has asked for it, the event has to carry it.
pub(super) type UnverifiedId<'a> = OnceLock<Option<Cow<'a, str>>>;

/// An unverified delivery: the input of a [`SecretLookup`](crate::SecretLookup). Its head was
/// checked and its body is complete, but an attacker may have sent it.
///
/// It lives as long as the look-up. `Debug` does not show its content.
pub struct UnverifiedDelivery<'a> {
    seen: &'a Seen,
    start: &'a [u8],
    paths: Paths,
    id: &'a UnverifiedId<'a>,
}

impl<'a> UnverifiedDelivery<'a> {
    pub(super) fn new(seen: &'a Seen, start: &'a [u8], paths: Paths, id: &'a UnverifiedId<'a>) -> Self {
        Self { seen, start, paths, id }
    }

    /// Returns the path of the URL as received, not decoded. (In a nested axum router, it is the
    /// whole path only with the feature `axum`.)
    pub fn path(&self) -> &'a str {
        self.seen.str(0)
    }

    /// Returns the query of the URL as received, without the `?`, not decoded, and without the
    /// URL's token.
    pub fn query(&self) -> Option<&'a str> {
        (self.seen.parts().nth(1) == Some(&[1])).then(|| self.seen.str(2))
    }

    /// Returns every value of the header `name` (in either case), in the order received.
    pub fn header_values<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s [u8]> {
        // Behind the path and the query.
        let mut parts = self.seen.parts().skip(3);
        let headers = std::iter::from_fn(move || parts.next().zip(parts.next()));
        headers.filter(move |(found, _)| found.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| value)
    }

    /// Returns the ID of the resource from the body, such as GeoScored's `scan_id`: a string, or an
    /// integer as its decimal text. Only the first 16 KiB of the body are read. `None` if the ID is
    /// longer than 256 bytes, empty, or of another type.
    ///
    /// If you call this, a delivery is rejected unless the verified event has the same
    /// [`resource_id`](crate::Delivery::resource_id). Otherwise a body with two IDs could be signed
    /// with the secret of one resource, and handled as an event of the other.
    pub fn unverified_id(&self) -> Option<&'a str> {
        self.id.get_or_init(|| envelope::unverified_id(self.start, self.paths)).as_deref()
    }
}

impl fmt::Debug for UnverifiedDelivery<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedDelivery").finish_non_exhaustive()
    }
}
