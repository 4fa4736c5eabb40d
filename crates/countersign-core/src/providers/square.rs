//! Square: <https://developer.squareup.com/docs/webhooks/step3validate>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [Square](https://developer.squareup.com/docs/webhooks/step3validate) processes payments.
///
/// ```text
/// X-Square-HmacSha256-Signature: 2kRE5qRU2tR+tBGlDwMEw2avJ7QM4ikPYD/PJ3bd9Og=
/// ```
///
/// The base64 HMAC-SHA256 of the notification URL and the body. The key is the subscription's
/// signature key as issued.
///
/// **Protected**: every byte of the body and the URL ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending. An attacker who recorded a delivery can send it again.
///
/// The URL is the one in the dashboard, character by character, and not the one that arrives behind
/// a proxy. The older `X-Square-Signature` (HMAC-SHA1) is not read.
///
/// Source: `square/square-python-sdk@24302ba` (`src/square/utils/webhooks_helper.py`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Square {}

impl Provider for Square {
    type Event = AnyEvent;

    const NAME: &'static str = "square";
    const TITLE: &'static str = "Square";
    const DOCS: &'static str = "https://developer.squareup.com/docs/webhooks/step3validate";
    const SCHEME: Scheme =
        Scheme::signed(HmacSha256, header("x-square-hmacsha256-signature"), Base64).over(&[Url, Body]);
    const EVENT: Option<Place> = Some(json("type"));
    const ID: Option<Place> = Some(json("event_id"));
}
