//! T19: the message of a body that could not be decoded says what was expected and where, and nothing of the body.

use std::collections::BTreeSet;

use countersign::{DecodeError, ProviderEvent, provider::Provider, providers};
use serde_json::{Value, json};

use crate::traces::{convert::of, needles::CANARY};

const NUMBER: u64 = 7_315_924_680;

/// Values to put in the place of others, all of which would be known again.
fn strangers() -> Vec<Value> {
    let mut nested = json!(CANARY);
    for _ in 0..130 {
        nested = json!([nested]);
    }
    vec![
        json!(CANARY),
        json!(format!("{CANARY}, expected {CANARY}")),
        json!(format!("missing field `{CANARY}`")),
        json!(format!("\" at line 1 column 1, expected {CANARY}")),
        json!([CANARY]),
        json!({CANARY: CANARY}),
        json!({"id": {CANARY: CANARY}}),
        json!({format!("duplicate field `{CANARY}`"): 1}),
        json!(NUMBER),
        json!(-7_315_924_680_i64),
        json!(7_315_924_680.25),
        json!([NUMBER]),
        json!(true),
        json!(null),
        nested,
    ]
}

/// The paths of all values within.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| pointers(value, &format!("{at}/{name}"), found))
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| pointers(value, &format!("{at}/{index}"), found));
        }
        _ => {}
    }
}

/// Bodies with something else somewhere.
fn variants(body: &[u8]) -> Vec<Vec<u8>> {
    let value: Value = serde_json::from_slice(body).unwrap();
    let mut found = Vec::new();
    pointers(&value, "", &mut found);
    let mut variants = Vec::new();
    for pointer in &found {
        for stranger in strangers() {
            let mut value = value.clone();
            *value.pointer_mut(pointer).unwrap() = stranger;
            variants.push(value.to_string().into_bytes());
        }
    }
    // Fields that are there twice, text that ends anywhere, and rubbish anywhere.
    let text = String::from_utf8(body.to_vec()).unwrap();
    for (at, _) in text.match_indices(['{', ',', ':', '}', '"']) {
        for rubbish in [
            CANARY.to_owned(),
            format!("\"{CANARY}\""),
            format!("\"{CANARY}\":\"{CANARY}\","),
            format!("\"\\ud800{CANARY}\""),
        ] {
            variants.push(format!("{}{rubbish}{}", &text[..at], &text[at..]).into_bytes());
        }
        variants.push(format!("{}{CANARY}", &text[..at]).into_bytes());
    }
    for pointer in found.iter().filter(|pointer| pointer.matches('/').count() == 1) {
        let name = pointer.trim_start_matches('/');
        variants.push(text.replacen('{', &format!("{{\"{name}\":\"{CANARY}\","), 1).into_bytes());
    }
    variants
}

fn messages<P: Provider>(found: &mut BTreeSet<String>) {
    for fixture in of::<P>().fixtures() {
        for body in variants(&fixture.body) {
            let Err(error) = P::Event::decode(&body) else { continue };
            let error: DecodeError = error;
            for text in [error.to_string(), format!("{error:?}"), format!("{error:#?}")] {
                let shown = String::from_utf8_lossy(&body);
                assert!(!text.contains("canary") && !text.contains("7315924680"), "{text} of {shown}");
            }
            let message = error.to_string();
            let (what, _) = message.split_once(" at line").unwrap_or((&message, ""));
            found.insert(what.to_owned());
        }
    }
}

#[test]
fn t19_messages_say_nothing_of_the_body() {
    let mut found = BTreeSet::new();
    macro_rules! check {
        ($($name:ident => $Provider:ident,)*) => {$( messages::<providers::$Provider>(&mut found); )*};
    }
    countersign::__for_each_typed_provider!(check);
    // Every message contains only what was expected, and names of documented fields.
    for what in &found {
        let is_known = matches!(&**what, "the body is not JSON" | "the body is not UTF-8")
            || what.strip_prefix("the body does not fit the type that it is read as: ").is_some_and(|rest| {
                ["expected ", "missing field `", "duplicate field `"].iter().any(|start| rest.starts_with(start))
                    || ["unexpected value", "nested more than 128 deep"].contains(&rest)
            });
        assert!(is_known, "{what}");
    }
    assert!(found.len() > 5, "{found:?}");
}

/// The message of a user's own struct may quote the body, so it is not passed on.
#[test]
fn t19_a_message_of_anothers_making_is_not_passed_on() {
    use serde::de::Error;
    for message in [
        CANARY.to_owned(),
        format!("no {CANARY}, expected {CANARY}"),
        format!("unknown field `{CANARY}`, expected `{CANARY}`"),
    ] {
        let error = DecodeError::from(serde_json::Error::custom(message)).to_string();
        assert_eq!(error, "the body does not fit the type that it is read as: unexpected value");
    }
}
