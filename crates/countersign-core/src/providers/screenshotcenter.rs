//! ScreenshotCenter: <https://screenshotcenter.com/apps/webhooks>

use serde::{Deserialize, Serialize};

use crate::{
    event::{PartlyDocumented, RawJson, Rfc3339, lenient_time},
    events,
    provider::{Envelope, Identity, Place, Provider, Retries, Scheme, field},
};

/// [ScreenshotCenter](https://screenshotcenter.com/apps/webhooks) takes screenshots, alone and in
/// batches.
///
/// ```text
/// X-ScreenshotCenter-Signature = "sha256=" 64HEXDIG ; HMAC-SHA256 of the raw body
/// ```
///
/// (The sample in the documentation hashes JSON that was parsed and written again; what is signed
/// is what came over the wire.) `X-ScreenshotCenter-Event` is not signed and not looked at: the
/// event is what the body says.
///
/// **Protected**: every byte of the body, so [`Trust::Signed`](crate::Trust). **What remains**: the
/// time of delivery is not signed, so an attacker who recorded a delivery can send it again;
/// `created_at` is the event's.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum ScreenshotCenter {}

impl Provider for ScreenshotCenter {
    type Event = ScreenshotCenterEvent;

    const NAME: &'static str = "screenshotcenter";
    const TITLE: &'static str = "ScreenshotCenter";
    const DOCS: &'static str = "https://screenshotcenter.com/apps/webhooks";
    const SCHEME: Scheme = Scheme::hmac_sha256("x-screenshotcenter-signature", "sha256=");
    const RETRIES: Retries = Retries::new().attempts(5);
    const OCCURRED_AT: Option<Place> = Some(Place::json("created_at"));
    const EVENT_COPY: Option<Place> = Some(Place::header("x-screenshotcenter-event"));

    /// A screenshot is uploaded to each storage app that it was made for: its ID does not tell two
    /// uploads apart, nor two unknown events.
    fn identity<'a>(envelope: &Envelope<'a>) -> Identity<'a> {
        match envelope.event() {
            "screenshot.finished" | "screenshot.failed" | "batch.finished" => envelope.by_resource_id(),
            _ => Identity::Body,
        }
    }
}

events! {
    /// What ScreenshotCenter [sends](https://screenshotcenter.com/apps/webhooks).
    pub enum ScreenshotCenterEvent {
        id: ["screenshot_id"];
        /// A screenshot is finished.
        "screenshot.finished" => ScreenshotFinished(Screenshot) at screenshot_id,
        /// A screenshot failed after all retries. The page shows no payload for it; it includes the
        /// reason.
        "screenshot.failed" => ScreenshotFailed(PartlyDocumented<Job>) at fields.screenshot_id,
        /// All jobs of a batch have ended. The page shows no payload for it; it includes a summary
        /// of the jobs.
        "batch.finished" => BatchFinished(PartlyDocumented<Job>) at fields.screenshot_id,
        /// A storage app uploaded the output file. The page shows no payload for it.
        "app.upload.finished" => AppUploadFinished(PartlyDocumented<Job>) at fields.screenshot_id,
        /// An upload failed after all retries. The page shows no payload for it.
        "app.upload.failed" => AppUploadFailed(PartlyDocumented<Job>) at fields.screenshot_id,
    }
}

/// A finished screenshot: the [documented payload](https://screenshotcenter.com/apps/webhooks).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Screenshot {
    /// The screenshot's id (`sc_…`); empty if the delivery has none, or one that is not a string.
    #[serde(deserialize_with = "field::lenient_id", skip_serializing_if = "String::is_empty")]
    pub screenshot_id: String,
    /// The page that was captured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// `finished`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Where the image is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    /// The image's width, in pixels.
    #[serde(deserialize_with = "field::count", skip_serializing_if = "Option::is_none")]
    pub width: Option<u64>,
    /// The image's height, in pixels.
    #[serde(deserialize_with = "field::count", skip_serializing_if = "Option::is_none")]
    pub height: Option<u64>,
    /// When the event was created. It is inside the signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Rfc3339>,
    /// Whatever was attached to the job: the page shows an object and does not say of what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<RawJson>,
}

/// What every payload has, of the events whose payloads the page does not show. A field that is not
/// a string, where the documented payload has one, is read as none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Job {
    /// The screenshot's id; empty if the delivery has none, as a batch's may.
    #[serde(deserialize_with = "field::lenient_id", skip_serializing_if = "String::is_empty")]
    pub screenshot_id: String,
    /// The page that was to be captured.
    #[serde(deserialize_with = "field::lenient_string", skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// How the job ended.
    #[serde(deserialize_with = "field::lenient_string", skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// When the event was created. It is inside the signature.
    #[serde(deserialize_with = "lenient_time", skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Rfc3339>,
    /// Whatever was attached to the job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<RawJson>,
}
