//! Increase: <https://increase.com/documentation/webhooks>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
    providers::StandardWebhooks,
};

/// [Increase](https://increase.com/documentation/webhooks) is a bank with an API. Its webhooks
/// follow [Standard Webhooks](super::StandardWebhooks).
///
/// ```text
/// Webhook-Id: msg_2KWPBgLlAfxdpx2AI54pPJ85f4W
/// Webhook-Timestamp: 1674087231
/// Webhook-Signature: v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
/// ```
///
/// Each `v1` is the HMAC-SHA256 of `{id}.{time}.{body}` in base64. Several are listed with spaces
/// between them while a secret is rotated; any may match. Other versions, such as `v1a`, are
/// skipped. The key is the base64 behind `whsec_`. The prefix may be missing.
///
/// **Protected**: every byte of the body, the ID and the time of sending
/// ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: replays within the tolerance of 5 min: an attacker who recorded a delivery
/// can send it again. Deduplication prevents that.
///
/// Source: `Increase/increase-python` (`src/increase/resources/events.py`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Increase {}

impl Provider for Increase {
    type Event = AnyEvent;

    const NAME: &'static str = "increase";
    const TITLE: &'static str = "Increase";
    const DOCS: &'static str = "https://increase.com/documentation/webhooks";
    const SCHEME: Scheme = StandardWebhooks::SCHEME;
    const EVENT: Option<Place> = Some(json("category"));
}
