//! Clerk: <https://clerk.com/docs/guides/development/webhooks/overview>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Retries, Scheme, grammar::*},
    providers::svix::{SVIX, Svix},
};

/// [Clerk](https://clerk.com/docs/guides/development/webhooks/overview) manages users. Its webhooks
/// are sent by [Svix](super::Svix).
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
/// Source: `clerk/javascript@e21ae9a` (`packages/backend/src/webhooks.ts`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Clerk {}

impl Provider for Clerk {
    type Event = AnyEvent;

    const NAME: &'static str = "clerk";
    const TITLE: &'static str = "Clerk";
    const DOCS: &'static str = "https://clerk.com/docs/guides/development/webhooks/overview";
    const SCHEME: Scheme = SVIX;
    const EVENT: Option<Place> = Some(json("type"));
    const RETRIES: Retries = Svix::RETRIES;
}
