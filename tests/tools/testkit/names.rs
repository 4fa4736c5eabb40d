//! Tamperings by name, and those that cannot be done, word for word.

use std::collections::HashSet;

use countersign::providers::*;
use countersign_testkit::{Documented, Payload, Tampering};

use crate::testkit::{of, signed};

for_every_provider![what_cannot_be_done_is_said_and_all_else_is_done,];

const NAMES: [&str; 17] = [
    "flipped-body",
    "flipped-tag",
    "truncated-tag",
    "missing-proof",
    "doubled-proof",
    "wrong-prefix",
    "retired-secret",
    "other-provider",
    "reserialised",
    "oversized",
    "unknown-event",
    "duplicate",
    "stale",
    "stale-time",
    "wrong-time",
    "swapped-id",
    "other-url",
];

#[test]
fn every_tampering_is_found_by_its_name() {
    assert_eq!(Tampering::ALL.iter().map(|tampering| tampering.name()).collect::<Vec<_>>(), NAMES);
    for (tampering, name) in Tampering::ALL.iter().zip(NAMES) {
        assert_eq!(tampering.to_string(), name);
        assert_eq!(name.parse::<Tampering>().unwrap(), *tampering);
        assert_eq!(format!("{tampering:>20}|"), format!("{name:>20}|"), "columns can be made of them");
    }
}

#[test]
fn names_are_unique_and_in_kebab_case() {
    let names: HashSet<_> = Tampering::ALL.iter().map(|tampering| tampering.name()).collect();
    assert_eq!(names.len(), Tampering::ALL.len());
    for name in names {
        assert!(name.split('-').all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase())));
    }
    let variants: HashSet<_> = Tampering::ALL.iter().collect();
    assert_eq!(variants.len(), Tampering::ALL.len());
}

#[test]
fn every_tampering_is_described_in_one_sentence() {
    let mut seen = HashSet::new();
    for tampering in Tampering::ALL {
        let text = tampering.description();
        assert!(text.ends_with('.') && text.matches(". ").count() == 0, "{text:?}");
        assert!(text.starts_with(|first: char| first.is_uppercase()) && !text.contains("  "), "{text:?}");
        assert!(seen.insert(text));
    }
    assert_eq!(Tampering::FlippedBody.description(), "One bit of the body differs from what was signed.");
}

#[test]
fn a_name_that_is_none_is_answered_with_those_that_are() {
    for name in ["", "Flipped-Body", "flipped_body", " stale", "FlippedBody", "stale\n"] {
        let error = name.parse::<Tampering>().unwrap_err();
        let expected = "flipped-body, flipped-tag, truncated-tag, missing-proof, doubled-proof, wrong-prefix, \
                        retired-secret, other-provider, reserialised, oversized, unknown-event, duplicate, stale, stale-time, \
                        wrong-time, swapped-id, other-url";
        assert_eq!(error.to_string(), format!("unknown tampering `{name}`; known are {expected}"));
    }
}

fn what_cannot_be_done_is_said_and_all_else_is_done<P: Documented>() {
    for &event in of::<P>().events {
        for &tampering in Tampering::ALL {
            let why = match (P::NAME, tampering) {
                ("screenshotrun", Tampering::WrongPrefix) => Some("its proof is not a signature"),
                ("screenshotrun" | "geoscored", Tampering::Stale) => Some("its proof covers no time of the event"),
                (_, Tampering::StaleTime | Tampering::WrongTime) => Some("its proof covers no time of sending"),
                (_, Tampering::SwappedId) => Some("its proof covers no ID of a delivery"),
                (_, Tampering::OtherUrl) => Some("its proof covers no URL"),
                _ => None,
            };
            let impossible = why.map(|why| format!("{tampering} is not possible for {}: {why}", P::TITLE));
            let error = signed::<P>(event).tampered(tampering).err().map(|error| error.to_string());
            assert_eq!(error, impossible, "{tampering} of {event}");
        }
    }
}

#[test]
fn what_cannot_be_done_to_a_body_is_said() {
    let words = [
        ("", Tampering::FlippedBody, "the body is empty"),
        ("", Tampering::Reserialised, "the body is not JSON"),
        ("{]", Tampering::Reserialised, "the body is not JSON"),
        ("", Tampering::UnknownEvent, "the payload is not JSON: EOF while parsing a value at line 1 column 0"),
        ("[]", Tampering::UnknownEvent, "`/event` leads to nothing in this payload"),
        ("nul", Tampering::Stale, "the payload is not JSON: EOF while parsing a value at line 1 column 3"),
        ("7", Tampering::Stale, "`/timestamp` leads to nothing in this payload"),
    ];
    for (body, tampering, why) in words {
        let error = Payload::<Zeodyn>::new(body).signed_with("s3cr3t").tampered(tampering).unwrap_err();
        assert_eq!(error.to_string(), format!("{tampering} is not possible for Zeodyn: {why}"), "{body:?}");
    }
    let able: Vec<_> = Tampering::ALL
        .iter()
        .filter(|tampering| Payload::<Zeodyn>::new("").signed_with("s").tampered(**tampering).is_ok())
        .map(|tampering| tampering.name())
        .collect();
    let unable = [
        "flipped-body",
        "reserialised",
        "unknown-event",
        "stale",
        "stale-time",
        "wrong-time",
        "swapped-id",
        "other-url",
    ];
    assert_eq!(able, NAMES.into_iter().filter(|name| !unable.contains(name)).collect::<Vec<_>>());
}
