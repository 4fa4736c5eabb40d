//! Paddle: <https://developer.paddle.com/webhooks/signature-verification>

use std::time::Duration;

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Retries, Scheme, grammar::*},
};

/// [Paddle](https://developer.paddle.com/webhooks/signature-verification) is a merchant of record
/// for software (Paddle Billing, not Paddle Classic).
///
/// ```text
/// Paddle-Signature: ts=1671552777;h1=eb4d0dc8853be92b7f063b9f3ba5233eb920a09459b6e6b2c26705b4364db151
/// ```
///
/// Each `h1` is the hex HMAC-SHA256 of `{ts}:{body}`. There are several while a secret is rotated;
/// any may match. The key is the secret as issued, including `pdl_ntfset_`.
///
/// **Protected**: every byte of the body and the time of sending ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: replays within the tolerance of 5 min: an attacker who recorded a delivery
/// can send it again. Deduplication prevents that.
///
/// The tolerance of Paddle's own SDK is 5 s, which rejects genuine deliveries that were queued, or
/// if clocks differ. Here it is 5 min; set another with `with_time_tolerance`.
///
/// Source: `PaddleHQ/paddle-node-sdk@b8ee4b1` (`src/notifications/helpers/webhooks-validator.ts`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Paddle {}

impl Provider for Paddle {
    type Event = AnyEvent;

    const NAME: &'static str = "paddle";
    const TITLE: &'static str = "Paddle";
    const DOCS: &'static str = "https://developer.paddle.com/webhooks/signature-verification";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, member("paddle-signature", "=;", "h1"), Hex)
        .time(member("paddle-signature", "=;", "ts"), Unit::Seconds)
        .tolerance(minutes(5))
        .over(&[Time, Text(":"), Body]);
    const EVENT: Option<Place> = Some(json("event_type"));
    const ID: Option<Place> = Some(json("event_id"));
    const RETRIES: Retries = Retries::new().deadline(Duration::from_secs(5));
}
