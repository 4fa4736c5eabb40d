//! ScreenshotRun's deliveries, and what its API says of the same screenshots.

use serde_json::{Value, json};

use crate::support::{http::Request, sender};

/// The id in the documented payloads.
pub(crate) const ID: &str = "550e8400-e29b-41d4-a716-446655440000";

pub(crate) fn token() -> String {
    sender("screenshotrun").secret()
}

/// The payload that the page shows of this event.
pub(crate) fn documented(event: &str) -> Value {
    let fixtures = sender("screenshotrun").fixtures();
    let fixture = fixtures.iter().find(|fixture| fixture.event == event).expect("a documented event");
    serde_json::from_slice(&fixture.body).expect("JSON")
}

/// What the API says of the screenshot that the page's completed delivery is about.
pub(crate) fn completed() -> Value {
    documented("screenshot.completed")["data"].take()
}

/// The same of the failed one.
pub(crate) fn failed() -> Value {
    documented("screenshot.failed")["data"].take()
}

/// A delivery with the right token.
pub(crate) fn delivery(event: &str, data: &Value) -> Request {
    with_body(&json!({"event": event, "data": data, "sent_at": "2026-03-09T10:30:05.500000Z"}))
}

/// The delivery that the page shows, byte for byte.
pub(crate) fn genuine() -> Request {
    let sender = sender("screenshotrun");
    sender.genuine(sender.fixture().body)
}

pub(crate) fn with_body(body: &Value) -> Request {
    sender("screenshotrun").genuine(body.to_string())
}

/// `value`, with `field` set, or taken away where it is `null`.
pub(crate) fn with(mut value: Value, field: &str, to: Value) -> Value {
    let object = value.as_object_mut().expect("an object");
    if to.is_null() {
        object.remove(field)
    } else {
        object.insert(field.to_owned(), to)
    };
    value
}
