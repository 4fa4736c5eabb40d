//! Resend: <https://resend.com/docs/dashboard/webhooks/introduction>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Retries, Scheme, grammar::*},
    providers::Svix,
};

/// [Resend](https://resend.com/docs/dashboard/webhooks/introduction) sends e-mail. Its webhooks are
/// sent by [Svix](super::Svix).
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
/// Headers that begin with `webhook-` instead of `svix-` are accepted, too.
///
/// Source: `resend/resend-node` (`src/webhooks/webhooks.ts`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Resend {}

impl Provider for Resend {
    type Event = AnyEvent;

    const NAME: &'static str = "resend";
    const TITLE: &'static str = "Resend";
    const DOCS: &'static str = "https://resend.com/docs/dashboard/webhooks/introduction";
    const SCHEME: Scheme = Svix::SCHEME;
    const EVENT: Option<Place> = Some(json("type"));
    const RETRIES: Retries = Svix::RETRIES;
}
