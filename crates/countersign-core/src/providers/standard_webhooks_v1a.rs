//! Standard Webhooks (v1a): <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [Standard Webhooks
/// (v1a)](https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md)
/// is the asymmetric variant of Standard Webhooks.
///
/// ```text
/// Webhook-Id: msg_2KWPBgLlAfxdpx2AI54pPJ85f4W
/// Webhook-Timestamp: 1674087231
/// Webhook-Signature: v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==
/// ```
///
/// Each `v1a` is the Ed25519 signature of `{id}.{time}.{body}` in base64. Several are listed with
/// spaces between them; any may match. Other versions, such as `v1`, are skipped. The key is the
/// public key in base64 behind `whpk_`. The prefix may be missing.
///
/// **Protected**: every byte of the body, the ID and the time of sending
/// ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: replays within the tolerance of 5 min: an attacker who recorded a delivery
/// can send it again. Deduplication prevents that.
///
/// The specification does not say where the event's name is: it is `type` in most bodies.
///
/// Sources: `standard-webhooks/standard-webhooks@b2fa7b8`, `svix/svix-webhooks@4fc0cfb`
/// (`server/svix-server/src/worker.rs`).
///
/// This page needs the feature `ed25519`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum StandardWebhooksV1a {}

impl Provider for StandardWebhooksV1a {
    type Event = AnyEvent;

    const NAME: &'static str = "standard-webhooks-v1a";
    const TITLE: &'static str = "Standard Webhooks (v1a)";
    const DOCS: &'static str =
        "https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md";
    const SCHEME: Scheme = Scheme::signed(Ed25519, member("webhook-signature", ", ", "v1a"), Base64)
        .key(Key::PublicBase64(&["whpk_"]))
        .id(header("webhook-id"))
        .time(header("webhook-timestamp"), Unit::Seconds)
        .over(&[Id, Text("."), Time, Text("."), Body]);
    const EVENT: Option<Place> = Some(json("type"));
}
