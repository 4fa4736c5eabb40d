//! Sanity: <https://www.sanity.io/docs/webhooks>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [Sanity](https://www.sanity.io/docs/webhooks) manages content.
///
/// ```text
/// Sanity-Webhook-Signature: t=1671552777123,v1=dm2oTyvNgNaVdA09I6laeNlvwZvDfUOcgOYVYJ3IkhE
/// Idempotency-Key: 8c4e8b1d-3a77-4f4c-9d0e-0a0f6f1d2b3c
/// ```
///
/// `v1` is the base64url HMAC-SHA256 of `{t}.{body}`. The time is in milliseconds. The key is the
/// webhook's secret as set.
///
/// **Protected**: every byte of the body and the time of sending ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: `Idempotency-Key`, and replays. Any time is accepted, because Sanity states
/// no tolerance, its own toolkit checks none, and a retry may carry the first time. Set
/// `with_time_tolerance`, or deduplicate. Deduplication uses the body.
///
/// The body is what the webhook's projection says. If it does not change with each revision of a
/// document, a later change is taken for a duplicate: add `_rev` to the projection. The name of the
/// event is the document's `_type`, if the projection has it.
///
/// Without a secret, Sanity sends no signature, and every delivery is rejected.
///
/// Source: `sanity-io/webhook-toolkit@649f5ad` (`src/signature.ts`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Sanity {}

impl Provider for Sanity {
    type Event = AnyEvent;

    const NAME: &'static str = "sanity";
    const TITLE: &'static str = "Sanity";
    const DOCS: &'static str = "https://www.sanity.io/docs/webhooks";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, member("sanity-webhook-signature", "=,", "v1"), Base64Url)
        .time(member("sanity-webhook-signature", "=,", "t"), Unit::Milliseconds)
        .any_time()
        .over(&[Time, Text("."), Body]);
    const EVENT: Option<Place> = Some(json("_type"));
    const ID: Option<Place> = Some(header("idempotency-key"));
}
