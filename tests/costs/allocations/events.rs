//! Decoding: an event takes an allocation for every text that it keeps, and hardly any other.

use countersign::{ProviderEvent, provider::Provider, providers};
use countersign_testkit::Payload;
use serde_json::Value;

use super::{assert_allocations, support::senders};

fn decode(provider: &str, body: &[u8]) {
    macro_rules! decode {
        ($($name:ident => $Provider:ident,)*) => {
            match provider {
                $(providers::$Provider::NAME => {
                    drop(<providers::$Provider as Provider>::Event::decode(body).expect("an event"));
                })*
                _ => panic!("no provider"),
            }
        };
    }
    countersign::__for_each_typed_provider!(decode);
}

/// What is no text.
fn others(provider: &str, event: &str) -> i64 {
    match (provider, event) {
        // A list.
        ("screenscore", "analysis.completed") => 1,
        // An object kept as raw JSON.
        ("screenshotcenter", "screenshot.finished") => 1,
        // The whole body kept, and what `serde_json` remembers of its depth.
        ("screenscore", "batch.completed") => 2,
        // Both.
        ("screenshotcenter", _) => 3,
        _ => 0,
    }
}

#[test]
fn every_text_takes_one() {
    for sender in senders() {
        for fixture in sender.fixtures() {
            let json: Value = serde_json::from_slice(&fixture.body).expect("JSON");
            // All that is documented is kept, but for the name, which the event's variant says.
            let expected = texts(&json) - 1 + others(sender.name, &fixture.event);
            let what = format!("decoding {} {}", sender.name, fixture.event);
            assert_allocations(&what, expected, || decode(sender.name, &fixture.body));
        }
    }
}

/// Its name, its id and its JSON are what it keeps.
#[test]
fn an_unknown_event() {
    let payload = Payload::<providers::Zeodyn>::documented("scan_complete").expect("a payload");
    let payload = payload.with_field("/event", "not.documented").expect("the field");
    assert_allocations("decoding an unknown event", 3, || decode("zeodyn", payload.bytes()));
}

/// How many strings stand in it, beside names of fields.
fn texts(json: &Value) -> i64 {
    match json {
        Value::String(_) => 1,
        Value::Array(items) => items.iter().map(texts).sum(),
        Value::Object(fields) => fields.values().map(texts).sum(),
        _ => 0,
    }
}
