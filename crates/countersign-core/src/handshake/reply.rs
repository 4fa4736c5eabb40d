//! The answer to a handshake.

use super::Mac;
use crate::scheme::Place;

const NOSNIFF: (&str, &str) = ("x-content-type-options", "nosniff");
/// A cache compares URLs, but an answer may depend on a header, and on the secret of the moment.
const NO_STORE: (&str, &str) = ("cache-control", "no-store");
const TEXT: &[(&str, &str)] = &[("content-type", "text/plain"), NOSNIFF, NO_STORE];
const JSON: &[(&str, &str)] = &[("content-type", "application/json"), NOSNIFF, NO_STORE];

/// The answer to a [`Handshake`](super::Handshake): a status, a content type and a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: &'static [(&'static str, &'static str)],
    pub(crate) body: ReplyBody,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReplyBody {
    Empty,
    Json(&'static str),
    Echo(Place),
    Object(&'static [(&'static str, ReplyValue)]),
}

/// A value in the JSON of a [`Reply`]. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReplyValue {
    /// The value at a place of the request: at most 1 KiB of printable ASCII.
    Echo(Place),
    /// A MAC of a value of the request.
    Mac(Mac),
}

impl Reply {
    /// Answers with `status`, which is a 2xx, and an empty body of the type `text/plain`.
    ///
    /// # Panics
    ///
    /// Panics if `status` is not 200 to 299. In a const, that is a compile error.
    pub const fn empty(status: u16) -> Self {
        assert!(200 <= status && status <= 299, "a handshake is answered with a 2xx: another status rejects it");
        Self { status, headers: TEXT, body: ReplyBody::Empty }
    }

    /// Answers with a fixed JSON text, such as `{"type":1}`.
    pub const fn json(json: &'static str) -> Self {
        Self { status: 200, headers: JSON, body: ReplyBody::Json(json) }
    }

    /// Answers with the value at `place`, as `text/plain`. In a query, a plus is a space.
    pub const fn echo(place: Place) -> Self {
        Self { status: 200, headers: TEXT, body: ReplyBody::Echo(place) }
    }

    /// Answers with a JSON object: each name and its value, which is a string.
    ///
    /// # Panics
    ///
    /// Panics if it is empty, or a name has to be escaped in JSON. In a const, that is a compile
    /// error.
    #[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over a const")]
    pub const fn object(values: &'static [(&'static str, ReplyValue)]) -> Self {
        assert!(!values.is_empty(), "the answer is an empty object: name its values, or use `Reply::json`");
        let mut i = 0;
        while i < values.len() {
            super::check::visible(values[i].0);
            i += 1;
        }
        Self { status: 200, headers: JSON, body: ReplyBody::Object(values) }
    }

    /// Answers with `status`, which is a 2xx, these headers and an empty body.
    ///
    /// # Panics
    ///
    /// Panics if `status` is not 200 to 299, or a header is not written in lower case and visible
    /// ASCII. In a const, that is a compile error.
    pub const fn headers(status: u16, headers: &'static [(&'static str, &'static str)]) -> Self {
        super::check::headers(headers);
        Self { headers, ..Self::empty(status) }
    }

    /// The places of the values that it answers with.
    pub(crate) fn places(&self) -> impl Iterator<Item = Place> {
        let (echo, values): (_, &'static [(_, ReplyValue)]) = match self.body {
            ReplyBody::Echo(place) => (Some(place), &[]),
            ReplyBody::Object(values) => (None, values),
            ReplyBody::Empty | ReplyBody::Json(_) => (None, &[]),
        };
        echo.into_iter().chain(values.iter().map(|(_, value)| value.place()))
    }

    pub(crate) const fn values(&self) -> &'static [(&'static str, ReplyValue)] {
        match self.body {
            ReplyBody::Object(values) => values,
            ReplyBody::Empty | ReplyBody::Json(_) | ReplyBody::Echo(_) => &[],
        }
    }
}

impl ReplyValue {
    pub(crate) const fn place(&self) -> Place {
        match self {
            Self::Echo(place) => *place,
            Self::Mac(mac) => mac.place,
        }
    }
}
