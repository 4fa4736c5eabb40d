//! What a careful user writes without a library: the key is set up for each request, the tag decoded into a `Vec`.

use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;

pub const HEADER: &str = "x-screenscore-signature";

pub fn is_genuine(secret: &[u8], signature: Option<&str>, body: &[u8]) -> bool {
    let Some(tag) = signature.and_then(|signature| hex::decode(signature).ok()) else { return false };
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(body);
    mac.verify_slice(&tag).is_ok()
}

/// The same fields as countersign's `ScreenScoreEvent`, derived.
#[derive(Deserialize)]
#[serde(tag = "event", content = "data")]
pub enum Event {
    #[serde(rename = "analysis.completed")]
    Completed(Analysis),
    #[serde(rename = "analysis.failed")]
    Failed(Analysis),
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "what is decoded is not all looked at")]
pub struct Analysis {
    pub id: String,
    project_id: Option<String>,
    status: Option<String>,
    image_url: Option<String>,
    label: Option<String>,
    pub score: Option<f64>,
    breakdown: Option<Breakdown>,
    feedback: Option<Vec<String>>,
    error_message: Option<String>,
    created_at: Option<String>,
    completed_at: Option<String>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "what is decoded is not all looked at")]
struct Breakdown {
    visual_clarity: Option<f64>,
    visual_hierarchy: Option<f64>,
    color_contrast: Option<f64>,
    cta_effectiveness: Option<f64>,
    brand_consistency: Option<f64>,
}

impl Event {
    /// What a handler would look at.
    pub fn glance(&self) -> (&str, Option<f64>) {
        match self {
            Self::Completed(analysis) | Self::Failed(analysis) => (&analysis.id, analysis.score),
        }
    }
}
