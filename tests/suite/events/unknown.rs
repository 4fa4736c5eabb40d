//! Events that no page names: their name, their JSON as it came, and the id where the provider's other events have it.

use countersign::{
    ProviderEvent,
    providers::{GeoScoredEvent, ScreenScoreEvent, ZeodynEvent},
};

use crate::events::{families, family};

#[test]
fn an_unknown_name_is_no_error() {
    for family in families() {
        for name in
            ["", "something.new", "SCORE_CHANGE", "analysis.completed ", "scan", "\u{1f4f8}", "a\\\"b", "Unknown"]
        {
            let seen = family.read(format!(r#"{{"event":"{name}"}}"#));
            assert_eq!(seen.variant(), "Unknown");
            assert_eq!(seen.name, name.replace("\\\"", "\""), "{}", family.provider);
            assert_eq!(seen.resource_id, None);
        }
    }
}

#[test]
fn another_providers_event_is_unknown() {
    for family in families() {
        for other in families().iter().filter(|other| other.provider != family.provider) {
            for fixture in other.sender().fixtures() {
                if family.sender().events.contains(&&*fixture.event) {
                    continue; // Two of them call an event `screenshot.failed`.
                }
                let seen = family.read(&fixture.body);
                assert_eq!((seen.variant(), &seen.name), ("Unknown", &fixture.event));
            }
        }
    }
}

#[test]
fn the_json_is_kept_byte_for_byte() {
    let odd = "{ \"event\" :\t\"new\",\r\n  \"n\": 1.0,\"m\":1e400, \"big\":123456789012345678901234567890,\n\"e\":\"\\u00e9\\/\", \
               \"dup\":1,\"dup\":2, \"z\": {}, \"a\": [ ] }";
    let ZeodynEvent::Unknown(event) = ZeodynEvent::decode(odd.as_bytes()).expect("an event") else { panic!() };
    assert_eq!(event.json().get(), odd);
    assert_eq!(event.name(), "new");

    // Around the value there may be whitespace too, which is no part of it.
    let framed = format!("\r\n\t {odd} \n");
    let ZeodynEvent::Unknown(event) = ZeodynEvent::decode(framed.as_bytes()).expect("an event") else { panic!() };
    assert_eq!(event.json().get(), odd);
}

#[test]
fn debug_shows_no_more_than_the_length_of_the_json() {
    let body = r#"{"event":"new","customer":"c4n4ry"}"#;
    let debug = format!("{:?}", GeoScoredEvent::decode(body.as_bytes()).expect("an event"));
    assert_eq!(debug, r#"Unknown(UnknownEvent { name: "new", resource_id: None, json: RawJson([35 bytes]) })"#);
}

#[test]
fn the_id_is_looked_up_where_the_providers_other_events_have_it() {
    let rows = [
        ("screenscore", r#"{"event":"new","data":{"id":"a"}}"#, Some("a")),
        ("screenscore", r#"{"event":"new","data": { "more":[{"id":"b"}], "\u0069d" : "\u0061" } }"#, Some("a")),
        ("screenscore", r#"{"data":{"id":"a"},"event":"new"}"#, Some("a")),
        ("screenscore", r#"{"event":"new","id":"a"}"#, None),
        ("screenscore", r#"{"event":"new","data.id":"a"}"#, None),
        ("screenscore", r#"{"event":"new","data":{"data":{"id":"a"}}}"#, None),
        ("screenscore", r#"{"event":"new","data":[{"id":"a"}]}"#, None),
        ("screenscore", r#"{"event":"new","data":"id"}"#, None),
        ("screenscore", r#"{"event":"new","data":null}"#, None),
        ("screenscore", r#"{"event":"new","data":{}}"#, None),
        ("screenshotrun", r#"{"event":"new","data":{"id":"a"}}"#, Some("a")),
        ("screenshotrun", r#"{"event":"new","id":"a"}"#, None),
        ("screenshotcenter", r#"{"event":"new","screenshot_id":"a"}"#, Some("a")),
        ("screenshotcenter", r#"{"event":"new","data":{"screenshot_id":"a"}}"#, None),
        ("screenshotcenter", r#"{"event":"new","id":"a"}"#, None),
        ("screenshotcenter", r#"{"event":"new","screenshot_id":{"":"a"}}"#, None),
        ("geoscored", r#"{"event":"new","scan_id":"a"}"#, Some("a")),
        ("geoscored", r#"{"event":"new","scanId":"a"}"#, None),
        ("zeodyn", r#"{"event":"new","scanId":"a"}"#, Some("a")),
        ("zeodyn", r#"{"event":"new","batchId":"a"}"#, Some("a")),
        ("zeodyn", r#"{"event":"new","url":"a"}"#, Some("a")),
        ("zeodyn", r#"{"url":"c","batchId":"b","scanId":"a","event":"new"}"#, Some("a")),
        ("zeodyn", r#"{"event":"new","url":"b","batchId":"a"}"#, Some("a")),
        ("zeodyn", r#"{"event":"new","scanId":7.5,"batchId":"","url":"a"}"#, Some("a")),
        ("zeodyn", r#"{"event":"new","scanId":7,"url":"a"}"#, Some("7")),
        ("screenscore", r#"{"event":"new","data":{"id":18446744073709551616}}"#, Some("18446744073709551616")),
        ("screenscore", r#"{"event":"new","data":1e999}"#, None),
        ("screenscore", r#"{"event":"new","\ud83d":1e999,"data":{"\udc00":"\ud83d","id":"a"}}"#, Some("a")),
        ("zeodyn", r#"{"event":"new","scan_id":"a"}"#, None),
    ];
    for (provider, body, expected) in rows {
        assert_eq!(family(provider).read(body).resource_id.as_deref(), expected, "{provider}: {body}");
    }
}

#[test]
fn an_id_that_is_no_string_or_an_empty_one_is_none() {
    for value in ["null", "-0", "7.5", "7.0", "7e0", "true", "[]", r#"["a"]"#, "{}", r#"{"id":"a"}"#, r#""""#] {
        for (provider, body) in [
            ("screenscore", format!(r#"{{"event":"new","data":{{"id":{value}}}}}"#)),
            ("screenshotcenter", format!(r#"{{"event":"new","screenshot_id":{value}}}"#)),
            ("screenshotrun", format!(r#"{{"event":"new","data":{{"id":{value}}}}}"#)),
            ("zeodyn", format!(r#"{{"event":"new","scanId":{value},"batchId":{value},"url":{value}}}"#)),
            ("geoscored", format!(r#"{{"event":"new","scan_id":{value}}}"#)),
        ] {
            assert_eq!(family(provider).read(&body).resource_id, None, "{provider}: {body}");
        }
    }
}

#[test]
fn what_a_page_names_without_its_payload_keeps_all_of_it() {
    let body = "{\"event\": \"batch.completed\",\n \"created_at\":\"2026-04-16T10:30:00Z\", \"n\":1.0, \"data\":{\"id\":\"b\", \
                \"completed\":19,\"completed\":20} }";
    let event = ScreenScoreEvent::decode(body.as_bytes()).expect("an event");
    let ScreenScoreEvent::BatchCompleted(batch) = event else { panic!() };
    assert_eq!(batch.json.get(), body);
    assert_eq!(batch.fields.id, "b");
    assert_eq!(batch.fields.event_created_at.expect("a time").as_str(), "2026-04-16T10:30:00Z");
}

#[test]
fn what_a_page_does_not_type_rejects_nothing() {
    // The page shows no payload of these events: whatever stands there is as documented as anything else.
    for event in ["screenshot.failed", "batch.finished", "app.upload.finished", "app.upload.failed"] {
        for value in ["null", "7", "-1.5", "true", "[]", r#"["a"]"#, "{}", r#"{"a":1}"#] {
            for field in ["screenshot_id", "url", "status", "created_at", "metadata", "error", "width", "jobs"] {
                let body = format!(r#"{{"event":"{event}","{field}":{value}}}"#);
                let seen = family("screenshotcenter").read(&body);
                assert_eq!((seen.name, seen.json), (event.to_owned(), body));
            }
        }
    }
}
