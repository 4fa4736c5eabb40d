//! Supabase Auth: <https://supabase.com/docs/guides/auth/auth-hooks>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Retries, Scheme},
    providers::StandardWebhooks,
};

/// [Supabase Auth](https://supabase.com/docs/guides/auth/auth-hooks) manages users. This page is
/// for HTTP hooks, which follow [Standard Webhooks](super::StandardWebhooks).
///
/// ```text
/// Webhook-Id: msg_2KWPBgLlAfxdpx2AI54pPJ85f4W
/// Webhook-Timestamp: 1674087231
/// Webhook-Signature: v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
/// ```
///
/// Each `v1` is the HMAC-SHA256 of `{id}.{time}.{body}` in base64. Several are listed with spaces
/// between them while a secret is rotated; any may match. Other versions, such as `v1a`, are
/// skipped. Supabase also writes a comma behind a signature. The key is the base64 behind
/// `v1,whsec_`. The prefix may be missing.
///
/// **Protected**: every byte of the body, the ID and the time of sending
/// ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: replays within the tolerance of 5 min: an attacker who recorded a delivery
/// can send it again. Deduplication prevents that.
///
/// Supabase acts on the response, which is JSON. Do not deduplicate: a duplicate would be answered
/// without it. A delivery has no event name: give each hook its own URL.
///
/// Source: the sender, `supabase/auth` (`internal/hooks/hookshttp/hookshttp.go`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum SupabaseAuth {}

impl Provider for SupabaseAuth {
    type Event = AnyEvent;

    const NAME: &'static str = "supabase-auth";
    const TITLE: &'static str = "Supabase Auth";
    const DOCS: &'static str = "https://supabase.com/docs/guides/auth/auth-hooks";
    const SCHEME: Scheme = StandardWebhooks::SCHEME;
    const EVENT: Option<Place> = None;
    const RETRIES: Retries = Retries::new().attempts(3);
}
