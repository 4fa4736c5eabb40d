//! Standard Webhooks: <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [Standard
/// Webhooks](https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md)
/// is a specification that many providers follow. For a provider without its own page, use this
/// one.
///
/// ```text
/// Webhook-Id: msg_2KWPBgLlAfxdpx2AI54pPJ85f4W
/// Webhook-Timestamp: 1674087231
/// Webhook-Signature: v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
/// ```
///
/// Each `v1` is the HMAC-SHA256 of `{id}.{time}.{body}` in base64. Several are listed with spaces
/// between them while a secret is rotated; any may match. Other versions, such as `v1a`, are
/// skipped. The key is the base64 behind `whsec_`. The prefix may be missing.
///
/// **Protected**: every byte of the body, the ID and the time of sending
/// ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: replays within the tolerance of 5 min: an attacker who recorded a delivery
/// can send it again. Deduplication prevents that.
///
/// The specification does not say where the event's name is: it is `type` in most bodies.
///
/// The prefix `v1,whsec_`, as Supabase writes it, is accepted, too. A provider that uses the secret
/// verbatim needs its own page.
///
/// Source: `standard-webhooks/standard-webhooks@b2fa7b8`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum StandardWebhooks {}

impl Provider for StandardWebhooks {
    type Event = AnyEvent;

    const NAME: &'static str = "standard-webhooks";
    const TITLE: &'static str = "Standard Webhooks";
    const DOCS: &'static str =
        "https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, member("webhook-signature", ", ", "v1"), Base64)
        .key(Key::Base64(&["v1,whsec_", "whsec_"]))
        .id(header("webhook-id"))
        .time(header("webhook-timestamp"), Unit::Seconds)
        .over(&[Id, Text("."), Time, Text("."), Body]);
    const EVENT: Option<Place> = Some(json("type"));
}

/// Standard Webhooks with a key that is not base64.
pub(super) const VERBATIM: Scheme = Scheme::signed(HmacSha256, member("webhook-signature", ", ", "v1"), Base64)
    .id(header("webhook-id"))
    .time(header("webhook-timestamp"), Unit::Seconds)
    .over(&[Id, Text("."), Time, Text("."), Body]);
