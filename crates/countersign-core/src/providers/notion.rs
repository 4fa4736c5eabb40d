//! Notion: <https://developers.notion.com/reference/webhooks>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [Notion](https://developers.notion.com/reference/webhooks) is a workspace for documents.
///
/// ```text
/// X-Notion-Signature: sha256=461e8cbcba8a75c3edd866f0e71280f5a85cbf21eff040ebd10fe266df38a735
/// ```
///
/// The hex HMAC-SHA256 of the body behind `sha256=`. The key is the `verification_token` as issued,
/// including `secret_`.
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending. An attacker who recorded a delivery can send it again.
/// (`timestamp` is the time of the event.)
///
/// The token arrives in the first delivery, which is not signed, and which this page rejects: read
/// the token from a separate, temporary endpoint, and do not log it.
///
/// Source: `makenotion/notion-sdk-js@9060802` (`src/webhooks.ts`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Notion {}

impl Provider for Notion {
    type Event = AnyEvent;

    const NAME: &'static str = "notion";
    const TITLE: &'static str = "Notion";
    const DOCS: &'static str = "https://developers.notion.com/reference/webhooks";
    const SCHEME: Scheme = Scheme::hmac_sha256("x-notion-signature", "sha256=");
    const EVENT: Option<Place> = Some(json("type"));
    const ID: Option<Place> = Some(json("id"));
    const OCCURRED_AT: Option<Place> = Some(json("timestamp"));
}
