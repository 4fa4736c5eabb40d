//! What the API says of the screenshot, and what becomes of the delivery.

use countersign::providers::ScreenshotRunEvent;
use serde_json::{Value, json};

use crate::{
    api::{Api, KEY, answer},
    deliveries::{ID, completed, delivery, failed, genuine, with},
    inside::{capture, confirmed, denied},
};

for_all![
    the_api_is_asked_once_about_the_screenshot_with_the_key,
    an_answer_that_agrees_is_accepted_in_both_shapes,
    a_delivery_may_leave_out_status_and_url,
    an_upper_case_id_is_the_lower_case_one_of_the_api,
    a_screenshot_that_the_api_does_not_know_is_denied,
    t21_another_status_url_or_id_than_the_apis_is_denied,
    t21_an_event_that_its_status_contradicts_is_denied,
    t21_an_event_that_is_not_documented_is_denied,
];

/// Nothing of the delivery goes along, and nothing asks for a compressed answer.
async fn the_api_is_asked_once_about_the_screenshot_with_the_key() {
    let api = Api::answering(200, completed().to_string()).await;
    confirmed(&api.client(), &genuine()).await;
    let [seen] = &api.take_seen()[..] else { panic!("one request") };
    let mut lines: Vec<_> = seen.trim_end().lines().collect();
    lines.sort_unstable();
    assert_eq!(lines[0], format!("GET /api/v1/screenshots/{ID} HTTP/1.1"));
    let (authorization, host) = (format!("authorization: Bearer {KEY}"), format!("host: localhost:{}", api.port));
    assert_eq!(lines[1..4], ["accept: application/json", &authorization, &host]);
    assert!(lines.len() == 5 && lines[4].starts_with("user-agent: countersign/"), "{seen}");
}

async fn an_answer_that_agrees_is_accepted_in_both_shapes() {
    let wrapped = json!({"success": true, "data": completed(), "meta": {"id": "another", "status": "failed"}});
    for body in [with(completed(), "more", json!([{"id": "another"}])), wrapped] {
        let api = Api::answering(200, format!(" \r\n\t{body}\n")).await;
        let capture = capture(&api.client(), &genuine()).await;
        assert_eq!((&*capture.id, capture.file_size), (ID, Some(245_760)), "{body}");
    }
    let api = Api::answering(200, failed().to_string()).await;
    let event = confirmed(&api.client(), &delivery("screenshot.failed", &failed())).await.into_event();
    assert!(matches!(event, ScreenshotRunEvent::ScreenshotFailed(_)), "{event:?}");
}

async fn a_delivery_may_leave_out_status_and_url() {
    let api = Api::answering(200, completed().to_string()).await;
    for data in [
        json!({"id": ID}),
        json!({"id": ID, "status": null, "url": null}),
        json!({"id": ID, "url": "https://example.com"}),
        json!({"id": ID, "status": "completed"}),
    ] {
        let capture = capture(&api.client(), &delivery("screenshot.completed", &data)).await;
        assert_eq!(capture.status.as_deref().zip(capture.url.as_deref()), Some(("completed", "https://example.com")));
    }
}

/// Otherwise one delivery would have as many IDs as there are ways to write it, and would not be a duplicate of itself.
async fn an_upper_case_id_is_the_lower_case_one_of_the_api() {
    let api = Api::answering(200, completed().to_string()).await;
    let as_documented = confirmed(&api.client(), &genuine()).await.delivery_id().expect("an ID").to_string();
    for spelling in [ID.to_uppercase(), ID.replace('e', "E")] {
        let request = delivery("screenshot.completed", &with(completed(), "id", json!(spelling)));
        let delivery = confirmed(&api.client(), &request).await;
        assert_eq!(delivery.resource_id(), Some(ID));
        assert_eq!(delivery.delivery_id().expect("an ID").to_string(), as_documented);
    }
    assert!(api.take_seen().iter().all(|seen| seen.contains(&format!("/{ID} "))));
}

async fn a_screenshot_that_the_api_does_not_know_is_denied() {
    for (status, body) in [(404, String::new()), (410, String::new()), (404, completed().to_string())] {
        let api = Api::answering(status, body).await;
        denied(&api.client(), &genuine()).await;
        assert_eq!(api.take_seen().len(), 1, "{status}");
    }
}

async fn t21_another_status_url_or_id_than_the_apis_is_denied() {
    let another = "550e8400-e29b-41d4-a716-446655440001";
    for body in [
        with(completed(), "status", json!("processing")),
        with(completed(), "status", json!("Completed")),
        with(completed(), "status", json!("")),
        with(completed(), "url", json!("https://example.com/")),
        with(completed(), "url", json!("https://example.org")),
        with(completed(), "url", Value::Null),
        with(completed(), "id", json!(another)),
        with(completed(), "id", json!(format!("{ID} "))),
        // It is `data` that says what the screenshot is, not what stands around it.
        with(completed(), "data", with(completed(), "id", json!(another))),
        with(completed(), "data", with(completed(), "status", json!("failed"))),
    ] {
        for body in [&body, &json!({"data": body.get("data").unwrap_or(&body)})] {
            let api = Api::answering(200, body.to_string()).await;
            denied(&api.client(), &genuine()).await;
            assert_eq!(api.take_seen().len(), 1, "{body}");
        }
    }
}

async fn t21_an_event_that_its_status_contradicts_is_denied() {
    let (api, tell) = Api::told().await;
    for (event, truth, own, other) in [
        ("screenshot.completed", failed(), "completed", "failed"),
        ("screenshot.failed", completed(), "failed", "completed"),
    ] {
        tell(answer(200, truth.to_string()));
        // With the API's status, the one that the event asks for, and none.
        for status in [json!(own), json!(other), json!(""), Value::Null] {
            denied(&api.client(), &delivery(event, &with(truth.clone(), "status", status))).await;
        }
        denied(&api.client(), &delivery(event, &json!({"id": ID}))).await;
        tell(answer(200, with(truth.clone(), "status", json!(own)).to_string()));
        denied(&api.client(), &delivery(event, &with(truth, "status", json!(other)))).await;
    }
}

async fn t21_an_event_that_is_not_documented_is_denied() {
    let api = Api::answering(200, completed().to_string()).await;
    for event in ["screenshot.deleted", "Screenshot.completed", "", "\",\"data\":{},\"event\":\"screenshot.completed"] {
        denied(&api.client(), &delivery(event, &completed())).await;
    }
    assert!(api.take_seen().iter().all(|seen| seen.contains(&format!("/{ID} "))));
}
