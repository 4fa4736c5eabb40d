//! The two ids: what an event is about, and what equal deliveries have in common.

use std::collections::HashSet;

use countersign::{
    DeliveryId, events,
    provider::{Place, Provider, Scheme},
    providers::{GeoScored, ScreenshotCenter, Zeodyn},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::events::{families, family, fixture, receive};

#[track_caller]
fn id(provider: &str, body: impl AsRef<[u8]>) -> DeliveryId {
    (family(provider).delivery_id)(body.as_ref()).expect("no test event")
}

fn digest(body: impl AsRef<[u8]>) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(body)))
}

/// A body of `event` whose id, wherever the provider's page puts it, is the JSON `value`.
fn with_id(provider: &str, event: &str, value: &str) -> String {
    match (provider, event) {
        ("screenscore" | "screenshotrun", _) => format!(r#"{{"event":"{event}","data":{{"id":{value}}}}}"#),
        ("screenshotcenter", _) => format!(r#"{{"event":"{event}","screenshot_id":{value}}}"#),
        ("zeodyn", "scan_complete") => format!(r#"{{"event":"{event}","scanId":{value}}}"#),
        ("zeodyn", "batch_complete") => format!(r#"{{"event":"{event}","batchId":{value}}}"#),
        ("zeodyn", _) => format!(r#"{{"event":"{event}","url":{value}}}"#),
        _ => format!(r#"{{"event":"{event}","scan_id":{value}}}"#),
    }
}

/// Whether the provider's id tells two deliveries of `event` apart, by its page.
fn has_an_id_of_its_own(event: &str) -> bool {
    !matches!(event, "score_change" | "threshold_alert" | "app.upload.finished" | "app.upload.failed" | "scan.test")
}

#[test]
fn the_ids_of_the_documented_payloads_word_for_word() {
    // The digests are those of `sha256sum crates/countersign-testkit/payloads/*/*.json`.
    let rows = [
        ("screenscore", "analysis.completed", "analysis.completed@2026-04-16T10:23:52Z/ana_09jz7p3nqwec1x5vbr4mt8ks2d"),
        ("screenscore", "analysis.failed", "analysis.failed@2026-04-16T10:23:52Z/ana_09jz7p3nqwec1x5vbr4mt8ks2d"),
        ("screenscore", "batch.completed", "batch.completed@2026-04-16T10:30:00Z/bat_01hx4k2m9fvbzq3rcw7ndj6e5t"),
        ("screenshotcenter", "screenshot.finished", "screenshot.finished@2026-02-22T14:30:00Z/sc_abc123"),
        ("screenshotcenter", "screenshot.failed", "screenshot.failed@2026-02-22T14:30:00Z/sc_abc123"),
        (
            "screenshotcenter",
            "batch.finished",
            "sha256:1b2f8928977fdfa40fe909ba920cc0276aa67321a0661f9b02ae3c0fe8e68809",
        ),
        (
            "screenshotcenter",
            "app.upload.finished",
            "sha256:f44986fae2e221466fa77ec044e9b19b6b31a94b87ce4f88cce3123da9a974e2",
        ),
        (
            "screenshotcenter",
            "app.upload.failed",
            "sha256:7526fc95dfde3b5ba28659e82410f5c8bc71b21595161ab2320b20d55dede07f",
        ),
        ("screenshotrun", "screenshot.completed", "screenshot.completed/550e8400-e29b-41d4-a716-446655440000"),
        ("screenshotrun", "screenshot.failed", "screenshot.failed/550e8400-e29b-41d4-a716-446655440000"),
        ("zeodyn", "score_change", "sha256:d48c53701ddd8c01357498046d222fd3e9d855cc3d6549fc5eaccede9ddd10fa"),
        ("zeodyn", "scan_complete", "scan_complete@2026-02-22T10:30:00Z/a1b2c3d4-e5f6-7890-abcd-ef1234567890"),
        ("zeodyn", "threshold_alert", "sha256:004650de570725c096b121c815f886da2db6eb76e11605935e9bd72a42a58ae7"),
        ("zeodyn", "batch_complete", "batch_complete@2026-02-22T10:30:00Z/b1c2d3e4-f5a6-7890-bcde-f12345678901"),
        ("geoscored", "scan.completed", "scan.completed/abc123"),
        ("geoscored", "scan.failed", "scan.failed/abc123"),
    ];
    for (provider, event, expected) in rows {
        let id = id(provider, fixture(provider, event));
        assert_eq!(id.to_string(), expected);
        assert_eq!(format!("{id:?}"), format!("DeliveryId({expected:?})"));
    }
    let documented: usize = families().iter().map(|family| family.sender().events.len()).sum();
    assert_eq!(rows.len() + 1, documented, "every event but `scan.test` has its row");
}

#[test]
fn the_resource_ids_of_the_documented_payloads() {
    let resource_id = |provider, event| family(provider).read(fixture(provider, event)).resource_id;
    for (provider, event, expected) in [
        ("screenscore", "analysis.completed", "ana_09jz7p3nqwec1x5vbr4mt8ks2d"),
        ("screenscore", "analysis.failed", "ana_09jz7p3nqwec1x5vbr4mt8ks2d"),
        ("screenscore", "batch.completed", "bat_01hx4k2m9fvbzq3rcw7ndj6e5t"),
        ("screenshotcenter", "screenshot.finished", "sc_abc123"),
        ("screenshotcenter", "screenshot.failed", "sc_abc123"),
        ("screenshotcenter", "app.upload.finished", "sc_abc123"),
        ("screenshotcenter", "app.upload.failed", "sc_abc123"),
        ("screenshotrun", "screenshot.completed", "550e8400-e29b-41d4-a716-446655440000"),
        ("screenshotrun", "screenshot.failed", "550e8400-e29b-41d4-a716-446655440000"),
        ("zeodyn", "score_change", "https://example.com"),
        ("zeodyn", "scan_complete", "a1b2c3d4-e5f6-7890-abcd-ef1234567890"),
        ("zeodyn", "threshold_alert", "https://example.com"),
        ("zeodyn", "batch_complete", "b1c2d3e4-f5a6-7890-bcde-f12345678901"),
        ("geoscored", "scan.completed", "abc123"),
        ("geoscored", "scan.failed", "abc123"),
        ("geoscored", "scan.test", "test_00000000"),
    ] {
        assert_eq!(resource_id(provider, event).as_deref(), Some(expected), "{provider} {event}");
    }
    assert_eq!(resource_id("screenshotcenter", "batch.finished"), None);
}

#[test]
fn a_received_webhook_offers_both_ids_and_the_body() {
    let body = fixture("geoscored", "scan.failed");
    let hook = receive::<GeoScored>(&body);
    assert_eq!(hook.resource_id(), Some("abc123"));
    assert_eq!(hook.delivery_id().expect("an id").to_string(), "scan.failed/abc123");
    assert_eq!(hook.body()[..], body[..]);
    assert_eq!(hook.clone().delivery_id(), hook.delivery_id());
    assert_eq!(hook.into_event().name(), "scan.failed");
}

#[test]
fn the_same_event_about_the_same_thing_is_one_delivery_whatever_else_the_body_says() {
    for family in families() {
        let provider = family.provider;
        for &event in family.sender().events.iter().filter(|event| has_an_id_of_its_own(event)) {
            let body = with_id(provider, event, r#""a""#);
            let other_body = body.replacen('{', r#"{"sent_again":true, "#, 1);
            assert_eq!(id(provider, &body), id(provider, &other_body), "{body} {other_body}");
            assert_eq!(id(provider, &body).to_string(), format!("{event}/a"));
            // Spelt differently, it is the same id.
            assert_eq!(id(provider, &body), id(provider, with_id(provider, event, r#""\u0061""#)));
        }
    }
}

#[test]
fn another_event_or_another_thing_is_another_delivery() {
    for family in families() {
        let events = family.sender().events.iter().filter(|&&event| event != "scan.test");
        let mut seen = HashSet::new();
        let mut count = 0;
        for event in events.chain(&["something.new", "something.else"]) {
            for thing in [r#""a""#, r#""b""#, r#""A""#, r#""a ""#] {
                seen.insert(id(family.provider, with_id(family.provider, event, thing)));
                count += 1;
            }
        }
        assert_eq!(seen.len(), count, "{}", family.provider);
    }
}

#[test]
fn different_ids_are_printed_differently() {
    let printed = |body: &str| receive::<Slashes>(body.as_bytes()).delivery_id().expect("an id").to_string();
    let digest_alike = format!(r#"{{"event":"sha256:","id":"{}"}}"#, "0".repeat(64));
    for (body, expected) in [
        (r#"{"event":"a/b","id":"c"}"#, "a%2Fb/c"),
        (r#"{"event":"a","id":"b/c"}"#, "a/b/c"),
        (r#"{"event":"a%2Fb","id":"c"}"#, "a%252Fb/c"),
        (&*digest_alike, &*format!("sha256:/{}", "0".repeat(64))),
    ] {
        assert_eq!(printed(body), expected);
    }
    assert_eq!(printed(r#"{"event":"a"}"#), digest(r#"{"event":"a"}"#));
}

enum Slashes {}

impl Provider for Slashes {
    type Event = SlashesEvent;

    const NAME: &'static str = "zeodyn";
    const TITLE: &'static str = "Slashes";
    const DOCS: &'static str = "https://slashes.example";
    const SCHEME: Scheme = Zeodyn::SCHEME;
    const ID: Option<Place> = Some(Place::json("id"));
}

events! {
    enum SlashesEvent {
        id: ["id"];
        "a" => A(Named) at id,
        "a/b" => Ab(Named) at id,
        "a%2Fb" => AbEscaped(Named) at id,
        "sha256:" => Digest(Named) at id,
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Named {
    id: String,
}

/// It is not documented that they come once for each resource.
#[test]
fn events_that_are_not_documented_are_told_apart_by_the_body() {
    for family in families() {
        let first = with_id(family.provider, "something.new", r#""a""#);
        let second = first.replacen('{', r#"{"step":2, "#, 1);
        assert_eq!(id(family.provider, &first).to_string(), digest(&first));
        assert_eq!(id(family.provider, &second).to_string(), digest(&second));
        assert_eq!(family.read(&first).resource_id.as_deref(), Some("a"));
    }
}

#[test]
fn an_unusable_id_is_replaced_by_the_digest_of_the_body() {
    for family in families() {
        let provider = family.provider;
        for &event in family.sender().events.iter().filter(|event| has_an_id_of_its_own(event)) {
            let absent = format!(r#"{{"event":"{event}"}}"#);
            assert_eq!(id(provider, &absent).to_string(), digest(&absent));
            for value in [
                "null",
                "7.0",
                "7.5",
                "-0",
                "1e3",
                "1e999",
                r#""a\ud83d""#,
                r#""""#,
                "true",
                "[]",
                r#"["a"]"#,
                "{}",
                r#"{"id":"a"}"#,
            ] {
                let body = with_id(provider, event, value);
                assert_eq!(id(provider, &body).to_string(), digest(&body), "{body}");
                assert_ne!(id(provider, &body), id(provider, &absent));
                assert_eq!(family.read(&body).resource_id, None, "{body}");
            }
        }
    }
}

#[test]
fn zeodyn_events_without_an_id_are_told_apart_by_the_body() {
    for event in ["score_change", "threshold_alert", "something_new"] {
        let first = with_id("zeodyn", event, r#""https://example.com""#);
        let later = first.replacen('}', r#","timestamp":"2026-02-23T10:30:00.000Z"}"#, 1);
        assert_eq!(id("zeodyn", &first), id("zeodyn", first.clone()));
        assert_ne!(id("zeodyn", &first), id("zeodyn", &later), "a later scan of the same site");
        assert_eq!(id("zeodyn", &first).to_string(), digest(&first));
        let hook = receive::<Zeodyn>(first.as_bytes());
        assert_eq!(hook.resource_id(), Some("https://example.com"));
    }
}

#[test]
fn screenshotcenter_uploads_of_one_screenshot_are_told_apart_by_the_body() {
    for event in ["app.upload.finished", "app.upload.failed"] {
        let to = |app: &str| format!(r#"{{"event":"{event}","screenshot_id":"sc_1","app":"{app}"}}"#);
        assert_ne!(id("screenshotcenter", to("drive")), id("screenshotcenter", to("s3")));
        assert_eq!(id("screenshotcenter", to("drive")), id("screenshotcenter", to("drive")));
        assert_eq!(id("screenshotcenter", to("s3")).to_string(), digest(to("s3")));
        assert_eq!(receive::<ScreenshotCenter>(to("s3").as_bytes()).resource_id(), Some("sc_1"));
    }
}

#[test]
fn geoscored_test_events_are_never_duplicates() {
    let documented = fixture("geoscored", "scan.test");
    for body in [&documented[..], br#"{"event":"scan.test"}"#, br#"{"event":"scan.test","scan_id":"a"}"#] {
        assert_eq!(receive::<GeoScored>(body).delivery_id(), None);
    }
    assert!(receive::<GeoScored>(br#"{"event":"scan.tests","scan_id":"a"}"#).delivery_id().is_some());
    assert!(receive::<GeoScored>(br#"{"event":"scan.failed","scan_id":"test_00000000"}"#).delivery_id().is_some());
}

#[test]
fn no_id_is_ever_empty() {
    for family in families() {
        for event in family.sender().events.iter().chain(&["", "new"]).filter(|&&event| event != "scan.test") {
            for value in [r#""""#, "null", r#"" ""#, r#""\u0000""#] {
                let body = with_id(family.provider, event, value);
                let printed = id(family.provider, &body).to_string();
                match printed.split_once('/') {
                    Some((name, id)) => assert!(name == *event && !id.is_empty(), "{body}: {printed:?}"),
                    None => assert_eq!(printed, digest(&body)),
                }
            }
        }
    }
}

#[test]
fn ids_can_be_ordered_and_hashed() {
    let a = id("geoscored", with_id("geoscored", "scan.failed", r#""a""#));
    let b = id("geoscored", with_id("geoscored", "scan.failed", r#""b""#));
    assert!(a < b);
    assert!(HashSet::from([a.clone()]).contains(&a.clone()) && !HashSet::from([a]).contains(&b));
}
