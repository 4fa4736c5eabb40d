//! Events written again: in the provider's format, which reads back as the same event.

use countersign::{
    ProviderEvent,
    providers::{ScreenScoreEvent, ScreenshotRunEvent, ZeodynEvent},
};
use serde_json::Value;

use crate::events::{families, fixture};

/// Without nulls, and with every number as a float: what writing an event may change.
fn essence(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(fields.map(|(key, value)| (key, essence(value))).collect())
        }
        Value::Array(items) => items.into_iter().map(essence).collect(),
        Value::Number(number) => number.as_f64().expect("a number").into(),
        other => other,
    }
}

#[test]
fn every_documented_event_has_the_providers_shape() {
    for family in families() {
        for fixture in family.sender().fixtures() {
            let seen = family.read(&fixture.body);
            let written: Value = serde_json::from_str(&seen.json).expect("JSON");
            let documented: Value = serde_json::from_slice(&fixture.body).expect("JSON");
            assert_eq!(essence(written), essence(documented), "{} {}", family.provider, fixture.event);
            if seen.keeps_json() {
                assert_eq!(seen.json.as_bytes(), fixture.body, "kept JSON is written as it came");
            } else {
                let start = format!(r#"{{"event":"{}","#, fixture.event);
                assert!(seen.json.starts_with(&start), "{} does not start with {start}", seen.json);
                assert!(!seen.json.contains("null"), "{}", seen.json);
            }
        }
    }
}

#[test]
fn every_event_of_every_payload_reads_back_as_itself() {
    for family in families() {
        let unknown = [
            r#"{"event":"new"}"#.to_owned(),
            r#"{ "more": [1.0, {"a":null}], "event": "new", "data": {"id": "a"}, "url" :"u" }"#.to_owned(),
        ];
        let nearly_empty = family.sender().events.iter().map(|event| format!(r#"{{"event":"{event}"}}"#));
        let documented = family.sender().fixtures().into_iter();
        let documented = documented.map(|fixture| String::from_utf8(fixture.body).expect("UTF-8"));
        for body in documented.chain(nearly_empty).chain(unknown) {
            let seen = family.read(&body);
            let again = (family.deserialize)(&seen.json).unwrap_or_else(|error| panic!("{error}: {}", seen.json));
            assert_eq!(again, seen);
        }
    }
}

#[test]
fn an_envelope_is_written_as_it_is_on_the_wire() {
    let body = br#"{"event":"analysis.failed","created_at":"E","data":{"id":"a","created_at":"A"}}"#;
    let event = ScreenScoreEvent::decode(body).expect("an event");
    assert_eq!(serde_json::to_vec(&event).expect("JSON"), body);

    let body = br#"{"event":"screenshot.failed","data":{"id":"a","error":{"code":"TIMEOUT"}},"sent_at":"S"}"#;
    let event = ScreenshotRunEvent::decode(body).expect("an event");
    let written: Value = serde_json::to_value(&event).expect("JSON");
    assert_eq!(written, serde_json::from_slice::<Value>(body).expect("JSON"));
}

/// What to queue is the body: it has everything, and reads back as the same event.
#[test]
fn c26_an_event_is_written_with_its_documented_fields_and_the_body_has_the_rest() {
    let body = r#"{"event":"analysis.completed","data":{"id":"ana_1","score":78,"error_message":null,"workspace_id":"ws_7"},"api_version":"2026-05"}"#;
    let event = ScreenScoreEvent::decode(body.as_bytes()).expect("an event");
    let written = serde_json::to_string(&event).expect("JSON");
    assert_eq!(written, r#"{"event":"analysis.completed","data":{"id":"ana_1","score":78.0}}"#);
    assert_eq!(ScreenScoreEvent::decode(written.as_bytes()).expect("an event"), event);
    assert_eq!(crate::events::receive::<countersign::providers::ScreenScore>(body.as_bytes()).body(), body);
    let unknown = body.replace("analysis.completed", "analysis.renamed");
    let event = ScreenScoreEvent::decode(unknown.as_bytes()).expect("an event");
    assert_eq!(serde_json::to_string(&event).expect("JSON"), unknown);
}

#[test]
fn a_field_that_is_not_there_is_not_written() {
    let written = |body: &str| {
        let event = ZeodynEvent::decode(body.as_bytes()).expect("an event");
        serde_json::to_string(&event).expect("JSON")
    };
    assert_eq!(written(r#"{"event":"score_change"}"#), r#"{"event":"score_change"}"#);
    assert_eq!(written(r#"{"event":"scan_complete","scanId":null,"score":null}"#), r#"{"event":"scan_complete"}"#);
    assert_eq!(written(r#"{"event":"batch_complete","failedUrls":0}"#), r#"{"event":"batch_complete","failedUrls":0}"#);
    let analysis =
        ScreenScoreEvent::decode(br#"{"event":"analysis.failed","data":{"feedback":[]}}"#).expect("an event");
    let written = serde_json::to_string(&analysis).expect("JSON");
    assert_eq!(written, r#"{"event":"analysis.failed","data":{"feedback":[]}}"#);
}

#[test]
fn kept_json_inside_a_typed_event_is_written_as_it_came() {
    use countersign::providers::ScreenshotCenterEvent;
    let body = r#"{"event":"screenshot.finished","metadata":{ "order" : 1.0, "order":2, "n":1e400 }}"#;
    let event = ScreenshotCenterEvent::decode(body.as_bytes()).expect("an event");
    assert_eq!(serde_json::to_string(&event).expect("JSON"), body);
}

#[test]
fn text_that_is_no_event_is_not_read_back() {
    let read = |text: &str| serde_json::from_str::<ZeodynEvent>(text).map_err(|error| error.to_string());
    for text in ["", "null", "[]", "{}", r#""score_change""#, r#"{"event":7}"#, r#"{"event":"a","event":"b"}"#] {
        assert!(read(text).is_err(), "{text}");
    }
    // One reader, one message.
    let error = read(r#"{"event":7,"band":7}"#).expect_err("an error");
    assert!(
        error.starts_with("the body does not fit the type that it is read as: expected a string at line 1 column"),
        "{error}"
    );
    assert!(read(&String::from_utf8(fixture("zeodyn", "score_change")).expect("UTF-8")).is_ok());
}
