//! I10, K1: whatever JSON stands in a documented field, the rest of the event is kept.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::events::{
    Family, Seen, families, family,
    properties::any_json,
    tolerance::{fields, payloads, text},
};

/// What one is likely to meet, and what JSON has beyond `Value`.
const SHAPES: [&str; 24] = [
    r#""78""#,
    r#""""#,
    r#""0""#,
    r#""true""#,
    r#""\ud83d""#,
    r#""\u0000\\\"""#,
    "0",
    "1",
    "-1.5",
    "7.0",
    "1776334000",
    "1e999",
    "-0",
    "18446744073709551616",
    "true",
    "false",
    "[]",
    "{}",
    r#"["a",null,7,{"a":[]},["b"]]"#,
    r#"{"0":"a","2":"b"}"#,
    r#"{"a":1,"a":2}"#,
    r#"{"event":"x","event":"y","id":[],"message":7}"#,
    r#"{"\ud83d":{"0":[{}]}}"#,
    "[[[[[[[[[[]]]]]]]]]]",
];

/// The fields of an event as it is written, each by its path; without what is inside of `replaced`.
fn written(seen: &Seen, replaced: &str) -> BTreeMap<String, Value> {
    fn collect(value: &Value, at: String, found: &mut BTreeMap<String, Value>) {
        match value {
            Value::Object(fields) => {
                fields.iter().for_each(|(key, value)| collect(value, format!("{at}/{key}"), found));
            }
            value => _ = found.insert(at, value.clone()),
        }
    }
    let mut found = BTreeMap::new();
    // Kept JSON is written as it came.
    let json = seen.json.replace("\\ud83d", "").replace("1e999", "0");
    collect(&serde_json::from_str(&json).expect("JSON"), String::new(), &mut found);
    found.retain(|path, _| !format!("{path}/").starts_with(&format!("{replaced}/")));
    found
}

/// `payload` with `json` in the place of one field: every other field is what it was.
#[track_caller]
fn assert_keeps_the_rest(family: &Family, payload: &Value, pointer: &str, json: &str) -> Seen {
    let mut marked = payload.clone();
    *marked.pointer_mut(pointer).expect("a field") = "\u{7f}".into();
    let body = text(&marked).replace("\"\u{7f}\"", json);
    let (seen, whole) = (family.read(&body), family.read(text(payload)));
    assert_eq!((seen.variant(), &seen.name), (whole.variant(), &whole.name), "{body}");
    if seen.keeps_json() {
        assert_eq!(seen.json, body);
    } else {
        assert_eq!(written(&seen, pointer), written(&whole, pointer), "{body}");
    }
    let id_at = family.sender().id_at(&seen.name);
    if !format!("{id_at}/").starts_with(&format!("{pointer}/")) {
        assert_eq!(seen.resource_id, whole.resource_id, "{body}");
    }
    // Also beside what no type of ours has a place for.
    let beside = body.replacen('{', r#"{"\ud83d":[1e999,{"a":1,"a":2}],"#, 1);
    let again = family.read(&beside);
    assert_eq!((&again.resource_id, again.keeps_json() || again == seen), (&seen.resource_id, true), "{beside}");
    seen
}

#[test]
fn c01_a_value_of_another_shape_costs_no_other_field() {
    let mut count = 0;
    for (family, payload) in payloads() {
        let mut pointers = Vec::new();
        fields(&payload, "", &mut pointers);
        for pointer in pointers {
            for shape in SHAPES {
                assert_keeps_the_rest(&family, &payload, &pointer, shape);
                count += 1;
            }
        }
    }
    assert!(count > 2_500, "{count}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(countersign_test_support::cases(1000)) })]

    #[test]
    fn i10_any_json_in_any_documented_field_costs_no_other_field(
        json in any_json(),
        which in any::<prop::sample::Index>(),
        field in any::<prop::sample::Index>(),
    ) {
        let payloads = payloads();
        let (family, payload) = which.get(&payloads);
        let mut pointers = Vec::new();
        fields(payload, "", &mut pointers);
        assert_keeps_the_rest(family, payload, &pointers[field.index(pointers.len())], &json.to_string());
    }
}

/// The event that is left, of the cases in the issue.
#[test]
fn c01_what_can_be_read_is_read() {
    for (provider, body, expected) in [
        (
            "screenscore",
            r#"{"event":"analysis.completed","data":{"id":"a","score":"78","feedback":{"0":"a","2":"b"}}}"#,
            r#"{"event":"analysis.completed","data":{"id":"a","score":78.0,"feedback":["a","b"]}}"#,
        ),
        (
            "screenscore",
            r#"{"event":"analysis.completed","created_at":1776334000,"data":{"feedback":["a",null,7,{"0":"b"},true,"c"]}}"#,
            r#"{"event":"analysis.completed","data":{"feedback":["a","7","c"]}}"#,
        ),
        (
            "screenscore",
            r#"{"event":"analysis.completed","data":{"feedback":{"10":"c","9":"b","-1":"a"}}}"#,
            r#"{"event":"analysis.completed","data":{"feedback":["a","b","c"]}}"#,
        ),
        (
            "screenscore",
            r#"{"event":"analysis.completed","data":{"feedback":{"0":"a","x":"b"},"label":7.50,"status":1e2}}"#,
            r#"{"event":"analysis.completed","data":{"status":"1e2","label":"7.50"}}"#,
        ),
        (
            "screenscore",
            r#"{"event":"analysis.completed","data":{"feedback":{}}}"#,
            r#"{"event":"analysis.completed","data":{"feedback":[]}}"#,
        ),
        (
            "screenshotcenter",
            r#"{"event":"screenshot.finished","width":"1280","height":"720.0","screenshot_id":7712345}"#,
            r#"{"event":"screenshot.finished","screenshot_id":"7712345","width":1280,"height":720}"#,
        ),
        (
            "screenshotrun",
            r#"{"event":"screenshot.failed","data":{"id":"a","error":"TIMEOUT"}}"#,
            r#"{"event":"screenshot.failed","data":{"id":"a"}}"#,
        ),
        (
            "screenshotrun",
            r#"{"event":"screenshot.failed","data":{"error":{"message":["m"],"code":504}}}"#,
            r#"{"event":"screenshot.failed","data":{"error":{"code":"504"}}}"#,
        ),
        (
            "screenshotrun",
            r#"{"event":"screenshot.completed","data":{"options":{"full_page":1,"retina":"0","block_ads":"true","dark_mode":"false","block_cookies":2,"delay":"x"}}}"#,
            r#"{"event":"screenshot.completed","data":{"options":{"full_page":true,"block_ads":true,"dark_mode":false,"retina":false}}}"#,
        ),
        (
            "geoscored",
            r#"{"event":"scan.failed","scan_id":"a","error_message":{},"overall_score":"72.5"}"#,
            r#"{"event":"scan.failed","scan_id":"a","overall_score":72.5}"#,
        ),
        (
            "zeodyn",
            r#"{"event":"score_change","url":5,"newScore":"72","timestamp":{"date":"2026-02-22"}}"#,
            r#"{"event":"score_change","url":"5","newScore":72.0}"#,
        ),
    ] {
        assert_eq!(family(provider).read(body).json, expected, "{body}");
    }
}

#[test]
fn t4_a_megabyte_of_bad_fields_is_read_in_linear_time() {
    let start = std::time::Instant::now();
    let of = |field: &str| field.repeat(1_000_000 / field.len());
    for family in families() {
        for event in family.sender().events.iter().take(1) {
            for body in [
                format!(r#"{{"event":"{event}","score":"x","data":{{{}"x":[]}}}}"#, of(r#""feedback":[{}],"#)),
                format!(r#"{{"event":"{event}",{}"score":"x","x":1}}"#, of(r#""band":[],"width":{},"#)),
                format!(r#"{{"event":"{event}","data":{{"score":"x","feedback":[{}7]}}}}"#, of("[],")),
                format!(
                    r#"{{"event":"{event}","data":{{"score":"x","breakdown":{{{}"a":1}}}}}}"#,
                    of(r#""\ud83d":[],"#)
                ),
                format!(r#"{{"event":"{event}","band":"{}","new":{{}}}}"#, of(r"\ud83d\\")),
                format!(
                    r#"{{"event":"{event}","score":"x","totalUrls":{{}},"data":{}1{}}}"#,
                    of(r#"{"data":"#),
                    "}".repeat(1_000_000 / 8)
                ),
            ] {
                // An ID, or an object around it, may be there twice.
                let _ = (family.decode)(body.as_bytes());
            }
        }
    }
    // Nothing here is quadratic: that would take hours.
    assert!(start.elapsed().as_secs() < 600, "{:?}", start.elapsed());
}

#[test]
fn an_id_behind_a_list_is_no_id_and_not_there_twice() {
    for body in [
        json!({ "event": "analysis.failed", "data": [{ "id": "a" }, { "id": "b" }], "created_at": [] }),
        json!({ "event": "analysis.failed", "data": [{ "id": "a", "x": [] }], "created_at": 1 }),
        json!({ "event": "analysis.failed", "data": { "0": { "id": "a" }, "1": { "id": "b" } }, "created_at": 1 }),
    ] {
        assert_eq!(family("screenscore").read(body.to_string()).resource_id, None, "{body}");
    }
    let twice =
        r#"{"event":"analysis.failed","created_at":[{"data":1,"data":2}],"data":{"x":{"id":1,"id":2},"id":"a"}}"#;
    assert_eq!(family("screenscore").read(twice).resource_id.as_deref(), Some("a"));
    for twice in [
        r#"{"event":"analysis.failed","created_at":1,"data":{"id":"a","id":["b"]}}"#,
        r#"{"event":"analysis.failed","\ud83d":1,"data":{"id":["a"],"i\u0064":"b"}}"#,
        r#"{"event":"analysis.failed","created_at":1,"data":[{"id":"a"}],"d\u0061ta":{"id":"b"}}"#,
        r#"{"event":"analysis.failed","created_at":1e999,"data":1e999,"data":1e999}"#,
        r#"{"event":"new","\ud83d":1e999,"data":1e999,"data":{"id":"b"}}"#,
    ] {
        let error = family("screenscore").refuse(twice);
        assert!(error.starts_with("the body does not fit the type that it is read as: duplicate field `"), "{error}");
    }
    for twice in [
        r#"{"event":"analysis.failed","created_at":1,"\u0065vent":"analysis.failed"}"#,
        r#"{"created_at":1e999,"event":"analysis.failed","\ud83d":1,"event":[]}"#,
    ] {
        let error = family("screenscore").refuse(twice);
        assert!(
            error.starts_with("the body does not fit the type that it is read as: duplicate field `event`"),
            "{error}"
        );
    }
}
