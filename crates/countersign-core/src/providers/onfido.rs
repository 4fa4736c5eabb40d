//! Onfido: <https://documentation.onfido.com/#webhooks>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [Onfido](https://documentation.onfido.com/#webhooks) verifies identities.
///
/// ```text
/// X-SHA2-Signature: ed92cb33c83fdae02f985e0635c19aaaa48617f5b6b913e9678461ecc74a6165
/// ```
///
/// The hex HMAC-SHA256 of the body. The key is the webhook's token as issued.
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending. An attacker who recorded a delivery can send it again.
///
/// The body identifies a delivery: the ID in it is that of the resource.
///
/// Source: `onfido/onfido-python@04baf27` (`onfido/webhook_event_verifier.py`). The header's name
/// is unconfirmed.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Onfido {}

impl Provider for Onfido {
    type Event = AnyEvent;

    const NAME: &'static str = "onfido";
    const TITLE: &'static str = "Onfido";
    const DOCS: &'static str = "https://documentation.onfido.com/#webhooks";
    const SCHEME: Scheme = Scheme::hmac_sha256("x-sha2-signature", "");
    const EVENT: Option<Place> = Some(json("payload.action"));
}
