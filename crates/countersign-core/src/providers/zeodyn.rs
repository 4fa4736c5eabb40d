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
/// (The sample in the documentation hashes re-serialized JSON. The signature actually covers the
/// bytes as sent.)
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending. An attacker who recorded a delivery can send it again.
/// (`timestamp` is the time of the event, not of the delivery.)
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

    /// The page does not name a key to deduplicate on. `score_change` and `threshold_alert` have no
    /// ID, and a site's URL does not identify a scan.
    fn identity<'a>(envelope: &Envelope<'a>) -> Identity<'a> {
        match envelope.event() {
            "scan_complete" | "batch_complete" => envelope.by_occurrence(),
            _ => Identity::Body,
        }
    }
}

events! {
    /// The [events](https://zeodyn.com/docs/webhooks) of Zeodyn.
    pub enum ZeodynEvent {
        id: ["scanId", "batchId", "url"];
        /// The score of a watched site changed after a scan.
        "score_change" => ScoreChange(ScoreChange) at url in "url",
        /// A scan of a watched site is complete, whether the score changed or not.
        "scan_complete" => ScanComplete(ScanComplete) at scan_id in "scanId",
        /// The score of a watched site crossed a threshold.
        "threshold_alert" => ThresholdAlert(ThresholdAlert) at url in "url",
        /// All URLs of a batch have been processed.
        "batch_complete" => BatchComplete(BatchComplete) at batch_id in "batchId",
    }
}

/// The score of a watched site changed: the [documented payload](https://zeodyn.com/docs/webhooks).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[non_exhaustive]
pub struct ScoreChange {
    /// The URL of the site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The previous score, from 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_score: Option<f64>,
    /// The new score, from 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_score: Option<f64>,
    /// The name of the score's band.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub band: Option<String>,
    /// The URL of the results.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub results_url: Option<String>,
    /// The time of the event. The signature covers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<Rfc3339>,
}

/// A scan is complete: the [documented payload](https://zeodyn.com/docs/webhooks).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[non_exhaustive]
pub struct ScanComplete {
    /// The scan's ID, a UUID; empty if it is missing or unusable.
    #[serde(deserialize_with = "field::id", skip_serializing_if = "String::is_empty")]
    pub scan_id: String,
    /// The URL of the site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The score, from 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// The name of the score's band.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub band: Option<String>,
    /// The time of the event. The signature covers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<Rfc3339>,
}

/// A score crossed a threshold: the [documented payload](https://zeodyn.com/docs/webhooks).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[non_exhaustive]
pub struct ThresholdAlert {
    /// The URL of the site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The score, from 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// The threshold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// The side of the threshold on which the score is, such as `below_min`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<String>,
    /// The time of the event. The signature covers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<Rfc3339>,
}

/// A batch is complete: the [documented payload](https://zeodyn.com/docs/webhooks).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[non_exhaustive]
pub struct BatchComplete {
    /// The batch's ID, a UUID; empty if it is missing or unusable.
    #[serde(deserialize_with = "field::id", skip_serializing_if = "String::is_empty")]
    pub batch_id: String,
    /// The label of the batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The number of URLs.
    #[serde(deserialize_with = "field::count", skip_serializing_if = "Option::is_none")]
    pub total_urls: Option<u64>,
    /// The number of URLs that were scanned.
    #[serde(deserialize_with = "field::count", skip_serializing_if = "Option::is_none")]
    pub completed_urls: Option<u64>,
    /// The number of URLs that failed.
    #[serde(deserialize_with = "field::count", skip_serializing_if = "Option::is_none")]
    pub failed_urls: Option<u64>,
    /// The mean score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average_score: Option<f64>,
    /// The time of the event. The signature covers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<Rfc3339>,
}
