//! The user's own comparison.

use countersign::{confirmation::ScreenshotRunApi, providers::ScreenshotRunEvent};
use serde_json::{Value, json};

use crate::{
    api::Api,
    deliveries::{ID, completed, delivery, genuine, with},
    inside::{capture, confirmed, denied, undecided},
};

for_all![
    a_comparison_may_accept_an_event_that_is_not_documented,
    a_comparison_may_deny_more_or_ignore_differences,
    t21_no_comparison_makes_up_for_another_id,
];

async fn a_comparison_may_accept_an_event_that_is_not_documented() {
    let archived = with(completed(), "status", json!("archived"));
    let api = Api::answering(200, json!({"data": archived}).to_string()).await;
    let builder = api.builder().with_comparison(|event, screenshot| {
        event.name() == "screenshot.archived" && screenshot.status.as_deref() == Some("archived")
    });
    let client = builder.build().unwrap();
    let forged = with(completed(), "image_url", json!("https://forged.example/image"));
    let event = confirmed(&client, &delivery("screenshot.archived", &forged)).await.into_event();
    let ScreenshotRunEvent::Unknown(event) = event else { panic!("{event:?}") };
    assert_eq!((event.name(), event.resource_id()), ("screenshot.archived", Some(ID)));
    let json: Value = serde_json::from_str(event.json().get()).unwrap();
    assert_eq!(json, json!({"event": "screenshot.archived", "data": archived}));
    denied(&client, &genuine()).await;
}

async fn a_comparison_may_deny_more_or_ignore_differences() {
    let api = Api::answering(200, with(completed(), "url", json!("https://example.com/")).to_string()).await;
    let client = api.builder().with_comparison(|_, _| true).build().unwrap();
    assert_eq!(capture(&client, &genuine()).await.url.as_deref(), Some("https://example.com/"));
    let api = Api::answering(200, completed().to_string()).await;
    let builder = api.builder().with_comparison(|event, screenshot| {
        ScreenshotRunApi::agrees(event, screenshot) && screenshot.file_size.is_some_and(|size| size < 1000)
    });
    denied(&builder.build().unwrap(), &genuine()).await;
    assert_eq!(api.take_seen().len(), 1);
}

async fn t21_no_comparison_makes_up_for_another_id() {
    let another = with(completed(), "id", json!("550e8400-e29b-41d4-a716-446655440001"));
    let api = Api::answering(200, another.to_string()).await;
    denied(&api.builder().with_comparison(|_, _| true).build().unwrap(), &genuine()).await;
    // Nor for an answer that cannot be read.
    let api = Api::answering(200, json!({"id": ID}).to_string()).await;
    undecided(&api.builder().with_comparison(|_, _| true).build().unwrap(), &genuine()).await;
}
