//! Polar: <https://polar.sh/docs/integrate/webhooks/delivery>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
    providers::standard_webhooks::VERBATIM,
};

/// [Polar](https://polar.sh/docs/integrate/webhooks/delivery) is a merchant of record for software.
/// Its webhooks have the headers of [Standard Webhooks](super::StandardWebhooks), but another form
/// of the key.
///
/// ```text
/// Webhook-Id: msg_2KWPBgLlAfxdpx2AI54pPJ85f4W
/// Webhook-Timestamp: 1674087231
/// Webhook-Signature: v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
/// ```
///
/// Each `v1` is the HMAC-SHA256 of `{id}.{time}.{body}` in base64. Several are listed with spaces
/// between them while a secret is rotated; any may match. Other versions, such as `v1a`, are
/// skipped. The key is the secret as issued, including `polar_whs_`: unlike with Standard Webhooks,
/// it is not base64.
///
/// **Protected**: every byte of the body, the ID and the time of sending
/// ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: replays within the tolerance of 5 min: an attacker who recorded a delivery
/// can send it again. Deduplication prevents that.
///
/// Source: `polarsource/polar-js` (`src/webhooks.ts`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Polar {}

impl Provider for Polar {
    type Event = AnyEvent;

    const NAME: &'static str = "polar";
    const TITLE: &'static str = "Polar";
    const DOCS: &'static str = "https://polar.sh/docs/integrate/webhooks/delivery";
    const SCHEME: Scheme = VERBATIM;
    const EVENT: Option<Place> = Some(json("type"));
}
