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
/// The key is the secret as issued, including `whsec_`. It is not base64, and nothing is stripped.
///
/// Each scan has its own secret. GeoScored returns it once, when the scan is created. Keep it in a
/// [`SecretMap`](crate::SecretMap), or look it up by `scan_id` with a
/// [`SecretLookup`](crate::SecretLookup). Keep it until well after the scan's last event: if the
/// response is lost, the delivery is retried.
///
/// Use a fixed secret only for the test endpoint: it signs `scan.test` with the secret that it
/// returns.
///
/// ```
/// use countersign_core::{SecretMap, Verifier, providers::GeoScored};
///
/// let secrets = SecretMap::new();
/// let per_scan = Verifier::<GeoScored>::from_lookup(secrets.clone());
/// let fixed = Verifier::<GeoScored>::new("s3cr3t");
/// ```
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)). A scan's secret signs
/// only for that scan.
///
/// **Not protected**: the time of sending. An attacker who recorded a delivery can send it again
/// for as long as you keep its secret. `X-GeoScored-Timestamp` is **not signed**:
/// [`sent_at`](crate::Delivery::sent_at) returns it, and it proves nothing. With a well-formed
/// signature, any sender can trigger a look-up of any ID.
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

    /// The page says to deduplicate on `scan_id`. Every test event has the same ID,
    /// `test_00000000`.
    fn identity<'a>(envelope: &Envelope<'a>) -> Identity<'a> {
        match envelope.event() {
            "scan.test" => Identity::None,
            "scan.completed" | "scan.failed" => envelope.by_resource_id(),
            _ => Identity::Body,
        }
    }
}

events! {
    /// The [events](https://geoscored.ai/docs/webhooks) of GeoScored.
    pub enum GeoScoredEvent {
        id: ["scan_id"];
        /// A scan is complete.
        "scan.completed" => ScanCompleted(Scan) at scan_id,
        /// A scan failed.
        "scan.failed" => ScanFailed(Scan) at scan_id,
        /// The test endpoint was called. The `scan_id` is always `test_00000000`, and the event is
        /// never a duplicate.
        "scan.test" => ScanTest(Scan) at scan_id,
    }
}

/// A scan: the [documented payload](https://geoscored.ai/docs/webhooks).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Scan {
    /// The scan's ID; empty if it is missing or unusable.
    #[serde(deserialize_with = "field::id", skip_serializing_if = "String::is_empty")]
    pub scan_id: String,
    /// The URL of the site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The final status, such as `complete`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The overall score, from 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overall_score: Option<f64>,
    /// The reason why the scan failed, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// The time when the scan was created. GeoScored documents it without a zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<LocalDateTime>,
    /// The time when the scan was completed. GeoScored documents it without a zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<LocalDateTime>,
}
