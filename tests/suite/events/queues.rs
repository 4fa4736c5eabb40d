//! Events leave the handler: to other threads and tasks, and as JSON into queues.

use std::{fmt::Debug, sync::mpsc, thread};

use countersign::{
    Delivery, DeliveryId, LocalDateTime, PartlyDocumented, ProviderEvent, RawJson, Rfc3339, UnknownEvent,
    providers::{self, GeoScored, ScreenScoreEvent, ScreenshotCenterEvent, ZeodynEvent},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::events::{fixture, support::sender};

fn can_leave<T: Clone + Debug + Send + Sync + 'static>() {}
fn can_be_stored<T: Clone + Debug + Send + Sync + Serialize + DeserializeOwned + PartialEq + 'static>() {}

#[test]
fn events_and_their_parts_can_leave_the_handler() {
    macro_rules! events_can_be_stored {
        ($($name:ident => $Provider:ident,)*) => {
            $(can_be_stored::<<providers::$Provider as countersign::provider::Provider>::Event>();)*
        };
    }
    countersign::__for_each_typed_provider!(events_can_be_stored);
    can_be_stored::<providers::Analysis>();
    can_be_stored::<providers::Breakdown>();
    can_be_stored::<providers::Batch>();
    can_be_stored::<providers::Screenshot>();
    can_be_stored::<providers::Job>();
    can_be_stored::<providers::Capture>();
    can_be_stored::<providers::CaptureOptions>();
    can_be_stored::<providers::CaptureError>();
    can_be_stored::<providers::ScoreChange>();
    can_be_stored::<providers::ScanComplete>();
    can_be_stored::<providers::ThresholdAlert>();
    can_be_stored::<providers::BatchComplete>();
    can_be_stored::<providers::Scan>();
    can_be_stored::<RawJson>();
    can_be_stored::<Rfc3339>();
    can_be_stored::<LocalDateTime>();
    can_leave::<UnknownEvent>();
    can_leave::<PartlyDocumented<providers::Job>>();
    can_leave::<DeliveryId>();
    can_leave::<Delivery<GeoScored>>();
}

/// Every documented event of `E` and an unknown one.
fn all<E: ProviderEvent>(provider: &str) -> Vec<E> {
    let bodies = sender(provider).fixtures().into_iter().map(|fixture| fixture.body);
    let unknown = br#"{ "event": "new", "data": {"id":"a"}, "n": 1.0 }"#.to_vec();
    bodies.chain([unknown]).map(|body| E::decode(&body).expect("an event")).collect()
}

#[test]
fn events_go_through_a_channel_between_threads() {
    let events: Vec<ScreenScoreEvent> = all("screenscore");
    let (sender, receiver) = mpsc::channel();
    let sent = events.clone();
    thread::spawn(move || sent.into_iter().for_each(|event| sender.send(event).expect("a receiver")));
    assert_eq!(receiver.iter().collect::<Vec<_>>(), events);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_go_through_a_channel_between_tasks() {
    let events: Vec<ScreenshotCenterEvent> = all("screenshotcenter");
    let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
    let sent = events.clone();
    tokio::spawn(async move {
        for event in sent {
            sender.send(event).await.expect("a receiver");
        }
    });
    let mut received = Vec::new();
    while let Some(event) = receiver.recv().await {
        received.push(event);
    }
    assert_eq!(received, events);
}

/// As text, as bytes, and as a `Value`.
fn assert_reads_back<T: Serialize + DeserializeOwned>(stored: &T, is_same: impl Fn(&T) -> bool) {
    let text = serde_json::to_string(stored).expect("JSON");
    assert!(is_same(&serde_json::from_str(&text).expect("its own JSON")), "{text}");
    let bytes = serde_json::to_vec_pretty(stored).expect("JSON");
    assert!(is_same(&serde_json::from_slice(&bytes).expect("its own JSON")), "{text}");
    assert!(is_same(&serde_json::from_reader(&*bytes).expect("its own JSON")), "{text}");
    let value = serde_json::to_value(stored).expect("JSON");
    assert!(is_same(&T::deserialize(&value).expect("its own JSON")), "{value}");
    assert!(is_same(&serde_json::from_value(value).expect("its own JSON")), "{text}");
}

/// A `Value` keeps neither whitespace nor the order of fields, so kept JSON is compared as what it means.
fn means<E: ProviderEvent>(event: &E) -> (String, Option<String>, serde_json::Value) {
    let json = serde_json::to_value(event).expect("JSON");
    (event.name().to_owned(), event.resource_id().map(str::to_owned), json)
}

#[test]
fn events_read_back_from_text_bytes_readers_and_values() {
    macro_rules! check {
        ($($name:ident => $Provider:ident,)*) => {$(
            for event in all::<<providers::$Provider as countersign::provider::Provider>::Event>(stringify!($name)) {
                let meaning = means(&event);
                assert_reads_back(&event, |again| means(again) == meaning);
                // Beside others, in a list.
                assert_reads_back(&vec![event], |again| means(&again[0]) == meaning);
            }
        )*};
    }
    countersign::__for_each_typed_provider!(check);
}

#[test]
fn events_read_back_as_equal_from_text_and_bytes() {
    macro_rules! check {
        ($($name:ident => $Provider:ident,)*) => {$(
            for event in all::<<providers::$Provider as countersign::provider::Provider>::Event>(stringify!($name)) {
                let text = serde_json::to_string(&event).expect("JSON");
                assert!(serde_json::from_str::<<providers::$Provider as countersign::provider::Provider>::Event>(&text)
                    .is_ok_and(|again| again == event), "{text}");
                let bytes = serde_json::to_vec(&event).expect("JSON");
                assert!(serde_json::from_slice::<<providers::$Provider as countersign::provider::Provider>::Event>(&bytes)
                    .is_ok_and(|again| again == event), "{text}");
            }
        )*};
    }
    countersign::__for_each_typed_provider!(check);
}

/// An application's own queue, as the documentation of `Event` says to write it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "from", content = "webhook", rename_all = "lowercase")]
enum Queued {
    ScreenScore(ScreenScoreEvent),
    ScreenshotCenter(ScreenshotCenterEvent),
    Zeodyn(ZeodynEvent),
}

/// The same with names that sort the other way round: a `Value`, and many a database, sorts them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "provider", content = "event")]
enum Sorted {
    ScreenScore(ScreenScoreEvent),
    ScreenshotCenter(ScreenshotCenterEvent),
    Zeodyn(ZeodynEvent),
}

macro_rules! all_in {
    ($Queue:ident) => {
        std::iter::empty()
            .chain(all("screenscore").into_iter().map($Queue::ScreenScore))
            .chain(all("screenshotcenter").into_iter().map($Queue::ScreenshotCenter))
            .chain(all("zeodyn").into_iter().map($Queue::Zeodyn))
    };
}

#[test]
fn events_read_back_inside_an_adjacently_tagged_enum() {
    for queued in all_in!(Queued) {
        let text = serde_json::to_string(&queued).expect("JSON");
        assert!(text.starts_with(r#"{"from":"s"#) || text.starts_with(r#"{"from":"zeodyn","webhook":{"#), "{text}");
        assert_eq!(serde_json::from_str::<Queued>(&text).expect("its own JSON"), queued);
        assert_eq!(serde_json::from_slice::<Queued>(text.as_bytes()).expect("its own JSON"), queued);
        let value = serde_json::to_value(&queued).expect("JSON");
        let again: Queued = serde_json::from_value(value.clone()).expect("its own JSON");
        assert_eq!(serde_json::to_value(again).expect("JSON"), value);
    }
}

#[test]
fn events_read_back_inside_an_adjacently_tagged_enum_when_the_content_comes_first() {
    for queued in all_in!(Sorted) {
        let text = serde_json::to_string(&queued).expect("JSON");
        assert_eq!(serde_json::from_str::<Sorted>(&text).expect("its own JSON"), queued);
        let value = serde_json::to_value(&queued).expect("JSON");
        let again: Sorted = serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{error}: {value}"));
        assert_eq!(serde_json::to_value(again).expect("JSON"), value);
    }
}

/// Without a tag, serde reads the whole into a buffer first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Event(ScreenshotCenterEvent),
    Count(u64),
}

#[test]
fn events_read_back_inside_an_untagged_enum() {
    for event in all::<ScreenshotCenterEvent>("screenshotcenter") {
        let meaning = means(&event);
        let text = serde_json::to_string(&Untagged::Event(event)).expect("JSON");
        let Untagged::Event(again) = serde_json::from_str(&text).expect("its own JSON") else { panic!("{text}") };
        assert_eq!(means(&again), meaning);
    }
    assert_eq!(serde_json::from_str::<Untagged>("7").expect("a count"), Untagged::Count(7));
}

#[test]
fn the_structs_of_payloads_can_be_stored_by_themselves() {
    let body = fixture("screenscore", "analysis.completed");
    let ScreenScoreEvent::AnalysisCompleted(analysis) = ScreenScoreEvent::decode(&body).expect("an event") else {
        panic!()
    };
    let text = serde_json::to_string(&analysis).expect("JSON");
    assert!(text.starts_with(r#"{"created_at":"2026-04-16T10:23:52Z","data":{"id":"ana_"#), "{text}");
    assert_eq!(serde_json::from_str::<providers::Analysis>(&text).expect("its own JSON"), analysis);
}
