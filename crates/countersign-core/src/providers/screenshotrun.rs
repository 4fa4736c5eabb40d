//! ScreenshotRun: <https://www.screenshotrun.com/docs/webhooks>

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    event::{Rfc3339, enveloped},
    events,
    provider::{Provider, Retries, Scheme, field},
};

/// [ScreenshotRun](https://www.screenshotrun.com/docs/webhooks) takes screenshots, and **signs
/// nothing**.
///
/// Its proof is the token that you put into the webhook's URL:
///
/// ```text
/// https://yourapp.com/webhooks/screenshotrun?token=your_secret
/// ```
///
/// The token is compared in constant time, before the body is read, and taken out of the URI before
/// anything behind the middleware sees it. It is percent-decoded, `+` is a plus, and it has to be
/// there once. Whoever learns the URL can forge deliveries: use long random tokens, HTTPS, and keep
/// the URL out of the logs of what stands before you.
///
/// The page recommends two more checks, and both can be had:
///
/// * **its API is asked** whether the screenshot exists and agrees with the delivery:
///   [`with_confirmation`](crate::Verifier::with_confirmation), with the client of
///   `countersign::confirmation` (feature `confirmation`) or one of your own. The handler's event
///   is then what the API said;
/// * **the sender's address is one of its servers'**:
///   [`with_allowed_sources`](crate::Verifier::with_allowed_sources). The page does not list them:
///   ask ScreenshotRun.
///
/// **Protected** with the token alone, [`Trust::TokenOnly`](crate::Trust): nothing but the
/// endpoint's address. With the confirmation, [`Trust::Confirmed`](crate::Trust): the event, as far
/// as the API knows it. **What remains**: the raw body is only as sure as the token; who has the
/// token can have you ask the API, and send what happened again.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum ScreenshotRun {}

impl Provider for ScreenshotRun {
    type Event = ScreenshotRunEvent;

    const NAME: &'static str = "screenshotrun";
    const TITLE: &'static str = "ScreenshotRun";
    const DOCS: &'static str = "https://www.screenshotrun.com/docs/webhooks";
    const SCHEME: Scheme = Scheme::url_token("token");
    const RETRIES: Retries = Retries::new()
        .deadline(Duration::from_secs(30))
        .attempts(4)
        .delays(&[Duration::from_secs(30), Duration::from_secs(2 * 60), Duration::from_secs(10 * 60)])
        .window(Duration::from_secs(15 * 60));
}

events! {
    /// What ScreenshotRun [sends](https://www.screenshotrun.com/docs/webhooks).
    pub enum ScreenshotRunEvent {
        id: ["data.id"];
        /// A screenshot was captured and can be downloaded.
        "screenshot.completed" => ScreenshotCompleted(Capture) at id,
        /// A screenshot could not be captured.
        "screenshot.failed" => ScreenshotFailed(Capture) at id,
    }
}

/// A screenshot: `data` of the [documented payloads](https://www.screenshotrun.com/docs/webhooks).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", default)]
#[non_exhaustive]
pub struct Capture {
    /// When the webhook was sent: the envelope's `sent_at`. Nothing signs it.
    #[serde(skip)]
    pub sent_at: Option<Rfc3339>,
    /// The screenshot's id, a UUID; empty if the delivery has none, or one that is not a string.
    #[serde(deserialize_with = "field::lenient_id", skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// `completed` or `failed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The page that was to be captured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// How it was to be captured.
    #[serde(deserialize_with = "field::object", skip_serializing_if = "Option::is_none")]
    pub options: Option<CaptureOptions>,
    /// Why it failed, if it did.
    #[serde(deserialize_with = "field::object", skip_serializing_if = "Option::is_none")]
    pub error: Option<CaptureError>,
    /// The image file's size, in bytes.
    #[serde(deserialize_with = "field::count", skip_serializing_if = "Option::is_none")]
    pub file_size: Option<u64>,
    /// The image's media type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// The image's width, in pixels.
    #[serde(deserialize_with = "field::count", skip_serializing_if = "Option::is_none")]
    pub width: Option<u64>,
    /// The image's height, in pixels.
    #[serde(deserialize_with = "field::count", skip_serializing_if = "Option::is_none")]
    pub height: Option<u64>,
    /// How long it took, in milliseconds.
    #[serde(deserialize_with = "field::count", skip_serializing_if = "Option::is_none")]
    pub processing_time_ms: Option<u64>,
    /// Where the image can be downloaded, with the API key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    /// When the screenshot was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Rfc3339>,
    /// When it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Rfc3339>,
}

enveloped!(Capture, sent_at => sent_at);

/// How a screenshot was to be captured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct CaptureOptions {
    /// The viewport's width, in pixels.
    #[serde(deserialize_with = "field::count", skip_serializing_if = "Option::is_none")]
    pub width: Option<u64>,
    /// The viewport's height, in pixels.
    #[serde(deserialize_with = "field::count", skip_serializing_if = "Option::is_none")]
    pub height: Option<u64>,
    /// The image's format, such as `png`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The image's quality.
    #[serde(deserialize_with = "field::count", skip_serializing_if = "Option::is_none")]
    pub quality: Option<u64>,
    /// Whether the whole page was to be captured, not just the viewport.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_page: Option<bool>,
    /// The device to look like, such as `desktop`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// Whether advertisements were to be blocked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_ads: Option<bool>,
    /// Whether cookie banners were to be blocked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_cookies: Option<bool>,
    /// Whether the page was asked for its dark mode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dark_mode: Option<bool>,
    /// How long to wait before capturing. The page names no unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay: Option<f64>,
    /// How long the page may take to load. The page names no unit, and speaks of 30 seconds
    /// elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<f64>,
    /// Whether to capture at twice the resolution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retina: Option<bool>,
}

/// Why a screenshot could not be captured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct CaptureError {
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// For programs, such as `TIMEOUT`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}
