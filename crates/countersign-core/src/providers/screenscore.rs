//! ScreenScore AI: <https://screenscoreai.com/api-reference/webhooks>

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    event::{PartlyDocumented, Rfc3339, enveloped},
    events,
    provider::{Place, Provider, Retries, Scheme, field},
};

/// [ScreenScore AI](https://screenscoreai.com/api-reference/webhooks) scores screens and ad
/// creatives.
///
/// ```text
/// X-ScreenScore-Signature = 64HEXDIG ; HMAC-SHA256 of the raw body
/// ```
///
/// There is no prefix before the digits. (The sample in the documentation accepts trailing garbage
/// after a correct digest; countersign does not.)
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending. An attacker who recorded a delivery can send it again.
/// (`created_at` is the time of the event, not of the delivery.)
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum ScreenScore {}

impl Provider for ScreenScore {
    type Event = ScreenScoreEvent;

    const NAME: &'static str = "screenscore";
    const TITLE: &'static str = "ScreenScore AI";
    const DOCS: &'static str = "https://screenscoreai.com/api-reference/webhooks";
    const SCHEME: Scheme = Scheme::hmac_sha256("x-screenscore-signature", "");
    const RETRIES: Retries = Retries::new()
        .deadline(Duration::from_secs(10))
        .attempts(4)
        .delays(&[Duration::from_secs(30), Duration::from_secs(5 * 60), Duration::from_secs(30 * 60)])
        .window(Duration::from_secs(36 * 60));
    const OCCURRED_AT: Option<Place> = Some(Place::json("created_at"));
}

events! {
    /// The [events](https://screenscoreai.com/api-reference/webhooks) of ScreenScore AI.
    pub enum ScreenScoreEvent {
        id: ["data.id"];
        /// An analysis finished scoring and its results are available.
        "analysis.completed" => AnalysisCompleted(Analysis) at id,
        /// An analysis failed, for instance because its image could not be fetched.
        "analysis.failed" => AnalysisFailed(Analysis) at id,
        /// All analyses of a batch have ended. The documentation shows no payload for it.
        "batch.completed" => BatchCompleted(PartlyDocumented<Batch>) at fields.id,
    }
}

/// An analysis: `data` of the [documented
/// payload](https://screenscoreai.com/api-reference/webhooks).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", default)]
#[non_exhaustive]
pub struct Analysis {
    /// The time when the event was generated: the envelope's `created_at`. The signature covers it.
    #[serde(skip)]
    pub event_created_at: Option<Rfc3339>,
    /// The ID of the analysis (`ana_…`); empty if it is missing or unusable.
    #[serde(deserialize_with = "field::id", skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// The ID of its project (`proj_…`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_id: Option<String>,
    /// `completed` or `failed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The URL of the analyzed image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    /// The label of the analysis.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The overall score, from 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// The score of each criterion.
    #[serde(deserialize_with = "field::object", skip_serializing_if = "Option::is_none")]
    pub breakdown: Option<Breakdown>,
    /// Suggestions for improvement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feedback: Option<Vec<String>>,
    /// The reason why the analysis failed, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// The time when the analysis was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Rfc3339>,
    /// The time when the analysis ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Rfc3339>,
}

enveloped!(Analysis, created_at => event_created_at);

/// The score of each criterion of an analysis, from 0 to 100.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Breakdown {
    /// Visual clarity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visual_clarity: Option<f64>,
    /// Visual hierarchy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visual_hierarchy: Option<f64>,
    /// Colour contrast.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color_contrast: Option<f64>,
    /// Effectiveness of the call to action.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cta_effectiveness: Option<f64>,
    /// Consistency with the brand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brand_consistency: Option<f64>,
}

/// A batch, with the fields that all payloads share: the documentation does not show its `data`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", default)]
#[non_exhaustive]
pub struct Batch {
    /// The time when the event was generated: the envelope's `created_at`. The signature covers it.
    #[serde(skip)]
    pub event_created_at: Option<Rfc3339>,
    /// The batch's ID; empty if it is missing or unusable.
    #[serde(deserialize_with = "field::id", skip_serializing_if = "String::is_empty")]
    pub id: String,
}

enveloped!(Batch, created_at => event_created_at);
