//! A field that stands twice lets two readers see two things: the name, the ID and what is around the ID make the
//! delivery another one, and are an error. Any other field has no value then.

use serde_json::Value;

use crate::events::{
    families, family,
    tolerance::{fields, payloads, text},
};

#[test]
fn t23_a_second_event_is_an_error() {
    for family in families() {
        for event in family.sender().events.iter().chain(&["something.new"]) {
            for body in [
                format!(r#"{{"event":"{event}","event":"other"}}"#),
                format!(r#"{{"event":"other","event":"{event}"}}"#),
                format!(r#"{{"event":"{event}","event":"{event}"}}"#),
                format!(r#"{{"event":"{event}","event":null}}"#),
                format!(r#"{{"event":"{event}","url":"u","\u0065vent":"other"}}"#),
                format!(r#"{{"url":"u","event":"{event}","event":"other"}}"#),
                format!(r#"{{"url":"u","\u0065vent":"{event}","more":{{}},"event":"other"}}"#),
            ] {
                let error = family.refuse(&body);
                let expected =
                    "the body does not fit the type that it is read as: duplicate field `event` at line 1 column ";
                assert!(error.starts_with(expected), "{body}: {error}");
            }
        }
    }
}

#[test]
fn t23_a_documented_field_that_stands_twice_has_no_value_and_an_id_is_an_error() {
    let mut count = 0;
    for (family, payload) in payloads() {
        let mut pointers = Vec::new();
        fields(&payload, "", &mut pointers);
        for pointer in pointers {
            let key = pointer.rsplit('/').next().expect("a key");
            let depth = pointer.matches('/').count();
            if payload.pointer(&pointer).expect("a field").is_object() {
                continue; // Below.
            }
            // Every object is given the field once more, at its end.
            let (object, value) = (pointer.rsplit_once('/').expect("a pointer").0, payload.pointer(&pointer));
            let mut marked = payload.clone();
            let object = marked.pointer_mut(object).and_then(|object| object.as_object_mut()).expect("an object");
            object.insert("\u{7f}".into(), value.expect("a field").clone());
            let body = text(&marked).replace('\u{7f}', key);
            assert_eq!(
                body.matches(&format!(r#""{key}":"#)).count(),
                text(&payload).matches(&format!(r#""{key}":"#)).count() + 1
            );

            assert!(depth <= 3);
            count += 1;
            let event = payload["event"].as_str().expect("a name");
            if family.sender().id_at(event) == pointer {
                let error = family.refuse(&body);
                let expected = format!(
                    "the body does not fit the type that it is read as: duplicate field `{key}` at line 1 column "
                );
                assert!(error.starts_with(&expected), "{body}: {error}");
                continue;
            }
            let mut without = payload.clone();
            *without.pointer_mut(&pointer).expect("a field") = Value::Null;
            let (seen, expected) = (family.read(&body), family.read(text(&without)));
            if seen.keeps_json() {
                assert_eq!(
                    (&seen.name, &seen.resource_id, &*seen.json),
                    (&expected.name, &expected.resource_id, &*body)
                );
            } else {
                assert_eq!(seen, expected, "{body}");
            }
        }
    }
    assert!(count > 110, "{count} fields of the documented payloads");
}

#[test]
fn t23_an_object_around_an_id_that_stands_twice_is_an_error() {
    for (provider, body, field) in [
        ("screenscore", r#"{"event":"analysis.completed","data":{},"data":{}}"#, "data"),
        ("screenscore", r#"{"event":"analysis.completed","data":{},"data":null}"#, "data"),
        ("screenscore", r#"{"event":"batch.completed","data":{},"data":{"id":"b"}}"#, "data"),
        ("screenshotrun", r#"{"data":[],"event":"screenshot.completed","data":{}}"#, "data"),
        ("screenscore", r#"{"event":"new","data":{},"data":{}}"#, "data"),
        ("screenscore", r#"{"data":{},"d\u0061ta":{},"event":"new"}"#, "data"),
        ("screenshotrun", r#"{"event":"new","data":1,"data":2}"#, "data"),
    ] {
        let error = family(provider).refuse(body);
        let expected =
            format!("the body does not fit the type that it is read as: duplicate field `{field}` at line 1 column ");
        assert!(error.starts_with(&expected), "{body}: {error}");
    }
}

#[test]
fn another_object_that_stands_twice_has_no_value() {
    for (provider, body, expected) in [
        (
            "screenscore",
            r#"{"event":"analysis.failed","data":{"breakdown":{"visual_clarity":1},"breakdown":[]}}"#,
            "{}",
        ),
        (
            "screenshotrun",
            r#"{"event":"screenshot.failed","data":{"options":{"width":1},"options":{"width":2}}}"#,
            "{}",
        ),
        ("screenshotrun", r#"{"event":"screenshot.failed","data":{"error":{},"\u0065rror":{"code":"a"}}}"#, "{}"),
    ] {
        let written: Value = serde_json::from_str(&family(provider).read(body).json).expect("JSON");
        assert_eq!(written["data"].to_string(), expected, "{body}");
    }
    for event in ["screenshot.finished", "batch.finished"] {
        family("screenshotcenter").read(format!(r#"{{"event":"{event}","metadata":{{}},"metadata":{{}}}}"#));
    }
}

const UNKNOWN_WITH_TWO_IDS: [(&str, &str, &str); 10] = [
    ("screenscore", r#"{"event":"new","data":{"id":"a","id":"b"}}"#, "id"),
    ("screenscore", r#"{"event":"new","data":{"id":"a","\u0069d":"a"}}"#, "id"),
    ("screenscore", r#"{"event":"new","data":{"id":null,"id":"a"}}"#, "id"),
    ("screenshotrun", r#"{"event":"new","data":{"id":"a","more":[],"id":"b"}}"#, "id"),
    ("screenshotcenter", r#"{"event":"new","screenshot_id":"a","screenshot_id":"b"}"#, "screenshot_id"),
    ("geoscored", r#"{"scan_id":"a","scan_id":"b","event":"new"}"#, "scan_id"),
    ("zeodyn", r#"{"event":"new","scanId":"a","scanId":"b"}"#, "scanId"),
    ("zeodyn", r#"{"event":"new","scanId":"a","batchId":"b","batchId":"c"}"#, "batchId"),
    ("zeodyn", r#"{"event":"new","scanId":"a","url":"b","url":"c"}"#, "url"),
    ("zeodyn", r#"{"event":"new","url":"b","url":"c"}"#, "url"),
];

#[test]
fn t23_an_unknown_event_with_two_ids_is_an_error() {
    for (provider, body, field) in UNKNOWN_WITH_TWO_IDS {
        let error = family(provider).refuse(body);
        let expected =
            format!("the body does not fit the type that it is read as: duplicate field `{field}` at line 1 column ");
        assert!(error.starts_with(&expected), "{body}: {error}");
    }
}

#[test]
fn the_place_of_a_second_id_is_one_in_the_body() {
    for (provider, body, field) in UNKNOWN_WITH_TWO_IDS {
        // On a line of its own, and the body not at the beginning.
        let second = body.rfind(&format!(r#""{field}":"#)).max(body.rfind(r#""\u0069d":"#)).expect("a second one");
        let framed = format!("\n \n{}\n{}", &body[..second], &body[second..]);
        let error = family(provider).refuse(&framed);
        let line = error.split(" at line ").nth(1).and_then(|place| place.split(' ').next());
        assert_eq!(line, Some("4"), "`{field}` stands twice in {framed:?}: {error}");
    }
}

#[test]
fn what_is_not_read_may_stand_twice() {
    for (provider, body) in [
        ("screenscore", r#"{"event":"analysis.failed","new":1,"new":2,"data":{"new":1,"new":2}}"#),
        ("screenscore", r#"{"event":"new","id":"a","id":"b","data":{"more":{"id":1,"id":2},"new":1,"new":2}}"#),
        ("screenshotcenter", r#"{"event":"batch.finished","jobs":1,"jobs":2,"data":1,"data":2}"#),
        ("screenshotcenter", r#"{"event":"screenshot.finished","metadata":{"id":1,"id":2}}"#),
        ("zeodyn", r#"{"event":"new","score":1,"score":2,"more":{"url":1,"url":2}}"#),
        ("geoscored", r#"{"event":"scan.failed","url_":1,"url_":2}"#),
    ] {
        family(provider).read(body);
    }
}
