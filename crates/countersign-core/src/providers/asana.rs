//! Asana: <https://developers.asana.com/docs/webhooks-guide>

use std::time::Duration;

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Retries, Scheme},
};

/// [Asana](https://developers.asana.com/docs/webhooks-guide) manages projects.
///
/// ```text
/// X-Hook-Signature: 4de4a07ad031569c0eb2743672e9938dc098599f7f97e7dbe92fad9498a60d53
/// ```
///
/// The hex HMAC-SHA256 of the body. The key is the `X-Hook-Secret` as issued.
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending. An attacker who recorded a delivery can send it again.
///
/// A delivery is a batch: its events are in `events` and have no IDs, so that the body identifies
/// it. `events` may be empty: Asana sends heartbeats.
///
/// Each webhook has its own secret, so give each its own URL, or look the secret up. The secret
/// arrives in the first delivery, in `X-Hook-Secret`, which is not signed, and which this page
/// rejects: read it from a separate, temporary endpoint, which sends it back in the same header,
/// and do not log it.
///
/// Source: `Asana/developer-docs`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Asana {}

impl Provider for Asana {
    type Event = AnyEvent;

    const NAME: &'static str = "asana";
    const TITLE: &'static str = "Asana";
    const DOCS: &'static str = "https://developers.asana.com/docs/webhooks-guide";
    const SCHEME: Scheme = Scheme::hmac_sha256("x-hook-signature", "");
    const EVENT: Option<Place> = None;
    const RETRIES: Retries = Retries::new().deadline(Duration::from_secs(10)).window(Duration::from_secs(24 * 60 * 60));
}
