//! The words in which a page writes its scheme: `use countersign_core::provider::grammar::*`.
//!
//! | | |
//! |---|---|
//! | [algorithms](Algorithm) | `HmacSha256`, `HmacSha512`, `HmacSha1`, `Sha256OfSecretAndText`, `Ed25519`, `EcdsaP256`, `RsaSha256` |
//! | [codings](Coding) | `Hex`, `Base64`, `Base64Url` |
//! | [places](Place) with one value | [`header`], [`member`], [`item`], [`authorization`], [`query`], [`json`], [`form`], [`json_in_form`] |
//! | places with several values | [`member`], [`any_member`], [`items_from`], [`repeated_header`], [`numbered_headers`], [`form_members`] |
//! | [parts](Part) of what is signed | `Text`, `Time`, `Id`, `Method`, `Url`, `Body`, `BodySha256`, `SortedForm`, `Field`, `Optional` |
//! | forms of the [`Key`] | `Key::Verbatim`, `Key::Base64`, `Key::Hex`, `Key::With`, `Key::Sha1`, `Key::PublicHex`, … |
//! | times | [`Unit`], [`seconds`], [`minutes`] |
//! | options of a signature | `prefix`, `key`, `or_at`, `id`, `time`, `tolerance`, `any_time`, `with_or_without_port`, `body_digest`: see [`Signed`](super::Signed) |
//!
//! A page's [handshakes](crate::provider::Handshake) are written with the same places.
//!
//! (The examples here write `countersign_core` for `countersign`.)
//!
//! # Examples
//!
//! ```
//! use countersign_core::provider::{Scheme, grammar::*};
//!
//! // One header, one signature of the body, in base64:
//! // X-Acme-Hmac: xVy8…=
//! const BODY: Scheme = Scheme::signed(HmacSha256, header("x-acme-hmac"), Base64).over(&[Body]);
//!
//! // A list in one header, with a time. During a rotation it has several `v1`:
//! // Acme-Signature: t=1614265330,v1=…,v1=…,v0=…
//! const LIST: Scheme = Scheme::signed(HmacSha256, member("acme-signature", "=,", "v1"), Hex)
//!     .time(member("acme-signature", "=,", "t"), Unit::Seconds)
//!     .tolerance(minutes(5))
//!     .over(&[Time, Text("."), Body]);
//!
//! // ID, time and body, and a key in base64 behind a prefix (Standard Webhooks):
//! const STANDARD: Scheme = Scheme::signed(HmacSha256, member("webhook-signature", ", ", "v1"), Base64)
//!     .key(Key::Base64(&["whsec_"]))
//!     .id(header("webhook-id"))
//!     .time(header("webhook-timestamp"), Unit::Seconds)
//!     .over(&[Id, Text("."), Time, Text("."), Body]);
//!
//! // Several headers: X-Acme-Signature-1, X-Acme-Signature-2, …
//! const NUMBERED: Scheme =
//!     Scheme::signed(HmacSha256, numbered_headers("x-acme-signature-"), Base64).over(&[Body]);
//!
//! // Two fixed headers during a rotation, and the time behind the body:
//! const TWO: Scheme = Scheme::signed(HmacSha256, header("acme-primary"), Base64)
//!     .or_at(header("acme-secondary"))
//!     .time(header("acme-timestamp"), Unit::Rfc3339)
//!     .over(&[Body, Time]);
//!
//! // The URL that you registered, and the body:
//! const URL: Scheme = Scheme::signed(HmacSha256, header("x-acme-signature"), Base64).over(&[Url, Body]);
//!
//! // The URL and the fields of a form, sorted (Twilio); or the digest of another body, in the URL:
//! # #[cfg(feature = "sha1")]
//! const FORM: Scheme = Scheme::signed(HmacSha1, header("x-acme-signature"), Base64)
//!     .with_or_without_port()
//!     .body_digest("bodySHA256")
//!     .over(&[Url, SortedForm]);
//!
//! // A signature inside the body, of two of its fields:
//! const FIELDS: Scheme = Scheme::signed(HmacSha256, json("signature"), Hex)
//!     .over(&[Field(json("event.id")), Field(json("event.type"))]);
//!
//! // The same in JSON in a form field:
//! const IN_FORM: Scheme = Scheme::signed(HmacSha256, json_in_form("json", "signature"), Hex)
//!     .over(&[Field(json_in_form("json", "event.id"))]);
//!
//! // A time in the signed body:
//! const INSIDE: Scheme = Scheme::signed(HmacSha256, header("acme-signature"), Hex)
//!     .time(json("sentAt"), Unit::Milliseconds)
//!     .tolerance(seconds(60))
//!     .over(&[Body]);
//!
//! // A static token, HTTP basic authentication, and a signature or else a token:
//! const TOKEN: Scheme = Scheme::token(header("x-acme-token"));
//! const BASIC: Scheme = Scheme::basic();
//! const EITHER: Scheme = Scheme::any_of(&[STANDARD, TOKEN]);
//! ```

use std::time::Duration;

pub use super::{
    Key, Place, Scheme, Unit,
    algorithm::{
        Algorithm::{self, *},
        Coding::{self, *},
    },
    part::Part::{self, *},
};

/// Returns the place of a header that is not repeated: [`Place::header`].
pub const fn header(name: &'static str) -> Place {
    Place::header(name)
}

/// Returns the place of the members `key` of a list in a header: [`Place::member`].
pub const fn member(header: &'static str, delimiters: &'static str, key: &'static str) -> Place {
    Place::member(header, delimiters, key)
}

/// Returns the place of every member of a list in a header: [`Place::any_member`].
pub const fn any_member(header: &'static str, delimiters: &'static str) -> Place {
    Place::any_member(header, delimiters)
}

/// Returns the place of one item of a list without keys in a header: [`Place::item`].
pub const fn item(header: &'static str, separator: &'static str, position: u8) -> Place {
    Place::item(header, separator, position)
}

/// Returns the place of the items from a position on of a list without keys in a header:
/// [`Place::items_from`].
pub const fn items_from(header: &'static str, separator: &'static str, position: u8) -> Place {
    Place::items_from(header, separator, position)
}

/// Returns the place of a header that may be repeated: [`Place::repeated_header`].
pub const fn repeated_header(name: &'static str) -> Place {
    Place::repeated_header(name)
}

/// Returns the place of headers with a number at their end: [`Place::numbered_headers`].
pub const fn numbered_headers(prefix: &'static str) -> Place {
    Place::numbered_headers(prefix)
}

/// Returns the place of the credentials in `Authorization`: [`Place::authorization`].
pub const fn authorization(word: &'static str) -> Place {
    Place::authorization(word)
}

/// Returns the place of a parameter of the URL's query: [`Place::query`].
pub const fn query(name: &'static str) -> Place {
    Place::query(name)
}

/// Returns the place of a value in a JSON body: [`Place::json`].
pub const fn json(path: &'static str) -> Place {
    Place::json(path)
}

/// Returns the place of a field of a form body: [`Place::form`].
pub const fn form(name: &'static str) -> Place {
    Place::form(name)
}

/// Returns the place of a value in JSON in a field of a form body: [`Place::json_in_form`].
pub const fn json_in_form(name: &'static str, path: &'static str) -> Place {
    Place::json_in_form(name, path)
}

/// Returns the place of every member of a list in a form field: [`Place::form_members`].
pub const fn form_members(name: &'static str, delimiters: &'static str) -> Place {
    Place::form_members(name, delimiters)
}

/// Returns a duration in seconds.
pub const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Returns a duration in minutes.
///
/// # Panics
///
/// Panics if it is longer than a duration can be. In a const, that is a compile error.
#[expect(clippy::arithmetic_side_effects, reason = "documented")]
pub const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}
