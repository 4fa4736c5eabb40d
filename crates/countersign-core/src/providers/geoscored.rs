//! GeoScored: <https://geoscored.ai/docs/webhooks>

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    event::LocalDateTime,
    events,
    provider::{Envelope, Identity, Place, Provider, Retries, Scheme, Scope, field},
};

/// [GeoScored](https://geoscored.ai/docs/webhooks) audits websites for generative engines.
///
/// ```text
/// X-GeoScored-Signature = "v1=" 64HEXDIG ; HMAC-SHA256 of the raw body
/// ```
///
/// The key is the secret as it was issued, `whsec_` included: it is not base64, and nothing is
/// stripped.
///
/// Each scan has its own secret, which is returned once, when the scan is created. Keep it in a
/// [`SecretMap`](crate::SecretMap), or look it up by `scan_id` with a
/// [`SecretLookup`](crate::SecretLookup), until well after the scan's last event: a delivery whose
/// answer got lost is retried. A fixed secret is for the test endpoint, whose `scan.test` is signed
/// with the secret that the test returns.
///
/// ```
/// use countersign_core::{SecretMap, Verifier, providers::GeoScored};
///
/// let secrets = SecretMap::new();
/// let per_scan = Verifier::<GeoScored>::from_lookup(secrets.clone());
/// let fixed = Verifier::<GeoScored>::new("s3cr3t");
/// ```
///
/// **Protected**: every byte of the body, so [`Trust::Signed`](crate::Trust), and a scan's secret
/// signs only for that scan. **What remains**: the time of delivery is not signed. An attacker who
/// recorded a delivery can send it again, for as long as its secret is kept.
/// `X-GeoScored-Timestamp` is **not signed**: it is offered as
/// [`sent_at`](crate::Delivery::sent_at), and proves nothing. A sender of well-formed signatures
/// can make you look up any ID.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum GeoScored {}

impl Provider for GeoScored {
    type Event = GeoScoredEvent;

    const NAME: &'static str = "geoscored";
    const TITLE: &'static str = "GeoScored";
    const DOCS: &'static str = "https://geoscored.ai/docs/webhooks";
    const SCHEME: Scheme = Scheme::hmac_sha256("x-geoscored-signature", "v1=");
    const RETRIES: Retries = Retries::new()
        .deadline(Duration::from_secs(10))
        .attempts(3)
        .delays(&[Duration::from_secs(5), Duration::from_secs(30)])
        .window(Duration::from_secs(2 * 60));
    const SECRETS: Scope = Scope::Resource;
    const SENT_AT: Option<Place> = Some(Place::header("x-geoscored-timestamp"));

    /// Every test event is about the same `test_00000000`.
    fn identity<'a>(envelope: &Envelope<'a>) -> Identity<'a> {
        match envelope.event() {
            "scan.test" => Identity::Test,
            "scan.completed" | "scan.failed" => envelope.by_resource_id(),
            _ => Identity::Body,
        }
    }
}

events! {
    /// What GeoScored [sends](https://geoscored.ai/docs/webhooks).
    pub enum GeoScoredEvent {
        id: ["scan_id"];
        /// A scan is complete.
        "scan.completed" => ScanCompleted(Scan) at scan_id,
        /// A scan failed.
        "scan.failed" => ScanFailed(Scan) at scan_id,
        /// The test endpoint was called. Its `scan_id` is always `test_00000000`, and it is never a
        /// duplicate.
        "scan.test" => ScanTest(Scan) at scan_id,
    }
}

/// A scan: the [documented payload](https://geoscored.ai/docs/webhooks).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Scan {
    /// The scan's id; empty if the delivery has none, or one that is not a string.
    #[serde(deserialize_with = "field::lenient_id", skip_serializing_if = "String::is_empty")]
    pub scan_id: String,
    /// The site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// How it ended, such as `complete`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The overall score, from 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overall_score: Option<f64>,
    /// Why it failed, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// When the scan was created, in a zone that GeoScored does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<LocalDateTime>,
    /// When the scan was complete, in a zone that GeoScored does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<LocalDateTime>,
}
