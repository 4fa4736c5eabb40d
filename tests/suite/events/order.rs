//! Where `event` stands in the body, and how it is spelt, makes no difference.

use serde_json::Value;

use crate::events::{
    Family,
    tolerance::{payloads, text},
};

/// The payload with `event` behind `position` other fields, spelt as `name` and `value`.
fn with_event_at(payload: &Value, position: usize, name: &str, value: &str) -> String {
    let fields = payload.as_object().expect("an object");
    let others = fields.iter().filter(|(key, _)| *key != "event").map(|(key, value)| format!(r#""{key}":{value}"#));
    let mut texts: Vec<_> = others.collect();
    texts.insert(position, format!("{name}:{value}"));
    format!("{{{}}}", texts.join(","))
}

fn assert_is_the_same(family: &Family, payload: &Value, other: &str) {
    let expected = family.read(text(payload));
    let seen = family.read(other);
    assert_eq!((seen.variant(), &seen.name), (expected.variant(), &expected.name), "{other}");
    assert_eq!(seen.resource_id, expected.resource_id, "{other}");
    if seen.keeps_json() {
        assert_eq!(seen.json, other);
    } else {
        assert_eq!(seen, expected, "{other}");
    }
}

#[test]
fn event_may_stand_anywhere() {
    for (family, mut payload) in payloads() {
        for name in [payload["event"].clone(), "something.new".into()] {
            payload["event"] = name;
            let value = payload["event"].to_string();
            for position in 0..payload.as_object().expect("an object").len() {
                let body = with_event_at(&payload, position, r#""event""#, &value);
                assert_is_the_same(&family, &payload, &body);
            }
        }
    }
}

#[test]
fn event_may_be_escaped() {
    for (family, payload) in payloads() {
        let value = payload["event"].to_string();
        let escaped_value = value.replace('e', "\\u0065").replace('.', "\\u002E").replace('_', "\\u005f");
        assert_ne!(value, escaped_value);
        let last = payload.as_object().expect("an object").len() - 1;
        for position in [0, last] {
            for name in [r#""\u0065vent""#, r#""\u0065\u0076\u0065\u006E\u0074""#, r#""event""#] {
                for value in [&value, &escaped_value] {
                    assert_is_the_same(&family, &payload, &with_event_at(&payload, position, name, value));
                }
            }
        }
    }
}

#[test]
fn another_field_that_contains_event_is_not_the_name() {
    for (family, payload) in payloads() {
        let body = text(&payload);
        let nested =
            body.replacen('{', r#"{"more":{"event":"wrong"},"events":"wrong","event ":"wrong","Event":"wrong","#, 1);
        assert_eq!(family.read(&nested).name, payload["event"].as_str().expect("a name"), "{nested}");
    }
}

#[test]
fn whitespace_and_line_ends_of_any_kind_are_json() {
    for (family, payload) in payloads() {
        let compact = text(&payload);
        let crlf = serde_json::to_string_pretty(&payload).expect("JSON").replace('\n', "\r\n");
        for body in [
            compact.replacen('{', "{\t \r\n", 1),
            format!(" \r\n\t{compact}\r\n\r\n"),
            compact.replacen(':', " \t\r\n:\r", 1),
            crlf.clone(),
            format!("{crlf}\r\n"),
        ] {
            let (seen, expected) = (family.read(&body), family.read(&compact));
            assert_eq!((seen.variant(), &seen.resource_id), (expected.variant(), &expected.resource_id), "{body:?}");
            if seen.keeps_json() {
                assert_eq!(seen.json, body.trim_matches([' ', '\t', '\r', '\n']));
            } else {
                assert_eq!(seen, expected, "{body:?}");
            }
        }
    }
}
