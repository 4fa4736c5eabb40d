//! Compares a delivery with the API's answer.

use countersign_core::providers::{Capture, ScreenshotRunEvent};

pub(crate) type Comparison = dyn Fn(&ScreenshotRunEvent, &Capture) -> bool + Send + Sync;

pub(crate) fn agrees(event: &ScreenshotRunEvent, screenshot: &Capture) -> bool {
    let (delivered, status) = match event {
        ScreenshotRunEvent::ScreenshotCompleted(capture) => (capture, "completed"),
        ScreenshotRunEvent::ScreenshotFailed(capture) => (capture, "failed"),
        _ => return false,
    };
    let is_missing_or =
        |field: &Option<String>, expected: Option<&str>| field.is_none() || field.as_deref() == expected;
    delivered.id.eq_ignore_ascii_case(&screenshot.id)
        && screenshot.status.as_deref() == Some(status)
        && is_missing_or(&delivered.status, Some(status))
        && is_missing_or(&delivered.url, screenshot.url.as_deref())
}
