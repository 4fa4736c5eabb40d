//! Discord: <https://docs.discord.com/developers/events/webhook-events>

use std::time::Duration;

use crate::{
    event::AnyEvent,
    provider::{Handshake, Place, Provider, Reply, Retries, Scheme, grammar::*},
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
/// The name of the event is the number in `type`. Webhook events have their name in `event.type`.
///
/// **Handshakes**: countersign answers the signed PING of interactions (type 1, with a `token`) with
/// `{"type":1}`, and that of webhook events (type 0) with 204. The handler sees neither. Discord
/// also sends wrong signatures on purpose, and expects a 401.
///
/// Discord reads the response to an interaction: do not deduplicate such a route.
///
/// Sources: `discord/discord-api-docs@c98d64b`, `discord/discord-interactions-js@ed17947`.
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
    const HANDSHAKES: &'static [Handshake] = &[
        // Type 1 is an event among webhook events, which have no token.
        Handshake::signed().when(json("type"), "1").has(json("token")).answer(Reply::json(r#"{"type":1}"#)),
        Handshake::signed().when(json("type"), "0").answer(Reply::empty(204)),
    ];
    const RETRIES: Retries = Retries::new().deadline(Duration::from_secs(3)).window(Duration::from_secs(10 * 60));
}
