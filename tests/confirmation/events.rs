//! The handler's event is what the API said, and nothing that only the delivery said.

use countersign::{
    ProviderEvent,
    providers::{Capture, ScreenshotRunEvent},
};
use serde_json::{Value, json};

use crate::{
    api::Api,
    deliveries::{ID, completed, delivery, failed, with},
    inside::{capture, denied},
};

for_all![
    t21_nothing_forged_reaches_the_event,
    t21_what_the_api_leaves_out_is_left_out,
    t21_the_time_of_sending_is_never_confirmed,
];

/// What the handler gets after the API said `truth`, and the delivery said `forged`.
async fn handled(event: &str, truth: &Value, forged: &Value) -> Capture {
    let api = Api::answering(200, truth.to_string()).await;
    capture(&api.client(), &delivery(event, forged)).await
}

/// Everything that may differ, differs.
fn forged(of: &Value) -> Value {
    let forged = json!({
        "image_url": "https://forged.example/image", "file_size": 666, "mime_type": "text/forged",
        "width": 666, "height": 666, "processing_time_ms": 666,
        "options": {"width": 666, "format": "forged", "full_page": true, "delay": 666, "more": "forged"},
        "error": {"message": "forged", "code": "FORGED"},
        "created_at": "1966-06-06T06:06:06Z", "completed_at": "1966-06-06T06:06:06Z", "undocumented": "forged",
    });
    let fields = forged.as_object().unwrap().iter();
    fields.fold(of.clone(), |data, (field, value)| with(data, field, value.clone()))
}

async fn t21_nothing_forged_reaches_the_event() {
    for (event, truth) in [("screenshot.completed", completed()), ("screenshot.failed", failed())] {
        let body = json!({"event": event, "data": truth}).to_string();
        let expected = match ScreenshotRunEvent::decode(body.as_bytes()).unwrap() {
            ScreenshotRunEvent::ScreenshotCompleted(capture) | ScreenshotRunEvent::ScreenshotFailed(capture) => capture,
            other => panic!("{other:?}"),
        };
        assert_eq!(handled(event, &truth, &forged(&truth)).await, expected);
        assert_ne!(handled(event, &forged(&truth), &truth).await, expected, "what is forged is read");
    }
}

async fn t21_what_the_api_leaves_out_is_left_out() {
    let truth = json!({"id": ID, "status": "completed", "url": "https://example.com"});
    for truth in [truth.clone(), json!({"data": truth}), with(truth, "options", json!([]))] {
        let capture = handled("screenshot.completed", &truth, &forged(&completed())).await;
        let left = json!({"data": {"id": ID, "status": "completed", "url": "https://example.com"}});
        assert_eq!(serde_json::to_value(&capture).unwrap(), left);
    }
    // An API that does not say which page it was cannot agree that it was this one.
    let api = Api::answering(200, json!({"id": ID, "status": "completed"}).to_string()).await;
    denied(&api.client(), &delivery("screenshot.completed", &completed())).await;
}

async fn t21_the_time_of_sending_is_never_confirmed() {
    let time = json!("2026-03-09T10:30:09.000000Z");
    for truth in [
        json!({"data": completed(), "sent_at": time}),
        with(completed(), "sent_at", time.clone()),
        json!({"event": "screenshot.failed", "data": with(completed(), "sent_at", time.clone()), "sent_at": time}),
    ] {
        let capture = handled("screenshot.completed", &truth, &completed()).await;
        assert_eq!((capture.sent_at, capture.file_size), (None, Some(245_760)));
    }
}
