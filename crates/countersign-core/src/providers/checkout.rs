//! Checkout.com: <https://www.checkout.com/docs/developer-resources/event-notifications/receive-webhooks>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [Checkout.com](https://www.checkout.com/docs/developer-resources/event-notifications/receive-webhooks)
/// processes payments.
///
/// ```text
/// Cko-Signature: c7761e58969f7edd498186641b2021e8477e1bcd230de4cf3435242da4a40d14
/// ```
///
/// The hex HMAC-SHA256 of the body. The key is the workflow's signature key as set.
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending. An attacker who recorded a delivery can send it again.
///
/// The workflow's settings have two keys. The header key, which is sent as `Authorization`, signs
/// nothing and is ignored.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Checkout {}

impl Provider for Checkout {
    type Event = AnyEvent;

    const NAME: &'static str = "checkout";
    const TITLE: &'static str = "Checkout.com";
    const DOCS: &'static str = "https://www.checkout.com/docs/developer-resources/event-notifications/receive-webhooks";
    const SCHEME: Scheme = Scheme::hmac_sha256("cko-signature", "");
    const EVENT: Option<Place> = Some(json("type"));
    const ID: Option<Place> = Some(json("id"));
}
