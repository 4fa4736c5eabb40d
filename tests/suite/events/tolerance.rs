//! Only `event` is required: what is missing, null, empty or new rejects no genuine delivery.

use serde_json::{Map, Value, json};

use crate::events::{Family, Seen, families, family};

/// A documented payload whose fields come in the alphabet's order, but `event` first.
pub(crate) fn text(payload: &Value) -> String {
    let fields = payload.as_object().expect("an object");
    let rest = fields.iter().filter(|(key, _)| *key != "event").map(|(key, value)| format!(",{}:{value}", json!(key)));
    format!(r#"{{"event":{}{}}}"#, fields["event"], rest.collect::<String>())
}

/// All documented payloads.
pub(crate) fn payloads() -> Vec<(Family, Value)> {
    let payloads = |family: Family| {
        let fixtures = family.sender().fixtures();
        fixtures.into_iter().map(move |fixture| (family, serde_json::from_slice(&fixture.body).expect("JSON")))
    };
    families().into_iter().flat_map(payloads).collect()
}

/// The pointers to every field of every object of a payload, `event` left out.
pub(crate) fn fields(payload: &Value, at: &str, found: &mut Vec<String>) {
    for (key, value) in payload.as_object().into_iter().flatten() {
        let pointer = format!("{at}/{key}");
        fields(value, &pointer, found);
        if pointer != "/event" {
            found.push(pointer);
        }
    }
}

fn object_of<'a>(payload: &'a mut Value, pointer: &'a str) -> (&'a mut Map<String, Value>, &'a str) {
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    (payload.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object"), key)
}

/// What a payload looks like when its event is written again.
fn written(payload: &Value) -> Value {
    let mut payload = payload.clone();
    fn tidy(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                fields.retain(|_, value| !value.is_null());
                fields.values_mut().for_each(tidy);
            }
            Value::Number(number) => *value = number.as_f64().into(),
            _ => {}
        }
    }
    tidy(&mut payload);
    payload
}

fn assert_is_written_as(seen: &Seen, expected: &Value) {
    let json: Value = serde_json::from_str(&seen.json).expect("JSON");
    let mut expected = written(expected);
    // An envelope is an envelope, whatever is in it.
    if json.get("data").is_some() && expected.get("data").is_none() {
        expected["data"] = json!({});
    }
    assert_eq!(written(&json), expected);
}

#[test]
fn every_field_may_be_missing_or_null_and_no_other_one_is_touched() {
    let mut count = 0;
    for (family, payload) in payloads() {
        let variant = family.read(text(&payload)).variant().to_owned();
        let mut pointers = Vec::new();
        fields(&payload, "", &mut pointers);
        for pointer in pointers {
            let mut without = payload.clone();
            let (object, key) = object_of(&mut without, &pointer);
            object.remove(key).expect("a field");
            let mut null = payload.clone();
            *null.pointer_mut(&pointer).expect("a field") = Value::Null;

            let seen = family.read(text(&without));
            assert_eq!(seen.variant(), variant, "{} without {pointer}", family.provider);
            if seen.keeps_json() {
                assert_eq!(family.read(text(&null)).variant(), variant, "{} with null at {pointer}", family.provider);
            } else {
                assert_is_written_as(&seen, &without);
                assert_eq!(family.read(text(&null)), seen, "{} with null at {pointer}", family.provider);
            }
            // The fallback for a name that does not come first reads the same.
            let sorted = family.read(without.to_string());
            assert_eq!((sorted.variant(), &sorted.resource_id), (seen.variant(), &seen.resource_id));
            count += 1;
        }
    }
    assert!(count > 120, "{count} fields of the documented payloads");
}

#[test]
fn the_name_alone_is_an_event() {
    for family in families() {
        for event in family.sender().events {
            let seen = family.read(format!(r#"{{"event":"{event}"}}"#));
            assert_ne!(seen.variant(), "Unknown");
            assert_eq!((&*seen.name, seen.resource_id), (*event, None));
        }
    }
}

#[test]
fn new_fields_are_tolerated_in_every_object() {
    let new =
        ["null", "true", "7", "-1.5e300", "1e400", r#""\ud83d""#, r#""text""#, "[[1],{}]", r#"{"event":"x","id":7}"#];
    for (family, payload) in payloads() {
        let plain = text(&payload);
        let seen = family.read(&plain);
        for value in new {
            for field in ["new", "Event", "events", "EVENT", "", "\\u0000", "\u{1f4f8}"] {
                // At the end, and at the beginning, of every object.
                let last =
                    plain.replace("{}", "{ }").replace('}', &format!(r#","{field}":{value}}}"#)).replace("{ ,", "{");
                let first = plain.replace("{}", "{ }").replace(r#"{""#, &format!(r#"{{"{field}":{value},""#));
                for text in [last, first] {
                    let more = family.read(&text);
                    assert_eq!((more.variant(), &more.name), (seen.variant(), &seen.name), "{text}");
                    assert_eq!(more.resource_id, seen.resource_id, "{text}");
                    if !seen.keeps_json() && !seen.debug.contains("RawJson") {
                        assert_eq!(more, seen, "{text}");
                    }
                }
            }
        }
    }
}

#[test]
fn an_empty_array_in_place_of_an_object_is_no_object() {
    let bodies = [
        ("screenscore", "analysis.completed", r#""data":@"#),
        ("screenscore", "batch.completed", r#""data":@"#),
        ("screenscore", "analysis.failed", r#""data":{"breakdown":@}"#),
        ("screenshotrun", "screenshot.completed", r#""data":@"#),
        ("screenshotrun", "screenshot.completed", r#""data":{"options":@}"#),
        ("screenshotrun", "screenshot.failed", r#""data":{"error":@}"#),
    ];
    for (provider, event, fields) in bodies {
        let body = |value: &str| format!(r#"{{"event":"{event}",{}}}"#, fields.replace('@', value));
        let null = family(provider).read(body("null"));
        for empty in ["[]", "[ \n]"] {
            let seen = family(provider).read(body(empty));
            assert_eq!((seen.variant(), &seen.name), (null.variant(), &null.name));
            if !seen.keeps_json() {
                assert_eq!(seen, null, "{}", body(empty));
            }
        }
        // An array that is not empty is not taken for the fields in their order.
        for wrong in [r#"["x"]"#, "[null]", "[[]]", "[{}]", r#"["a","b","c","d","e","f"]"#, r#""x""#, "7", "true"] {
            let seen = family(provider).read(body(wrong));
            assert_eq!((seen.variant(), &seen.name), (null.variant(), &null.name));
            if !seen.keeps_json() {
                assert_eq!(seen, null, "{}", body(wrong));
            }
        }
    }
}
