//! Twilio: <https://www.twilio.com/docs/usage/webhooks/webhooks-security>

use std::time::Duration;

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Retries, Scheme, grammar::*},
};

/// [Twilio](https://www.twilio.com/docs/usage/webhooks/webhooks-security) sends messages and makes
/// calls.
///
/// ```text
/// X-Twilio-Signature: 0/KCTR6DLpKmkAf8muzZqo1nDgQ=
/// ```
///
/// The base64 HMAC-SHA1 of the URL and the form fields, sorted by name. If the body is not a form,
/// the URL has a parameter `bodySHA256` with the digest of the body instead. The key is the
/// account's auth token as issued; an API key does not sign.
///
/// **Protected**: the names and values of the form's fields and the URL, or every byte of a body
/// that is not a form ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending. An attacker who recorded a delivery can send it again.
/// In a form, neither the order of the fields is signed nor where a name ends and its value begins.
///
/// The URL is the one that you gave Twilio, character by character, including its query, a trailing
/// slash, and a user's name and password. It is accepted with and without the standard port,
/// because Twilio signs one or the other.
///
/// A delivery has no event name. Its status is in a field such as `MessageStatus` or `CallStatus`.
/// Twilio reads the response to a message or a call as TwiML, and may send equal forms more than once
/// within a call: do not deduplicate a route that answers with TwiML, because a duplicate is answered
/// with an empty body.
///
/// Sources: `twilio/twilio-python@306691e` (`twilio/request_validator.py`), `twilio/twilio-node`
/// (`spec/validation.spec.js`).
///
/// This page needs the feature `sha1`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Twilio {}

impl Provider for Twilio {
    type Event = AnyEvent;

    const NAME: &'static str = "twilio";
    const TITLE: &'static str = "Twilio";
    const DOCS: &'static str = "https://www.twilio.com/docs/usage/webhooks/webhooks-security";
    const SCHEME: Scheme = Scheme::signed(HmacSha1, header("x-twilio-signature"), Base64)
        .with_or_without_port()
        .body_digest("bodySHA256")
        .over(&[Url, SortedForm]);
    const EVENT: Option<Place> = None;
    const RETRIES: Retries = Retries::new().deadline(Duration::from_secs(15));
}
