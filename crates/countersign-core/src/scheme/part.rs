//! The parts of a signed text.

use super::place::Place;

/// A part of what is signed. The parts are joined in their order, with nothing between them. More
/// kinds may be added.
///
/// ```
/// use countersign_core::provider::{Scheme, grammar::*};
///
/// // `v0:1614265330:{"id":"1"}`
/// const SCHEME: Scheme = Scheme::signed(HmacSha256, header("x-acme-signature"), Hex)
///     .prefix("v0=")
///     .time(header("x-acme-timestamp"), Unit::Seconds)
///     .over(&[Text("v0:"), Time, Text(":"), Body]);
/// assert_eq!(SCHEME.to_string(), "`x-acme-signature: v0=` + hex HMAC-SHA256 of `v0:{time}:{body}`");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Part {
    /// A fixed text, such as `.`.
    Text(&'static str),
    /// The time, as it is written at the scheme's [place of the time](super::Signed::time).
    ///
    /// Where no [`Text`](Self::Text) stands between it and another part, only its length shows where
    /// it ends. Then a number of seconds has to have 10 digits, and of milliseconds 13 (the years
    /// 2001 to 2286).
    Time,
    /// The ID, as it is written at the scheme's [place of the ID](super::Signed::id).
    Id,
    /// The method of the request: `POST`.
    Method,
    /// The public URL of the endpoint, as you registered it with the provider.
    ///
    /// It is configured, and never read from the request: an attacker can choose `Host` and
    /// `X-Forwarded-*`. A verifier for such a scheme is created with
    /// [`new_at`](crate::Verifier::new_at).
    Url,
    /// The raw body, every byte as received.
    Body,
    /// The SHA-256 digest of the raw body, in lower-case hex.
    BodySha256,
    /// The fields of a form body, sorted by name: each name and its value, with nothing between
    /// them. Of a repeated name, each different value counts once, in order.
    ///
    /// Any body is read as a form. A form with more than 1024 fields is rejected.
    ///
    /// The order of the fields and their percent-encoding are not signed, and neither is where a
    /// name ends and its value begins. So equal deliveries may have different bodies, and
    /// [`delivery_id`](crate::Delivery::delivery_id) uses the sorted form instead of the body. A
    /// single field is not covered: it is neither an ID nor a name to rely on.
    SortedForm,
    /// The value at a place. (For the time of sending use [`Time`](Self::Time): the age of a field is
    /// not checked.) A header, a parameter or a form field is required. A JSON value that is
    /// missing or `null` is an empty text; a number is taken as written.
    ///
    /// Where nothing that a value cannot contain stands between two of them, an attacker can move its
    /// end: `1` and `23` are the same text as `12` and `3`. Do not use such a value as the [ID of a
    /// delivery](crate::provider::Provider::ID). An [`Optional`](Self::Optional) value with a text
    /// behind it cannot contain that text.
    Field(Place),
    /// The value at a place between two fixed texts, or nothing at all if the place is missing. A
    /// value that contains the text behind it is rejected: it could stand for two parts.
    Optional(&'static str, Place, &'static str),
}

impl Part {
    /// Whether the end of an optional value can be seen in the signed text.
    pub(crate) fn shows_end_of(&self, value: &[u8]) -> bool {
        match self {
            Self::Optional(_, _, after) => {
                after.is_empty() || !value.windows(after.len()).any(|part| part == after.as_bytes())
            }
            _ => true,
        }
    }

    /// The place that is read for this part itself.
    pub(crate) const fn place(&self) -> Option<Place> {
        match self {
            Self::Field(place) | Self::Optional(_, place, _) => Some(*place),
            _ => None,
        }
    }

    /// Whether the whole body has to be known before this part is.
    pub(crate) const fn needs_body(&self) -> bool {
        match self {
            Self::BodySha256 | Self::SortedForm => true,
            Self::Field(place) | Self::Optional(_, place, _) => place.is_in_body(),
            _ => false,
        }
    }

    pub(super) const fn is_text(&self) -> bool {
        matches!(self, Self::Text(text) if !text.is_empty())
    }

    pub(crate) const fn is_body(&self) -> bool {
        matches!(self, Self::Body | Self::BodySha256 | Self::SortedForm)
    }
}
