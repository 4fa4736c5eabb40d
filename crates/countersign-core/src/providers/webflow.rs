//! Webflow: <https://developers.webflow.com/data/docs/working-with-webhooks>

use std::time::Duration;

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Retries, Scheme, grammar::*},
};

/// [Webflow](https://developers.webflow.com/data/docs/working-with-webhooks) hosts websites.
///
/// ```text
/// X-Webflow-Signature: 77e5604feeaf6e01a08279bc5c0248cd2f8a9b19b941df356bfb485daaeff0a8
/// X-Webflow-Timestamp: 1671552777123
/// ```
///
/// The hex HMAC-SHA256 of `{time}:{body}`. The time is in milliseconds. (The samples hash
/// re-serialized JSON. The signature actually covers the bytes as sent.) The key is the webhook's
/// secret or the OAuth application's client secret, as issued.
///
/// **Protected**: every byte of the body and the time of sending ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: replays within the tolerance of 5 min: an attacker who recorded a delivery
/// can send it again. Deduplication prevents that.
///
/// Webhooks that are made in the dashboard are not signed, and are rejected: make them by the API.
/// The body identifies a delivery.
///
/// Sources: `webflow/js-webflow-api@31e9cf3` (`src/wrapper/WebhooksClient.ts`); the time's unit and
/// tolerance: `hookdeck/webhook-skills`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Webflow {}

impl Provider for Webflow {
    type Event = AnyEvent;

    const NAME: &'static str = "webflow";
    const TITLE: &'static str = "Webflow";
    const DOCS: &'static str = "https://developers.webflow.com/data/docs/working-with-webhooks";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, header("x-webflow-signature"), Hex)
        .time(header("x-webflow-timestamp"), Unit::Milliseconds)
        .tolerance(minutes(5))
        .over(&[Time, Text(":"), Body]);
    const EVENT: Option<Place> = Some(json("triggerType"));
    const RETRIES: Retries =
        Retries::new().deadline(Duration::from_secs(30)).attempts(4).delays(&[Duration::from_secs(10 * 60); 3]);
}
