//! ScreenshotRun: <https://www.screenshotrun.com/docs/webhooks>

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    event::{Rfc3339, enveloped},
    events,
    provider::{Envelope, Identity, Provider, Retries, Scheme, field},
};

/// [ScreenshotRun](https://www.screenshotrun.com/docs/webhooks) takes screenshots. It **does not
/// sign** its webhooks.
///
/// Its proof is the token that you put into the webhook's URL:
///
/// ```text
/// https://yourapp.com/webhooks/screenshotrun?token=your_secret
/// ```
///
/// The token is percent-decoded (`+` is a plus) and must not be repeated. It is compared in
/// constant time, before the body is read. The middleware removes it from the URI, so inner
/// services do not see it.
///
/// An attacker who learns the URL can forge deliveries. Use a long random token and HTTPS, and keep
/// the URL out of the logs of your proxies.
///
/// The documentation recommends two more checks, and countersign supports both:
///
/// * **Ask the API** whether the screenshot exists and agrees with the delivery. Use
///   [`with_confirmation`](crate::Verifier::with_confirmation) with the client of
///   `countersign::confirmation` (feature `confirmation`) or your own client. The handler then gets
///   the event that the API returned.
/// * **Check the sender's address** with
///   [`with_allowed_sources`](crate::Verifier::with_allowed_sources). The documentation does not
///   list the addresses: ask ScreenshotRun.
///
/// **Protected** with only the token ([`Trust::TokenOnly`](crate::Trust)): nothing but the
/// endpoint's address. With a confirmation ([`Trust::Confirmed`](crate::Trust)): the event, as far
/// as the API knows it.
///
/// **Not protected**: the raw body is only as trustworthy as the token. An attacker who has the
/// token can make you call the API, and can replay events that occurred.
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

    /// The page says to deduplicate on the screenshot's ID.
    fn identity<'a>(envelope: &Envelope<'a>) -> Identity<'a> {
        if envelope.is_documented() { envelope.by_resource_id() } else { Identity::Body }
    }
}

events! {
    /// The [events](https://www.screenshotrun.com/docs/webhooks) of ScreenshotRun.
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
    /// The time when the webhook was sent: the envelope's `sent_at`. It is not signed.
    #[serde(skip)]
    pub sent_at: Option<Rfc3339>,
    /// The screenshot's ID, a UUID; empty if it is missing or unusable.
    #[serde(deserialize_with = "field::id", skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// The status: `completed` or `failed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The URL of the requested page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The options of the capture.
    #[serde(deserialize_with = "field::object", skip_serializing_if = "Option::is_none")]
    pub options: Option<CaptureOptions>,
    /// The reason why the capture failed, if it did.
    #[serde(deserialize_with = "field::object", skip_serializing_if = "Option::is_none")]
    pub error: Option<CaptureError>,
    /// The size of the image file, in bytes.
    #[serde(deserialize_with = "field::count", skip_serializing_if = "Option::is_none")]
    pub file_size: Option<u64>,
    /// The media type of the image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// The image's width, in pixels.
    #[serde(deserialize_with = "field::count", skip_serializing_if = "Option::is_none")]
    pub width: Option<u64>,
    /// The image's height, in pixels.
    #[serde(deserialize_with = "field::count", skip_serializing_if = "Option::is_none")]
    pub height: Option<u64>,
    /// The processing time, in milliseconds.
    #[serde(deserialize_with = "field::count", skip_serializing_if = "Option::is_none")]
    pub processing_time_ms: Option<u64>,
    /// The URL of the image. The download requires the API key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    /// The time when the screenshot was requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Rfc3339>,
    /// The time when the screenshot was completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Rfc3339>,
}

enveloped!(Capture, sent_at => sent_at);

/// The options with which a screenshot was requested.
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
    /// The format of the image, such as `png`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The quality of the image.
    #[serde(deserialize_with = "field::count", skip_serializing_if = "Option::is_none")]
    pub quality: Option<u64>,
    /// Whether to capture the whole page, not only the viewport.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_page: Option<bool>,
    /// The device to emulate, such as `desktop`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// Whether to block advertisements.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_ads: Option<bool>,
    /// Whether to block cookie banners.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block_cookies: Option<bool>,
    /// Whether to request the page's dark mode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dark_mode: Option<bool>,
    /// The delay before the capture. Its unit is not documented.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay: Option<f64>,
    /// The time limit for loading the page. Its unit is not documented; the documentation mentions
    /// 30 seconds elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<f64>,
    /// Whether to capture at twice the resolution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retina: Option<bool>,
}

/// The reason why a screenshot could not be captured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct CaptureError {
    /// The message, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The code, for programs, such as `TIMEOUT`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}
