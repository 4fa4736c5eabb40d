//! The documented payloads, and what is said of those that cannot be made.

use std::fs;

use countersign::{ProviderEvent, providers::*};
use countersign_testkit::{Documented, Payload, PayloadError, PayloadErrorKind};
use serde_json::json;

use crate::testkit::of;

for_every_provider![
    there_is_a_payload_of_every_event_in_the_order_of_their_names,
    a_payload_is_its_file_byte_for_byte,
    an_event_that_is_none_is_answered_with_those_that_are,
];

fn there_is_a_payload_of_every_event_in_the_order_of_their_names<P: Documented>() {
    let names: Vec<_> = P::PAYLOADS.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, P::Event::NAMES);
    let all: Vec<_> = Payload::<P>::all().collect();
    assert_eq!(all.len(), names.len());
    for (payload, name) in all.iter().zip(names) {
        assert_eq!(payload.bytes(), Payload::<P>::documented(name).unwrap().bytes());
        let event = P::Event::decode(payload.bytes()).unwrap();
        assert_eq!(event.name(), name);
        assert!(!format!("{event:?}").starts_with("Unknown("), "{name}");
        let id = of::<P>().id_of(name, payload.bytes());
        assert_eq!(event.resource_id().unwrap_or_default(), id, "{name}");
    }
}

fn a_payload_is_its_file_byte_for_byte<P: Documented>() {
    let folder = countersign_test_support::root().join("crates/countersign-testkit/payloads").join(P::NAME);
    for (name, body) in P::PAYLOADS {
        assert_eq!(fs::read(folder.join(format!("{name}.json"))).unwrap(), body.as_bytes());
        assert!(!body.ends_with('\n'), "{name}");
    }
    assert_eq!(fs::read_dir(folder).unwrap().count(), P::PAYLOADS.len());
}

#[track_caller]
fn is(error: Result<impl Sized, PayloadError>, kind: PayloadErrorKind, message: &str) {
    let error = error.err().expect("an error");
    assert_eq!((error.to_string().as_str(), error.kind()), (message, kind));
}

fn an_event_that_is_none_is_answered_with_those_that_are<P: Documented>() {
    for name in ["", "scan", "Scan_complete", "scan_complete ", "countersign.unknown"] {
        let documented = P::PAYLOADS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        let message = format!("{} does not document an event `{name}`, only {documented}", P::TITLE);
        is(Payload::<P>::documented(name), PayloadErrorKind::UnknownEvent, &message);
    }
}

#[test]
fn events_are_listed_word_for_word() {
    let message = "ScreenshotRun does not document an event `x`, only screenshot.completed, screenshot.failed";
    is(Payload::<ScreenshotRun>::documented("x"), PayloadErrorKind::UnknownEvent, message);
}

#[test]
fn what_is_not_json_has_no_fields() {
    let words = [
        (&b""[..], "EOF while parsing a value at line 1 column 0"),
        (b"{", "EOF while parsing an object at line 1 column 1"),
        (b"{}x", "trailing characters at line 1 column 3"),
        (b"\n nul", "EOF while parsing a value at line 2 column 4"),
        (b"\xff", "invalid utf-8 sequence of 1 bytes from index 0"),
        (b"\xef\xbb\xbf{}", "expected value at line 1 column 1"),
    ];
    for (body, why) in words {
        let message = format!("the payload is not JSON: {why}");
        let payload = Payload::<Zeodyn>::new(body);
        is(payload.clone().with_field("/a", 1), PayloadErrorKind::NotJson, &message);
        is(payload.clone().with_field("", 1), PayloadErrorKind::NotJson, &message);
        is(payload.without_field("/a"), PayloadErrorKind::NotJson, &message);
    }
}

#[test]
fn a_pointer_that_is_none_is_rejected_word_for_word() {
    let payload = Payload::<Zeodyn>::documented("scan_complete").unwrap();
    for pointer in ["event", "#/event", " /event", "$.event", "-"] {
        let message = format!("`{pointer}` is not a JSON pointer: it must start with `/`, as in `/data/id`");
        is(payload.clone().with_field(pointer, 1), PayloadErrorKind::MalformedPointer, &message);
        is(payload.clone().without_field(pointer), PayloadErrorKind::MalformedPointer, &message);
    }
    for pointer in ["/~", "/~2", "/a~b", "/event~", "/~~0", "/~01~"] {
        let message = format!("`{pointer}` is not a JSON pointer: write `~` as `~0`, and `/` in a name as `~1`");
        is(payload.clone().with_field(pointer, 1), PayloadErrorKind::MalformedPointer, &message);
        is(payload.clone().without_field(pointer), PayloadErrorKind::MalformedPointer, &message);
    }
}

#[test]
fn a_pointer_to_nowhere_is_rejected_word_for_word() {
    let payload = Payload::<Zeodyn>::new(r#"{"a":{"b":[0,{}]},"s":"[1]","":1}"#);
    for pointer in ["/none/a", "/a/b/2", "/a/b/01", "/a/b/+1", "/a/b/-1", "/a/b/x", "/a/b/", "/s/0", "/s/a", "//a"] {
        let message = format!("`{pointer}` leads to nothing in this payload");
        is(payload.clone().with_field(pointer, 1), PayloadErrorKind::NoSuchField, &message);
        is(payload.clone().without_field(pointer), PayloadErrorKind::NoSuchField, &message);
    }
    // These can be added, and are not there to be removed; and there is no document without the document.
    for pointer in ["/none", "/a/none", "/a/b/-", "/a/b/1/none"] {
        let message = format!("`{pointer}` leads to nothing in this payload");
        is(payload.clone().without_field(pointer), PayloadErrorKind::NoSuchField, &message);
        assert!(payload.clone().with_field(pointer, 1).is_ok(), "{pointer}");
    }
    is(payload.without_field(""), PayloadErrorKind::NoSuchField, "`` leads to nothing in this payload");
}

#[test]
fn a_value_of_every_kind_is_written_as_json() {
    let payload = Payload::<Zeodyn>::new(r#"{ "a" : 0 , "b" : 1 }"#);
    let values = [
        (json!(null), "null"),
        (json!(true), "true"),
        (json!(-7), "-7"),
        (json!(u64::MAX), "18446744073709551615"),
        (json!(12.5), "12.5"),
        (json!(72.0), "72.0"),
        (json!("q\"\\\n\u{e9}\u{1f4f8}\0"), "\"q\\\"\\\\\\n\u{e9}\u{1f4f8}\\u0000\""),
        (json!([1, [], {}]), "[1,[],{}]"),
        (json!({"x": {"y": null}}), r#"{"x":{"y":null}}"#),
    ];
    for (value, text) in values {
        let set = payload.clone().with_field("/a", value).unwrap();
        assert_eq!(set.bytes(), format!(r#"{{ "a" : {text} , "b" : 1 }}"#).as_bytes());
    }
    let from_rust = payload.with_field("/a", "text").unwrap().with_field("/b", vec![1, 2]).unwrap();
    assert_eq!(from_rust.bytes(), r#"{ "a" : "text" , "b" : [1,2] }"#.as_bytes());
}
