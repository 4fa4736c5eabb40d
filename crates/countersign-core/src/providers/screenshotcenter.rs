//! ScreenshotCenter: <https://screenshotcenter.com/apps/webhooks>

use serde::{Deserialize, Serialize};

use crate::{
    event::{PartlyDocumented, RawJson, Rfc3339},
    events,
    provider::{Envelope, Identity, Place, Provider, Retries, Scheme, field},
};

/// [ScreenshotCenter](https://screenshotcenter.com/apps/webhooks) takes screenshots, one at a time
/// or in batches.
///
/// ```text
/// X-ScreenshotCenter-Signature = "sha256=" 64HEXDIG ; HMAC-SHA256 of the raw body
/// ```
///
/// (The sample in the documentation hashes re-serialized JSON. The signature actually covers the
/// bytes as sent.) `X-ScreenshotCenter-Event` is not signed, and is ignored: the event's name is
/// taken from the body.
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending. An attacker who recorded a delivery can send it again.
/// (`created_at` is the time of the event, not of the delivery.)
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

    /// The page does not name a key to deduplicate on. A screenshot may be uploaded to several
    /// storage apps, so its ID does not identify an upload, or an unknown event.
    fn identity<'a>(envelope: &Envelope<'a>) -> Identity<'a> {
        match envelope.event() {
            "screenshot.finished" | "screenshot.failed" | "batch.finished" => envelope.by_occurrence(),
            _ => Identity::Body,
        }
    }
}

events! {
    /// The [events](https://screenshotcenter.com/apps/webhooks) of ScreenshotCenter.
    pub enum ScreenshotCenterEvent {
        id: ["screenshot_id"];
        /// A screenshot is finished.
        "screenshot.finished" => ScreenshotFinished(Screenshot) at screenshot_id,
        /// A screenshot failed after all retries. The documentation shows no payload for it, but
        /// says that it includes the reason.
        "screenshot.failed" => ScreenshotFailed(PartlyDocumented<Job>) at fields.screenshot_id,
        /// All jobs of a batch have ended. The documentation shows no payload for it, but says that
        /// it includes a summary of the jobs.
        "batch.finished" => BatchFinished(PartlyDocumented<Job>) at fields.screenshot_id,
        /// A storage app uploaded the output file. The documentation shows no payload for it.
        "app.upload.finished" => AppUploadFinished(PartlyDocumented<Job>) at fields.screenshot_id,
        /// An upload failed after all retries. The documentation shows no payload for it.
        "app.upload.failed" => AppUploadFailed(PartlyDocumented<Job>) at fields.screenshot_id,
    }
}

/// A finished screenshot: the [documented payload](https://screenshotcenter.com/apps/webhooks).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Screenshot {
    /// The screenshot's ID (`sc_…`); empty if it is missing or unusable.
    #[serde(deserialize_with = "field::id", skip_serializing_if = "String::is_empty")]
    pub screenshot_id: String,
    /// The URL of the captured page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The status: `finished`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The URL of the image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    /// The image's width, in pixels.
    #[serde(deserialize_with = "field::count", skip_serializing_if = "Option::is_none")]
    pub width: Option<u64>,
    /// The image's height, in pixels.
    #[serde(deserialize_with = "field::count", skip_serializing_if = "Option::is_none")]
    pub height: Option<u64>,
    /// The time when the event was created. The signature covers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Rfc3339>,
    /// The metadata attached to the job: an object whose fields are not documented.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<RawJson>,
}

/// The fields that all payloads share, for the events without a documented payload.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Job {
    /// The screenshot's ID; empty if it is missing, as it may be for a batch.
    #[serde(deserialize_with = "field::id", skip_serializing_if = "String::is_empty")]
    pub screenshot_id: String,
    /// The URL of the requested page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The final status of the job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The time when the event was created. The signature covers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Rfc3339>,
    /// The metadata attached to the job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<RawJson>,
}
