//! Zeodyn: <https://zeodyn.com/docs/webhooks>

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    event::Rfc3339,
    events,
    provider::{Envelope, Identity, Place, Provider, Retries, Scheme, field},
};

/// [Zeodyn](https://zeodyn.com/docs/webhooks) scores websites.
///
/// ```text
/// X-Zeodyn-Signature = 64HEXDIG ; HMAC-SHA256 of the raw body
/// ```
///
/// (The sample in the documentation hashes JSON that was parsed and written again; what is signed
/// is what came over the wire.)
///
/// **Protected**: every byte of the body, so [`Trust::Signed`](crate::Trust). **What remains**: the
/// time of delivery is not signed, so an attacker who recorded a delivery can send it again;
/// `timestamp` is the event's.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Zeodyn {}

impl Provider for Zeodyn {
    type Event = ZeodynEvent;

    const NAME: &'static str = "zeodyn";
    const TITLE: &'static str = "Zeodyn";
    const DOCS: &'static str = "https://zeodyn.com/docs/webhooks";
    const SCHEME: Scheme = Scheme::hmac_sha256("x-zeodyn-signature", "");
    const RETRIES: Retries = Retries::new().deadline(Duration::from_secs(10));
    const OCCURRED_AT: Option<Place> = Some(Place::json("timestamp"));

    /// `score_change` and `threshold_alert` have no ID, and a site's URL does not tell two of its
    /// scans apart.
    fn identity<'a>(envelope: &Envelope<'a>) -> Identity<'a> {
        match envelope.event() {
            "scan_complete" | "batch_complete" => envelope.by_resource_id(),
            _ => Identity::Body,
        }
    }
}

events! {
    /// What Zeodyn [sends](https://zeodyn.com/docs/webhooks).
    pub enum ZeodynEvent {
        id: ["scanId", "batchId", "url"];
        /// A watched site's score changed after a scan.
        "score_change" => ScoreChange(ScoreChange) at url in "url",
        /// A scan of a watched site is complete, whether the score changed or not.
        "scan_complete" => ScanComplete(ScanComplete) at scan_id in "scanId",
        /// A scan's result is beyond a threshold set on a watched site.
        "threshold_alert" => ThresholdAlert(ThresholdAlert) at url in "url",
        /// All URLs of a batch have been processed.
        "batch_complete" => BatchComplete(BatchComplete) at batch_id in "batchId",
    }
}

/// A watched site's score changed: the [documented payload](https://zeodyn.com/docs/webhooks).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[non_exhaustive]
pub struct ScoreChange {
    /// The site.
    #[serde(deserialize_with = "field::lenient_string", skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The score before, from 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_score: Option<f64>,
    /// The score now, from 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_score: Option<f64>,
    /// The name of the band the score is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub band: Option<String>,
    /// Where the results can be seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub results_url: Option<String>,
    /// When it happened. It is inside the signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<Rfc3339>,
}

/// A scan is complete: the [documented payload](https://zeodyn.com/docs/webhooks).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[non_exhaustive]
pub struct ScanComplete {
    /// The scan's id, a UUID; empty if the delivery has none, or one that is not a string.
    #[serde(deserialize_with = "field::lenient_id", skip_serializing_if = "String::is_empty")]
    pub scan_id: String,
    /// The site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The score, from 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// The name of the band the score is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub band: Option<String>,
    /// When it happened. It is inside the signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<Rfc3339>,
}

/// A score is beyond a threshold: the [documented payload](https://zeodyn.com/docs/webhooks).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[non_exhaustive]
pub struct ThresholdAlert {
    /// The site.
    #[serde(deserialize_with = "field::lenient_string", skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The score, from 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// The threshold that was set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// On which side of it the score is, such as `below_min`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<String>,
    /// When it happened. It is inside the signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<Rfc3339>,
}

/// A batch is complete: the [documented payload](https://zeodyn.com/docs/webhooks).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[non_exhaustive]
pub struct BatchComplete {
    /// The batch's id, a UUID; empty if the delivery has none, or one that is not a string.
    #[serde(deserialize_with = "field::lenient_id", skip_serializing_if = "String::is_empty")]
    pub batch_id: String,
    /// The label it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// How many URLs it has.
    #[serde(deserialize_with = "field::count", skip_serializing_if = "Option::is_none")]
    pub total_urls: Option<u64>,
    /// How many of them were scanned.
    #[serde(deserialize_with = "field::count", skip_serializing_if = "Option::is_none")]
    pub completed_urls: Option<u64>,
    /// How many of them failed.
    #[serde(deserialize_with = "field::count", skip_serializing_if = "Option::is_none")]
    pub failed_urls: Option<u64>,
    /// The mean of the scores.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average_score: Option<f64>,
    /// When it happened. It is inside the signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<Rfc3339>,
}
