//! Discord: <https://docs.discord.com/developers/events/webhook-events>

use std::time::Duration;

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Retries, Scheme, grammar::*},
};

/// [Discord](https://docs.discord.com/developers/events/webhook-events) is a messenger for
/// communities. This page is for interactions and webhook events.
///
/// ```text
/// X-Signature-Ed25519: 7feeeee101389d15b56d71ceaa13950e9b97cf9e8283cffa8c4d4e9e9ef9f158e8e78a3ae4ae57aa06ac526e69daa160c87b9bde6bfd54e7df0ef3b15005fc06
/// X-Signature-Timestamp: 1712345678
/// ```
///
/// The hex Ed25519 signature of `{time}{body}`. The key is the application's public key, in hex.
///
/// **Protected**: every byte of the body and the time of sending ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: replays within the tolerance of 15 min: an attacker who recorded a delivery
/// can send it again. Deduplication prevents that. (Discord states no tolerance, and retries
/// webhook events for 10 min.)
///
/// The name of the event is the number in `type`: 1 is a PING among interactions, which the handler
/// has to answer with `{"type":1}`. Webhook events have their name in `event.type`. Discord sends
/// wrong signatures on purpose, and expects a 401. It reads the response to an interaction: do not
/// deduplicate such a route.
///
/// Sources: the provider's documentation or its SDK's source.
///
/// This page needs the feature `ed25519`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Discord {}

impl Provider for Discord {
    type Event = AnyEvent;

    const NAME: &'static str = "discord";
    const TITLE: &'static str = "Discord";
    const DOCS: &'static str = "https://docs.discord.com/developers/events/webhook-events";
    const SCHEME: Scheme = Scheme::signed(Ed25519, header("x-signature-ed25519"), Hex)
        .time(header("x-signature-timestamp"), Unit::Seconds)
        .tolerance(minutes(15))
        .over(&[Time, Body]);
    const EVENT: Option<Place> = Some(json("type"));
    const ID: Option<Place> = Some(json("id"));
    const RETRIES: Retries = Retries::new().deadline(Duration::from_secs(3)).window(Duration::from_secs(10 * 60));
}
