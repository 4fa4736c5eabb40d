//! A comparison of one's own.

use countersign::{
    confirmation::agrees,
    providers::{Capture, ScreenshotRunEvent},
};
use serde_json::{Value, json};

use crate::{
    api::Api,
    deliveries::{ID, completed, delivery, genuine, with},
    receivers::Adapter,
};

for_both![
    a_comparison_may_accept_an_event_that_is_not_documented,
    a_comparison_may_refuse_more,
    a_comparison_may_overlook_what_it_likes,
    t21_no_comparison_makes_up_for_another_id,
    t4_a_comparison_that_panics_is_503_and_the_service_goes_on,
];

fn a_comparison_may_accept_an_event_that_is_not_documented(adapter: Adapter) {
    let api = Api::answering(200, json!({"data": with(completed(), "status", json!("archived"))}).to_string());
    let receiver = adapter.receiver(api.client().with_comparison(|event, screenshot| {
        event.name() == "screenshot.archived" && screenshot.status.as_deref() == Some("archived")
    }));
    let forged = with(completed(), "image_url", json!("https://forged.example/image"));
    let handled = receiver.accepts(&delivery("screenshot.archived", &forged));
    let ScreenshotRunEvent::Unknown(event) = handled.event else { panic!("{:?}", handled.event) };
    assert_eq!((event.name(), event.resource_id()), ("screenshot.archived", Some(ID)));
    let json: Value = serde_json::from_str(event.json().get()).unwrap();
    let data = with(completed(), "status", json!("archived"));
    assert_eq!(json, json!({"event": "screenshot.archived", "data": data}));
    receiver.denies(&genuine());
}

fn a_comparison_may_refuse_more(adapter: Adapter) {
    let api = Api::answering(200, completed().to_string());
    let is_small = |screenshot: &Capture| screenshot.file_size.is_some_and(|size| size < 1000);
    let client =
        api.client().with_comparison(move |event, screenshot| agrees(event, screenshot) && is_small(screenshot));
    adapter.receiver(client).denies(&genuine());
    assert_eq!(api.take_seen().len(), 1);
}

fn a_comparison_may_overlook_what_it_likes(adapter: Adapter) {
    let api = Api::answering(200, with(completed(), "url", json!("https://example.com/")).to_string());
    adapter.receiver(api.client()).denies(&genuine());
    let receiver = adapter.receiver(api.client().with_comparison(|_, _| true));
    let handled = receiver.accepts(&genuine());
    let ScreenshotRunEvent::ScreenshotCompleted(capture) = handled.event else { panic!("{:?}", handled.event) };
    assert_eq!(capture.url.as_deref(), Some("https://example.com/"));
}

fn t21_no_comparison_makes_up_for_another_id(adapter: Adapter) {
    let another = with(completed(), "id", json!("550e8400-e29b-41d4-a716-446655440001"));
    let api = Api::answering(200, another.to_string());
    let receiver = adapter.receiver(api.client().with_comparison(|_, _| true));
    receiver.denies(&genuine());
    assert_eq!(api.take_seen().len(), 1);
    receiver.denies(&delivery("screenshot.completed", &with(completed(), "id", json!("../.."))));
    receiver.denies(&delivery("screenshot.completed", &json!({})));
    assert_eq!(api.take_seen(), []);
    // Nor for an answer that is not understood.
    let api = Api::answering(200, json!({"id": ID}).to_string());
    adapter.receiver(api.client().with_comparison(|_, _| true)).is_undecided(&genuine());
}

fn t4_a_comparison_that_panics_is_503_and_the_service_goes_on(adapter: Adapter) {
    let api = Api::answering(200, completed().to_string());
    let client = api.client().with_concurrency(1).with_comparison(|event, screenshot| {
        assert_eq!(event.name(), "screenshot.completed", "the one that is meant to panic");
        agrees(event, screenshot)
    });
    let receiver = adapter.receiver(client);
    for _ in 0..3 {
        receiver.is_undecided(&delivery("screenshot.failed", &json!({"id": ID})));
    }
    receiver.accepts(&genuine());
}
