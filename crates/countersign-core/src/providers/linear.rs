//! Linear: <https://linear.app/developers/webhooks>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [Linear](https://linear.app/developers/webhooks) tracks issues.
///
/// ```text
/// Linear-Signature: 766e1d90a96e2f5ecec342a99c5552999dd95d49250171b902d703fd674f5086
/// Linear-Delivery: 234d1a4e-b617-4388-90fe-adc3633d6b72
/// ```
///
/// The hex HMAC-SHA256 of the body. The time of sending is `webhookTimestamp` in the body, in
/// milliseconds. The key is the signing secret as issued.
///
/// **Protected**: every byte of the body and the time of sending ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: `Linear-Delivery`, and replays within the tolerance of 1 min: an attacker who
/// recorded a delivery can send it again, also with another ID. Deduplication prevents that: it
/// uses the body.
///
/// The name of the event is `type`, such as `Issue`; what happened to it is `action` in the body. A
/// retry with a new `webhookTimestamp` is another body, and is handled again.
///
/// Source: `linear/linear@8335e09` (`packages/sdk/src/webhooks/client.ts`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Linear {}

impl Provider for Linear {
    type Event = AnyEvent;

    const NAME: &'static str = "linear";
    const TITLE: &'static str = "Linear";
    const DOCS: &'static str = "https://linear.app/developers/webhooks";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, header("linear-signature"), Hex)
        .time(json("webhookTimestamp"), Unit::Milliseconds)
        .tolerance(minutes(1))
        .over(&[Body]);
    const EVENT: Option<Place> = Some(json("type"));
    const ID: Option<Place> = Some(header("linear-delivery"));
}
