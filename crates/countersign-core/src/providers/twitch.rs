//! Twitch: <https://dev.twitch.tv/docs/eventsub/handling-webhook-events/>

use crate::{
    event::AnyEvent,
    provider::{Handshake, Place, Provider, Reply, Scheme, grammar::*},
};

/// [Twitch](https://dev.twitch.tv/docs/eventsub/handling-webhook-events/) streams videos. This page
/// is for EventSub.
///
/// ```text
/// Twitch-Eventsub-Message-Id: befa7b53-d79d-478f-86b9-120f112b044e
/// Twitch-Eventsub-Message-Timestamp: 2022-12-20T16:12:57.123456789Z
/// Twitch-Eventsub-Message-Signature: sha256=e32ac33fa53a3db6ed281b9223ca365d3311390344f591a48a8af30798b129ee
/// Twitch-Eventsub-Message-Type: notification
/// ```
///
/// The hex HMAC-SHA256 of `{id}{time}{body}` behind `sha256=`. The key is the subscription's secret
/// as set, of 10 to 100 ASCII characters.
///
/// **Protected**: every byte of the body, the ID and the time of sending
/// ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the other headers, and replays within the tolerance of 10 min: an attacker
/// who recorded a delivery can send it again. Deduplication prevents that.
///
/// Notifications and revocations have the same URL. `Twitch-Eventsub-Message-Type` says which, but
/// is not signed. Look at the body: a notification has an `event`.
///
/// **Handshake**: for a new subscription, Twitch sends a signed `webhook_callback_verification`.
/// countersign answers it with its `challenge`, and the handler does not see it. It is told from
/// deliveries by its body, which has a `challenge` and no event, and not by the unsigned type.
///
/// Source: `twitchdev/twitch-cli` (`internal/events/trigger/forward_event.go`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Twitch {}

impl Provider for Twitch {
    type Event = AnyEvent;

    const NAME: &'static str = "twitch";
    const TITLE: &'static str = "Twitch";
    const DOCS: &'static str = "https://dev.twitch.tv/docs/eventsub/handling-webhook-events/";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, header("twitch-eventsub-message-signature"), Hex)
        .prefix("sha256=")
        .id(header("twitch-eventsub-message-id"))
        .time(header("twitch-eventsub-message-timestamp"), Unit::Rfc3339)
        .tolerance(minutes(10))
        .over(&[Id, Time, Body]);
    const EVENT: Option<Place> = Some(json("subscription.type"));
    const HANDSHAKES: &'static [Handshake] = &[Handshake::signed()
        .has(json("challenge"))
        .has_no(json("event"))
        .has_no(json("events"))
        .answer(Reply::echo(json("challenge")))];
}
