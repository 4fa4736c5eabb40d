//! The API does not know the screenshot, or knows something else.

use serde_json::{Value, json};

use crate::{
    api::{Api, answer},
    deliveries::{ID, completed, delivery, failed, genuine, with},
    receivers::Adapter,
};

for_both![
    a_screenshot_that_the_api_does_not_know_is_refused,
    t21_another_status_url_or_id_than_the_apis_is_refused,
    t21_an_event_that_its_status_contradicts_is_refused,
    t21_an_event_that_is_not_documented_is_refused,
];

fn a_screenshot_that_the_api_does_not_know_is_refused(adapter: Adapter) {
    for status in [404, 410] {
        for body in [String::new(), r#"{"message":"Not found."}"#.to_owned(), completed().to_string()] {
            let api = Api::answering(status, body);
            adapter.receiver(api.client()).denies(&genuine());
            assert_eq!(api.take_seen().len(), 1, "{status}");
        }
    }
    let mut moved = answer(404, "");
    moved.headers_mut().insert("location", "https://localhost/".parse().unwrap());
    adapter.receiver(Api::answering_with(moved).client()).denies(&genuine());
}

fn t21_another_status_url_or_id_than_the_apis_is_refused(adapter: Adapter) {
    let another = "550e8400-e29b-41d4-a716-446655440001";
    let answers = [
        with(completed(), "status", json!("processing")),
        with(completed(), "status", json!("Completed")),
        with(completed(), "status", json!("")),
        with(completed(), "url", json!("https://example.com/")),
        with(completed(), "url", json!("https://example.org")),
        with(completed(), "url", Value::Null),
        with(completed(), "id", json!(another)),
        with(completed(), "id", json!(format!("{ID} "))),
        with(completed(), "id", json!(format!("{{{ID}}}"))),
        // It is `data` that says what the screenshot is, not what stands around it.
        with(completed(), "data", with(completed(), "id", json!(another))),
        with(completed(), "data", with(completed(), "status", json!("failed"))),
    ];
    let (api, tell) = Api::told();
    let receiver = adapter.receiver(api.client());
    for body in answers {
        tell(answer(200, body.to_string()));
        receiver.denies(&genuine());
        tell(answer(200, json!({"data": body.get("data").unwrap_or(&body)}).to_string()));
        receiver.denies(&genuine());
        assert_eq!(api.take_seen().len(), 2, "{body}");
    }
}

fn t21_an_event_that_its_status_contradicts_is_refused(adapter: Adapter) {
    let (is_completed, has_failed) = (completed(), failed());
    for (event, truth) in [("screenshot.completed", &has_failed), ("screenshot.failed", &is_completed)] {
        let api = Api::answering(200, truth.to_string());
        let receiver = adapter.receiver(api.client());
        // With the API's status, the one that the event asks for, and none.
        for status in [json!("completed"), json!("failed"), json!("processing"), json!(""), Value::Null] {
            receiver.denies(&delivery(event, &with(completed(), "status", status.clone())));
            receiver.denies(&delivery(event, &with(failed(), "status", status)));
        }
        receiver.denies(&delivery(event, &json!({"id": ID})));
    }
    for (event, truth, other) in [
        ("screenshot.completed", is_completed.clone(), "failed"),
        ("screenshot.failed", has_failed.clone(), "completed"),
    ] {
        let api = Api::answering(200, truth.to_string());
        adapter.receiver(api.client()).denies(&delivery(event, &with(truth, "status", json!(other))));
    }
}

fn t21_an_event_that_is_not_documented_is_refused(adapter: Adapter) {
    let api = Api::answering(200, completed().to_string());
    let receiver = adapter.receiver(api.client());
    for event in [
        "screenshot.deleted",
        "screenshot.completed ",
        "Screenshot.completed",
        "screenshot.completed\u{0}",
        "completed",
        "",
        "\",\"data\":{},\"event\":\"screenshot.completed",
    ] {
        receiver.denies(&delivery(event, &completed()));
        receiver.denies(&delivery(event, &json!({"id": ID})));
    }
    assert!(api.take_seen().iter().all(|seen| seen.target == format!("/api/v1/screenshots/{ID}")));
}
