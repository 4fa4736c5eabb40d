//! GeoScored: <https://geoscored.ai/docs/webhooks>

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    event::field,
    events,
    provider::{Identity, Provider, Retries},
    scheme::Scheme,
    time::LocalDateTime,
};

/// [GeoScored](https://geoscored.ai/docs/webhooks) audits websites for generative engines.
///
/// ```text
/// X-GeoScored-Signature = "v1=" 64HEXDIG ; HMAC-SHA256 of the raw body
/// ```
///
/// The key is the secret as it was issued, `whsec_` included: it is not base64, and nothing is stripped.
///
/// Every scan has a secret of its own, which is returned once, when the scan is created. Keep it in a
/// [`SecretMap`](crate::SecretMap) or behind a [`SecretLookup`](crate::SecretLookup), which is asked by `scan_id`, until
/// well after the scan's last event: a delivery whose answer got lost comes again. A fixed secret is for the test
/// endpoint, whose `scan.test` is signed with the secret that the test returns.
///
/// ```
/// use countersign_core::{SecretMap, Verifier, providers::GeoScored};
///
/// let secrets = SecretMap::new();
/// let per_scan = Verifier::<GeoScored>::from_lookup(secrets.clone());
/// let fixed = Verifier::<GeoScored>::new("s3cr3t");
/// ```
///
/// **Protected**: every byte of the body, so [`Trust::Signed`](crate::Trust), and a scan's secret signs for that scan
/// alone. **What remains**: the time of delivery is not signed, so that who recorded a delivery can send it again, for as
/// long as its secret is kept. `X-GeoScored-Timestamp` is **not signed**: it is offered as
/// [`unverified_timestamp`](crate::Delivery::unverified_timestamp), and proves nothing. Who sends well-formed signatures
/// can make you look up any id.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum GeoScored {}

impl Provider for GeoScored {
    type Event = GeoScoredEvent;

    const NAME: &'static str = "geoscored";
    const TITLE: &'static str = "GeoScored";
    const DOCS: &'static str = "https://geoscored.ai/docs/webhooks";
    const SCHEME: Scheme = Scheme::hmac_sha256("x-geoscored-signature", "v1=");
    const RETRIES: Retries = Retries::UNDOCUMENTED
        .within(Duration::from_secs(10))
        .attempts(3)
        .after(&[Duration::from_secs(5), Duration::from_secs(30)])
        .over(Duration::from_secs(2 * 60));
    const UNVERIFIED_TIMESTAMP_HEADER: Option<&'static str> = Some("x-geoscored-timestamp");

    /// Every test event is about the same `test_00000000`.
    fn identity(event: &GeoScoredEvent) -> Identity<'_> {
        match event {
            GeoScoredEvent::ScanTest(_) => Identity::Test,
            GeoScoredEvent::ScanCompleted(scan) | GeoScoredEvent::ScanFailed(scan) => {
                field::id(&scan.scan_id).map_or(Identity::Body, Identity::Id)
            }
            GeoScoredEvent::Unknown(_) => Identity::Body,
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
        /// The test endpoint was called. Its `scan_id` is always `test_00000000`, and it is never a duplicate.
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
