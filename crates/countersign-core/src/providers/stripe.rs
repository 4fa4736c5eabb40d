//! Stripe: <https://docs.stripe.com/webhooks/signature>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [Stripe](https://docs.stripe.com/webhooks/signature) processes payments.
///
/// ```text
/// Stripe-Signature: t=1614265330,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd,v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39
/// ```
///
/// Each `v1` is the hex HMAC-SHA256 of `{t}.{body}`. There are several while a secret is rolled;
/// any may match. `v0` is ignored. The key is the secret as issued, including `whsec_`: unlike with
/// Standard Webhooks, it is not base64.
///
/// **Protected**: every byte of the body and the time of sending ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: replays within the tolerance of 5 min: an attacker who recorded a delivery
/// can send it again. Deduplication prevents that.
///
/// Each endpoint has its own secret, and so has the Stripe CLI. Connect uses a separate endpoint
/// with a separate secret. Thin events (`v2.core.event`) have another shape than snapshot events.
///
/// Source: `stripe/stripe-node@6639421` (`src/Webhooks.ts`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Stripe {}

impl Provider for Stripe {
    type Event = AnyEvent;

    const NAME: &'static str = "stripe";
    const TITLE: &'static str = "Stripe";
    const DOCS: &'static str = "https://docs.stripe.com/webhooks/signature";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, member("stripe-signature", "=,", "v1"), Hex)
        .time(member("stripe-signature", "=,", "t"), Unit::Seconds)
        .tolerance(minutes(5))
        .over(&[Time, Text("."), Body]);
    const EVENT: Option<Place> = Some(json("type"));
    const ID: Option<Place> = Some(json("id"));
}
