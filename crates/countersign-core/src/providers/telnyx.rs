//! Telnyx: <https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [Telnyx](https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks) sends
/// messages and makes calls.
///
/// ```text
/// Telnyx-Signature-Ed25519: eaU4s0M48XZmdWyj6Yq7iupCLhlf8mgw3H4Z3SxvmIghlUSJy/E54at2UE35+61KDjElZHkecH2tjlguh+bwlw==
/// Telnyx-Timestamp: 1671552777
/// ```
///
/// The base64 Ed25519 signature of `{time}|{body}`. The key is the account's public key as issued,
/// in base64.
///
/// **Protected**: every byte of the body and the time of sending ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: replays within the tolerance of 5 min: an attacker who recorded a delivery
/// can send it again. Deduplication prevents that.
///
/// The key belongs to the account: all endpoints have the same. Name endpoints with `with_endpoint`
/// if each has to handle an event that several get.
///
/// Source: `team-telnyx/telnyx-python` (`src/telnyx/lib/webhook_verification.py`).
///
/// This page needs the feature `ed25519`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Telnyx {}

impl Provider for Telnyx {
    type Event = AnyEvent;

    const NAME: &'static str = "telnyx";
    const TITLE: &'static str = "Telnyx";
    const DOCS: &'static str = "https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks";
    const SCHEME: Scheme = Scheme::signed(Ed25519, header("telnyx-signature-ed25519"), Base64)
        .key(Key::PublicBase64(&[]))
        .time(header("telnyx-timestamp"), Unit::Seconds)
        .tolerance(minutes(5))
        .over(&[Time, Text("|"), Body]);
    const EVENT: Option<Place> = Some(json("data.event_type"));
    const ID: Option<Place> = Some(json("data.id"));
}
