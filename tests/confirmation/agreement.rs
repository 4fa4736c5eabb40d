//! The API agrees with the delivery.

use countersign::providers::ScreenshotRunEvent;
use serde_json::json;

use crate::{
    api::{Api, KEY},
    deliveries::{ID, completed, delivery, documented, failed, genuine, with, with_body},
    receivers::Adapter,
};

for_both![
    the_api_is_asked_once_about_the_screenshot_with_the_key,
    an_answer_that_agrees_is_accepted_in_both_shapes,
    a_failure_that_the_api_knows_is_accepted,
    a_delivery_may_leave_out_status_and_url,
    an_upper_case_id_is_the_lower_case_one_of_the_api,
];

fn the_api_is_asked_once_about_the_screenshot_with_the_key(adapter: Adapter) {
    let api = Api::answering(200, completed().to_string());
    let receiver = adapter.receiver(api.client());
    receiver.accepts(&genuine());
    let seen = api.take_seen();
    assert_eq!(seen.len(), 1);
    assert_eq!((&*seen[0].method, &*seen[0].target), ("GET", &*format!("/api/v1/screenshots/{ID}")));
    assert_eq!(seen[0].header("authorization"), [format!("Bearer {KEY}")]);
    assert_eq!(seen[0].header("host"), [format!("localhost:{}", api.port)]);
    assert_eq!(seen[0].header("accept"), ["application/json"]);
    assert_eq!(seen[0].body, "");
    // Nothing of the delivery's own request goes along, and nothing asks for what would have to be inflated.
    let mut names: Vec<_> = seen[0].headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["accept", "authorization", "host", "user-agent"]);
}

fn an_answer_that_agrees_is_accepted_in_both_shapes(adapter: Adapter) {
    let by_itself = completed();
    let wrapped = json!({"data": completed()});
    let among_others = json!({"success": true, "data": completed(), "meta": {"id": "another", "status": "failed"}});
    let with_more = with(completed(), "more", json!([{"id": "another"}]));
    for body in [by_itself, wrapped, among_others, with_more] {
        let api = Api::answering(200, body.to_string());
        let handled = adapter.receiver(api.client()).accepts(&genuine());
        let ScreenshotRunEvent::ScreenshotCompleted(capture) = &handled.event else { panic!("{:?}", handled.event) };
        assert_eq!((&*capture.id, capture.file_size), (ID, Some(245_760)), "{body}");
        assert_eq!(api.take_seen().len(), 1);
    }
}

fn a_failure_that_the_api_knows_is_accepted(adapter: Adapter) {
    let api = Api::answering(200, failed().to_string());
    let handled = adapter.receiver(api.client()).accepts(&with_body(&documented("screenshot.failed")));
    let ScreenshotRunEvent::ScreenshotFailed(capture) = handled.event else { panic!("{:?}", handled.event) };
    assert_eq!(capture.error.unwrap().code.as_deref(), Some("TIMEOUT"));
}

fn a_delivery_may_leave_out_status_and_url(adapter: Adapter) {
    let api = Api::answering(200, completed().to_string());
    let receiver = adapter.receiver(api.client());
    for data in [
        json!({"id": ID}),
        json!({"id": ID, "status": null, "url": null}),
        json!({"id": ID, "url": "https://example.com"}),
        json!({"id": ID, "status": "completed"}),
    ] {
        let handled = receiver.accepts(&delivery("screenshot.completed", &data));
        let ScreenshotRunEvent::ScreenshotCompleted(capture) = handled.event else { panic!("{:?}", handled.event) };
        assert_eq!(capture.status.as_deref(), Some("completed"));
        assert_eq!(capture.url.as_deref(), Some("https://example.com"));
    }
}

/// Otherwise one delivery would have as many ids as there are ways to write it, and be no duplicate of itself.
fn an_upper_case_id_is_the_lower_case_one_of_the_api(adapter: Adapter) {
    let api = Api::answering(200, completed().to_string());
    let receiver = adapter.receiver(api.client());
    let as_documented = receiver.accepts(&genuine());
    for id in [ID.to_uppercase(), ID.replace('e', "E")] {
        let handled = receiver.accepts(&delivery("screenshot.completed", &with(completed(), "id", json!(id))));
        assert_eq!(handled.event.resource_id(), Some(ID));
        assert_eq!(handled.delivery_id, as_documented.delivery_id);
        assert!(handled.delivery_id.is_some());
    }
}
