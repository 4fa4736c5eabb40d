//! What is known of a rejection in addition to its kind: lengths, shapes and addresses.

use std::fmt;

use super::{BodyLengths, JudgedSource};
use crate::scheme::Place;

/// The details of a [`Rejection`](crate::Rejection): lengths, shapes and addresses, never a value
/// of the body, a secret or a signature. `Display` is the text of the log. More may be added.
///
/// ```
/// use countersign_core::{RejectionDetail, Verifier, providers::Zeodyn};
///
/// let head = http::Request::post("/webhooks/zeodyn").header("content-length", "2000000").body(()).unwrap();
/// let rejection = Verifier::<Zeodyn>::new("an example secret").verify(&head, "").unwrap_err();
/// let Some(RejectionDetail::Lengths(lengths)) = rejection.detail() else { panic!("413 says lengths") };
/// assert_eq!((lengths.declared(), lengths.limit()), (Some(2_000_000), Some(1_048_576)));
/// assert_eq!(lengths.to_string(), "2000000 bytes were declared, and the limit is 1048576 bytes");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RejectionDetail {
    /// The method, of a 405.
    Method(MethodShape),
    /// The lengths of the body, of a 413, 408 or 400.
    Lengths(BodyLengths),
    /// The address that was judged, of a source that is not allowed.
    Source(JudgedSource),
    /// The value in the place of the event's time, if it cannot be read.
    EventTime(ValueShape),
    /// The place at which there is no signature, although its header is there: in a list, members with
    /// other names are skipped.
    NotInHeader(Place),
}

impl fmt::Display for RejectionDetail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method(method) => method.fmt(f),
            Self::Lengths(lengths) => lengths.fmt(f),
            Self::Source(source) => source.fmt(f),
            Self::EventTime(shape) => write!(f, "the time of the event is {shape}"),
            Self::NotInHeader(place) => write!(f, "{place} is missing, although the header is there"),
        }
    }
}

/// The shape of a method that is not POST: its name if it is a usual one, or else its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MethodShape {
    name: Option<&'static str>,
    length: usize,
    is_allow_added: bool,
}

impl MethodShape {
    pub(crate) fn of(method: &str, is_allow_added: bool) -> Self {
        const USUAL: [&str; 8] = ["GET", "HEAD", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];
        let name = USUAL.into_iter().find(|name| *name == method);
        // RFC 9110: methods are case-sensitive.
        let name = name.or_else(|| method.eq_ignore_ascii_case("POST").then_some("POST in another case"));
        Self { name, length: method.len(), is_allow_added }
    }

    /// Returns the name, if it is a method of RFC 9110 or RFC 5789.
    pub fn name(&self) -> Option<&'static str> {
        self.name
    }

    /// Whether the framework adds `Allow` to a response that has none.
    pub(crate) fn is_allow_added(&self) -> bool {
        self.is_allow_added
    }
}

impl fmt::Display for MethodShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name {
            Some(name) => write!(f, "the method is {name}"),
            None => write!(f, "the method is an unusual one of {} bytes", self.length),
        }
    }
}

/// The type of a JSON value, with its length. The value itself is not in it. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValueShape {
    /// `true` or `false`.
    Boolean,
    /// A number of so many characters.
    Number(usize),
    /// A text of so many bytes.
    Text(usize),
    /// A list.
    List,
    /// An object.
    Object,
}

impl fmt::Display for ValueShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean => f.write_str("a boolean"),
            Self::Number(length) => write!(f, "a number of {length} characters"),
            Self::Text(length) => write!(f, "a text of {length} bytes that is not an RFC 3339 time with a zone"),
            Self::List => f.write_str("a list"),
            Self::Object => f.write_str("an object"),
        }
    }
}
