//! ElevenLabs: <https://elevenlabs.io/docs/product-guides/administration/webhooks>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [ElevenLabs](https://elevenlabs.io/docs/product-guides/administration/webhooks) makes speech.
///
/// ```text
/// ElevenLabs-Signature: t=1671552777,v0=e853b4e183ed08708fa41b2f88448464fcfd3b5e1b60d5ab5be260189df707b0
/// ```
///
/// `v0` is the hex HMAC-SHA256 of `{t}.{body}`. (It does not follow Standard Webhooks, as some
/// lists have it.) The key is the webhook's secret as issued.
///
/// **Protected**: every byte of the body and the time of sending ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: replays within the tolerance of 30 min: an attacker who recorded a delivery
/// can send it again. Deduplication prevents that. (The tolerance is that of ElevenLabs' own SDK.)
///
/// The body identifies a delivery: the ID in it is that of the conversation.
///
/// Source: `elevenlabs/elevenlabs-python@54e5899` (`src/elevenlabs/webhooks_custom.py`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum ElevenLabs {}

impl Provider for ElevenLabs {
    type Event = AnyEvent;

    const NAME: &'static str = "elevenlabs";
    const TITLE: &'static str = "ElevenLabs";
    const DOCS: &'static str = "https://elevenlabs.io/docs/product-guides/administration/webhooks";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, member("elevenlabs-signature", "=,", "v0"), Hex)
        .time(member("elevenlabs-signature", "=,", "t"), Unit::Seconds)
        .tolerance(minutes(30))
        .over(&[Time, Text("."), Body]);
    const EVENT: Option<Place> = Some(json("type"));
}
