//! Properties, over any JSON there is: nothing panics, and what is read is what `serde_json::Value` reads.

use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::Value;

use crate::events::{Family, families};

/// Keys that mean something to one provider or another, and some that mean nothing to any.
const KEYS: [&str; 22] = [
    "data",
    "id",
    "scan_id",
    "scanId",
    "batchId",
    "url",
    "screenshot_id",
    "status",
    "score",
    "options",
    "breakdown",
    "feedback",
    "error",
    "metadata",
    "created_at",
    "sent_at",
    "timestamp",
    "totalUrls",
    "width",
    "Event",
    "",
    "\u{1f4f8}",
];

fn text() -> impl Strategy<Value = Value> {
    prop_oneof![Just(String::new()), any::<String>(), "[a-z_0-9]{1,12}"].prop_map(Value::from)
}

pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e6..1e6_f64).prop_map(Value::from),
        text(),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((key(), inner), 0..6).prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![4 => select(&KEYS[..]).prop_map(str::to_owned), 1 => any::<String>()]
}

/// A body with an `event`: the provider's own names as often as others.
fn body(family: &Family) -> impl Strategy<Value = (String, Value, usize)> + use<> {
    let names = family.sender().events;
    let name = prop_oneof![3 => select(names).prop_map(str::to_owned), 1 => any::<String>(), 1 => "[a-z_.]{0,10}"];
    (name, vec((key(), any_json()), 0..8), any::<prop::sample::Index>()).prop_map(|(name, fields, position)| {
        let mut body: Value = Value::Object(fields.into_iter().collect());
        body["event"] = name.clone().into();
        let position = position.index(body.as_object().expect("an object").len());
        (name, body, position)
    })
}

/// The body as text, with `event` behind `position` other fields.
fn text_of(body: &Value, position: usize) -> String {
    let field = |(key, value): (&String, &Value)| format!("{}:{value}", Value::from(&**key));
    let fields = body.as_object().expect("an object");
    let mut texts: Vec<_> = fields.iter().filter(|(key, _)| *key != "event").map(field).collect();
    texts.insert(position, format!(r#""event":{}"#, body["event"]));
    format!("{{{}}}", texts.join(","))
}

/// The id that the provider's page gives the thing, read by `Value`.
fn expected_id(provider: &str, name: &str, body: &Value) -> Option<String> {
    let id = |pointer: &&str| match body.pointer(pointer)? {
        Value::String(id) => Some(id.clone()).filter(|id| !id.is_empty() && !id.contains('\u{fffd}')),
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        _ => None,
    };
    let pointers: &[&str] = match (provider, name) {
        ("screenscore" | "screenshotrun", _) => &["/data/id"],
        ("screenshotcenter", _) => &["/screenshot_id"],
        ("zeodyn", "scan_complete") => &["/scanId"],
        ("zeodyn", "batch_complete") => &["/batchId"],
        ("zeodyn", "score_change" | "threshold_alert") => &["/url"],
        ("zeodyn", _) => &["/scanId", "/batchId", "/url"],
        _ => &["/scan_id"],
    };
    pointers.iter().find_map(id)
}

#[test]
fn t23_decoding_agrees_with_value_about_name_and_id() {
    for family in families() {
        let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
            failure_persistence: None,
            ..ProptestConfig::with_cases(countersign_test_support::cases(300))
        });
        let result = runner.run(&body(&family), |(name, body, position)| {
            let text = text_of(&body, position);
            // Whatever JSON it is.
            let seen = (family.decode)(text.as_bytes()).map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert_eq!(&seen.name, &name);
            prop_assert_eq!(&seen.resource_id, &expected_id(family.provider, &name, &body));
            let is_documented = family.sender().events.contains(&&*name);
            prop_assert_eq!(seen.variant() == "Unknown", !is_documented);
            if seen.keeps_json() {
                prop_assert_eq!(&seen.json, &text);
            }
            let again = (family.deserialize)(&seen.json).map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert_eq!((again.name, again.resource_id), (seen.name, seen.resource_id));
            Ok(())
        });
        result.unwrap_or_else(|error| panic!("{}: {error}", family.provider));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(countersign_test_support::cases(500)) })]

    #[test]
    fn t4_no_bytes_panic(bytes in vec(any::<u8>(), 0..64)) {
        for family in families() {
            let _ = (family.decode)(&bytes);
        }
    }

    #[test]
    fn t4_no_broken_payload_panics(place in any::<prop::sample::Index>(), byte: u8, cut in any::<bool>()) {
        for family in families() {
            for fixture in family.sender().fixtures() {
                let mut body = fixture.body;
                let place = place.index(body.len());
                body[place] = byte;
                if cut {
                    body.truncate(place + 1);
                }
                let decoded = (family.decode)(&body);
                // Where a `Value` reads no JSON, neither do we. (We may skip what a `Value` would have to understand.)
                if serde_json::from_slice::<Value>(&body).is_ok_and(|value| !value.is_object()) {
                    prop_assert!(decoded.is_err());
                }
            }
        }
    }
}
