//! The handler's event is what the API said, and nothing of the delivery.

use countersign::providers::{Capture, ScreenshotRunEvent};
use serde_json::{Value, json};

use crate::{
    api::Api,
    deliveries::{ID, completed, delivery, failed, with},
    receivers::Adapter,
};

for_both![
    t21_nothing_forged_reaches_the_event_of_a_capture,
    t21_nothing_forged_reaches_the_event_of_a_failure,
    t21_what_the_api_leaves_out_is_left_out,
    t21_the_time_of_sending_is_nobodys_to_confirm,
];

/// What the handler got after the API said `truth`, and the delivery said `forged`.
fn handled(adapter: Adapter, event: &str, truth: &Value, forged: &Value) -> Capture {
    let api = Api::answering(200, truth.to_string());
    let request = delivery(event, forged);
    let handled = adapter.receiver(api.client()).accepts(&request);
    assert_eq!(handled.body, request.body, "the raw body stays as it came");
    match handled.event {
        ScreenshotRunEvent::ScreenshotCompleted(capture) if event == "screenshot.completed" => capture,
        ScreenshotRunEvent::ScreenshotFailed(capture) if event == "screenshot.failed" => capture,
        other => panic!("{other:?}"),
    }
}

/// Everything that may differ, differs; `forged` is part of every text and 666 every number.
fn forged(of: &Value) -> Value {
    let mut data = of.clone();
    for (field, value) in [
        ("image_url", json!("https://forged.example/image")),
        ("file_size", json!(666)),
        ("mime_type", json!("text/forged")),
        ("width", json!(666)),
        ("height", json!(666)),
        ("processing_time_ms", json!(666)),
        ("options", json!({"width": 666, "format": "forged", "full_page": true, "delay": 666, "more": "forged"})),
        ("error", json!({"message": "forged", "code": "FORGED"})),
        ("created_at", json!("1966-06-06T06:06:06Z")),
        ("completed_at", json!("1966-06-06T06:06:06Z")),
        ("undocumented", json!("forged")),
    ] {
        data = with(data, field, value);
    }
    data
}

#[track_caller]
fn assert_is_free_of_forgeries(capture: &Capture) {
    let text = format!("{capture:?} {}", serde_json::to_string(capture).unwrap()).to_lowercase();
    assert!(!text.contains("forged") && !text.contains("666") && !text.contains("1966"), "{text}");
}

fn t21_nothing_forged_reaches_the_event_of_a_capture(adapter: Adapter) {
    let capture = handled(adapter, "screenshot.completed", &completed(), &forged(&completed()));
    assert_is_free_of_forgeries(&capture);
    assert_eq!((&*capture.id, capture.status.as_deref()), (ID, Some("completed")));
    assert_eq!(capture.url.as_deref(), Some("https://example.com"));
    let image_url = "https://screenshotrun.com/api/v1/screenshots/550e8400-.../image";
    assert_eq!(capture.image_url.as_deref(), Some(image_url));
    assert_eq!((capture.file_size, capture.mime_type.as_deref()), (Some(245_760), Some("image/png")));
    assert_eq!((capture.width, capture.height, capture.processing_time_ms), (Some(1280), Some(800), Some(3450)));
    let options = capture.options.unwrap();
    assert_eq!((options.width, options.format.as_deref(), options.full_page), (Some(1280), Some("png"), Some(false)));
    assert_eq!((options.delay, options.timeout, options.block_cookies), (Some(0.0), Some(30.0), Some(true)));
    assert_eq!(capture.created_at.map(|time| time.to_string()).as_deref(), Some("2026-03-09T10:30:00.000000Z"));
    assert_eq!(capture.completed_at.map(|time| time.to_string()).as_deref(), Some("2026-03-09T10:30:05.000000Z"));
    assert_eq!((capture.error, capture.sent_at), (None, None));
}

fn t21_nothing_forged_reaches_the_event_of_a_failure(adapter: Adapter) {
    let capture = handled(adapter, "screenshot.failed", &failed(), &forged(&failed()));
    assert_is_free_of_forgeries(&capture);
    let error = capture.error.unwrap();
    assert_eq!(error.message.as_deref(), Some("Page load timed out after 30 seconds."));
    assert_eq!(error.code.as_deref(), Some("TIMEOUT"));
    assert_eq!((capture.image_url, capture.file_size, capture.options), (None, None, None));
    assert_eq!((capture.completed_at, capture.sent_at), (None, None));
}

fn t21_what_the_api_leaves_out_is_left_out(adapter: Adapter) {
    let truth = json!({"id": ID, "status": "completed", "url": "https://example.com"});
    for truth in [truth.clone(), json!({"data": truth}), with(truth, "options", json!([]))] {
        let mut expected = Capture::default();
        expected.id = ID.to_owned();
        expected.status = Some("completed".to_owned());
        expected.url = Some("https://example.com".to_owned());
        let capture = handled(adapter, "screenshot.completed", &truth, &forged(&completed()));
        assert_eq!(capture, expected);
    }
    // An API that does not say which page it was cannot agree that it was this one.
    let api = Api::answering(200, json!({"id": ID, "status": "completed"}).to_string());
    adapter.receiver(api.client()).denies(&delivery("screenshot.completed", &completed()));
}

fn t21_the_time_of_sending_is_nobodys_to_confirm(adapter: Adapter) {
    let time = json!("2026-03-09T10:30:09.000000Z");
    for truth in [
        json!({"data": completed(), "sent_at": time}),
        with(completed(), "sent_at", time.clone()),
        json!({"event": "screenshot.failed", "data": with(completed(), "sent_at", time.clone()), "sent_at": time}),
    ] {
        let capture = handled(adapter, "screenshot.completed", &truth, &completed());
        assert_eq!((capture.sent_at, capture.file_size), (None, Some(245_760)));
    }
}
