//! Lemon Squeezy: <https://docs.lemonsqueezy.com/help/webhooks/signing-requests>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [Lemon Squeezy](https://docs.lemonsqueezy.com/help/webhooks/signing-requests) is a merchant of
/// record for software.
///
/// ```text
/// X-Signature: bbe3ce6bc14b80ff998b40ae48d75e18ae7cf467e688ddee0a0daa62059be6bb
/// X-Event-Name: order_created
/// ```
///
/// The hex HMAC-SHA256 of the body. The key is the webhook's signing secret as set.
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending. An attacker who recorded a delivery can send it again.
///
/// A delivery has no ID: the body identifies it. `X-Event-Name` is not signed, and is ignored: the
/// event's name is `meta.event_name` in the body.
///
/// Source: `lmsqueezy/nextjs-billing` (`src/app/api/webhook/route.ts`), a sample.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum LemonSqueezy {}

impl Provider for LemonSqueezy {
    type Event = AnyEvent;

    const NAME: &'static str = "lemon-squeezy";
    const TITLE: &'static str = "Lemon Squeezy";
    const DOCS: &'static str = "https://docs.lemonsqueezy.com/help/webhooks/signing-requests";
    const SCHEME: Scheme = Scheme::hmac_sha256("x-signature", "");
    const EVENT: Option<Place> = Some(json("meta.event_name"));
}
