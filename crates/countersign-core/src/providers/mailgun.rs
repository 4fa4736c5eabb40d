//! Mailgun: <https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [Mailgun](https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks)
/// sends e-mail.
///
/// ```text
/// {"signature":{"timestamp":"1529006854","token":"a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3de0","signature":"d2271d12299f6592d9d44cd9d250f0704e4674c30d79d07c47a66f95ce71cf55"},"event-data":{"event":"opened"}}
/// ```
///
/// The hex HMAC-SHA256 of `{timestamp}{token}`, in the body. The key is the webhook signing key as
/// issued.
///
/// **Protected**: only `timestamp` and `token` ([`Trust::Unbound`](crate::Trust)).
///
/// **Not protected**: the event. An attacker who recorded one delivery can put its signature into
/// any other body. Deduplication uses the token, so that it accepts each signature once: Mailgun
/// advises the same. An attacker who holds a delivery back can use up its signature: the genuine event
/// is then a duplicate. Any time is accepted: set `with_time_tolerance`, or a recorded signature can
/// be used again once the store has forgotten it.
///
/// `with_minimum_trust(Trust::Signed)` rejects every delivery. Ask Mailgun's API before you act on
/// an event that matters.
///
/// Source: `mailgun/mailgun-go@d7f2dd4` (`webhooks.go`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Mailgun {}

impl Provider for Mailgun {
    type Event = AnyEvent;

    const NAME: &'static str = "mailgun";
    const TITLE: &'static str = "Mailgun";
    const DOCS: &'static str = "https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, json("signature.signature"), Hex)
        .time(json("signature.timestamp"), Unit::Seconds)
        .any_time()
        .over(&[Time, Field(json("signature.token"))]);
    const EVENT: Option<Place> = Some(json("event-data.event"));
    const ID: Option<Place> = Some(json("signature.token"));
}
