//! Svix: <https://docs.svix.com/receiving/verifying-payloads/how-manual>

use std::time::Duration;

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Retries, Scheme, grammar::*},
    providers::StandardWebhooks,
};

/// [Svix](https://docs.svix.com/receiving/verifying-payloads/how-manual) sends webhooks for many
/// other services.
///
/// ```text
/// Svix-Id: msg_2KWPBgLlAfxdpx2AI54pPJ85f4W
/// Svix-Timestamp: 1674087231
/// Svix-Signature: v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
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
/// The sender chooses where the event's name is: it is `type` in most bodies.
///
/// Depending on the sender's plan, the headers begin with `webhook-` instead of `svix-`. Both are
/// accepted, and never a mix of them.
///
/// Sources: `svix/svix-docs`, `svix/svix-webhooks@4fc0cfb`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Svix {}

impl Provider for Svix {
    type Event = AnyEvent;

    const NAME: &'static str = "svix";
    const TITLE: &'static str = "Svix";
    const DOCS: &'static str = "https://docs.svix.com/receiving/verifying-payloads/how-manual";
    const SCHEME: Scheme = Scheme::any_of(&[SVIX, StandardWebhooks::SCHEME]);
    const EVENT: Option<Place> = Some(json("type"));
    const RETRIES: Retries = Retries::new().deadline(Duration::from_secs(15)).delays(DELAYS);
}

/// Standard Webhooks with other header names.
pub(super) const SVIX: Scheme = Scheme::signed(HmacSha256, member("svix-signature", ", ", "v1"), Base64)
    .key(Key::Base64(&["whsec_"]))
    .id(header("svix-id"))
    .time(header("svix-timestamp"), Unit::Seconds)
    .over(&[Id, Text("."), Time, Text("."), Body]);

/// The delays before the retries.
pub(super) const DELAYS: &[Duration] = &[
    Duration::from_secs(5),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 60 * 60),
    Duration::from_secs(5 * 60 * 60),
    Duration::from_secs(10 * 60 * 60),
    Duration::from_secs(10 * 60 * 60),
];
