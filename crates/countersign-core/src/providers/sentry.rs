//! Sentry: <https://docs.sentry.io/organization/integrations/integration-platform/webhooks/>

use std::time::Duration;

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Retries, Scheme, grammar::*},
};

/// [Sentry](https://docs.sentry.io/organization/integrations/integration-platform/webhooks/)
/// monitors errors.
///
/// ```text
/// Sentry-Hook-Signature: 2565cf0fe12c709a591619cb9666bde1b3ad22c84d8741438c2c0f898db29058
/// Sentry-Hook-Resource: issue
/// Sentry-Hook-Timestamp: 1714003345
/// Request-ID: 3b8c4d7e2a3f4f5aa9f5cf1d7a0e0b11
/// ```
///
/// The hex HMAC-SHA256 of the body. The key is the integration's client secret as issued. (The
/// sample in the documentation hashes re-serialized JSON. The signature actually covers the bytes
/// as sent.)
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending (`Sentry-Hook-Timestamp`), `Sentry-Hook-Resource` and
/// `Request-ID`. An attacker who recorded a delivery can send it again, also with another event
/// name or ID. Deduplication therefore uses the body.
///
/// Sentry waits 1 s, and after 1,000 timeouts in 24 h it stops sending. The name of the event is
/// the resource, such as `issue`; what happened to it is `action` in the body.
///
/// Source: `getsentry/sentry-docs@2dfbee9`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Sentry {}

impl Provider for Sentry {
    type Event = AnyEvent;

    const NAME: &'static str = "sentry";
    const TITLE: &'static str = "Sentry";
    const DOCS: &'static str = "https://docs.sentry.io/organization/integrations/integration-platform/webhooks/";
    const SCHEME: Scheme = Scheme::hmac_sha256("sentry-hook-signature", "");
    const EVENT: Option<Place> = Some(header("sentry-hook-resource"));
    const ID: Option<Place> = Some(header("request-id"));
    const SENT_AT: Option<Place> = Some(header("sentry-hook-timestamp"));
    const RETRIES: Retries = Retries::new().deadline(Duration::from_secs(1));
}
