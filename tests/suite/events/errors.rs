//! What is said of a body that cannot be decoded: word for word, and nothing of the body.

use std::error::Error;

use countersign::{
    ProviderEvent, RejectionKind, Verifier, events,
    providers::{Zeodyn, ZeodynEvent},
};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use crate::events::{
    families, family,
    support::sender,
    tolerance::{fields, payloads, text},
};

#[test]
fn messages_word_for_word() {
    let rows = [
        ("zeodyn", "", "the body is not JSON at line 1 column 0"),
        ("zeodyn", "\n\n{", "the body is not JSON at line 3 column 1"),
        ("zeodyn", r#"{"event":"new"}x"#, "the body is not JSON at line 1 column 16"),
        ("zeodyn", r#"{"event":"score_change",}"#, "the body is not JSON at line 1 column 25"),
        ("zeodyn", "\u{feff}{}", "the body is not JSON at line 1 column 1"),
        ("zeodyn", "null", "the body does not fit the type that it is read as: expected an object at line 1 column 4"),
        ("zeodyn", "[]", "the body does not fit the type that it is read as: expected an object at line 1 column 0"),
        ("zeodyn", "{}", "the body does not fit the type that it is read as: missing field `event` at line 1 column 2"),
        (
            "zeodyn",
            r#"{"event":5}"#,
            "the body does not fit the type that it is read as: expected a string at line 1 column 10",
        ),
        (
            "zeodyn",
            r#"{"event":"a","event":"b"}"#,
            "the body does not fit the type that it is read as: duplicate field `event` at line 1 column 20",
        ),
        (
            "zeodyn",
            "{\"event\":\"scan_complete\",\n\"scanId\":\"a\",\"scanId\":\"b\"}",
            "the body does not fit the type that it is read as: duplicate field `scanId` at line 2 column 21",
        ),
        (
            "screenscore",
            r#"{"event":"analysis.failed","data":{},"data":1}"#,
            "the body does not fit the type that it is read as: duplicate field `data` at line 1 column 43",
        ),
    ];
    for (provider, body, expected) in rows {
        assert_eq!(family(provider).refuse(body), expected, "{provider}: {body}");
    }
    assert_eq!(family("zeodyn").refuse(b"{\"event\":\"\xff\"} \xff"), "the body is not UTF-8");
}

#[test]
fn the_message_is_the_source_of_the_refusal() {
    let sent = sender("zeodyn").genuine(r#"{"event":7,"band":7}"#);
    let (header, value) = &sent.headers[0];
    let head = http::Request::post("/").header(header, &value[..]).body(()).expect("a request");
    let verifier = Verifier::<Zeodyn>::new(sender("zeodyn").secret());
    let verified = verifier.verify_only(&head, sent.body).expect("a genuine delivery");
    let message = "the body does not fit the type that it is read as: expected a string at line 1 column 10";
    let error = verified.read().expect_err("an error");
    assert_eq!((error.kind(), error.status()), (RejectionKind::Undecodable, 422));
    assert_eq!(error.to_string(), "the delivery was verified, but its body could not be decoded");
    assert_eq!(error.source().expect("a source").to_string(), message);
}

const CANARY: &str = "c4n4ry";

#[track_caller]
fn assert_says_nothing_of_the_body(provider: &str, error: &impl Error, body: &str) {
    let mut said = format!("{error} {error:?}");
    if let Some(source) = error.source() {
        said += &format!("{source} {source:?}");
    }
    assert!(!said.contains(CANARY), "{provider}: {said} of {body}");
    assert!(!said.contains("4242"), "{provider}: {said} of {body}");
}

/// Values that look like what serde's messages are made of.
const VALUES: [&str; 12] = [
    r#""c4n4ry""#,
    r#""c4n4ry, expected c4n4ry""#,
    r#""missing field `c4n4ry`""#,
    r#""duplicate field `c4n4ry`""#,
    r#"", expected c4n4ry at line 1 column 1""#,
    r#"{"c4n4ry":"c4n4ry"}"#,
    r#"[", expected c4n4ry"]"#,
    "4242",
    "-4242",
    "4242.4242",
    "4242e400",
    "[4242]",
];

#[test]
fn t19_messages_say_nothing_of_the_body() {
    let mut count = 0;
    for (family, payload) in payloads() {
        let mut pointers = vec!["/event".to_owned()];
        fields(&payload, "", &mut pointers);
        for pointer in pointers {
            for value in VALUES {
                let mut marked = payload.clone();
                *marked.pointer_mut(&pointer).expect("a field") = "@".into();
                let body = text(&marked).replace(r#""@""#, value);
                for body in [body.replacen('{', r#"{"c4n4ry":", expected c4n4ry","#, 1), format!("{body}c4n4ry"), body]
                {
                    if let Err(error) = (family.decode)(body.as_bytes()) {
                        assert_says_nothing_of_the_body(family.provider, &error, &body);
                        count += 1;
                    }
                }
            }
        }
    }
    assert!(count > 2000, "{count} errors");
}

#[test]
fn t19_messages_say_nothing_of_names_and_keys() {
    for family in families() {
        for body in [
            r#"{"event":"c4n4ry","event":"c4n4ry"}"#,
            r#"{"c4n4ry":1,"c4n4ry":2}"#,
            r#"{"event":"c4n4ry","c4n4ry":c4n4ry}"#,
            r#"{"event":"c4n4ry","data":{"id":"c4n4ry","id":"c4n4ry"},"scan_id":"c4n4ry","scan_id":"c4n4ry",
                "url":"c4n4ry","url":"c4n4ry","screenshot_id":"c4n4ry","screenshot_id":"c4n4ry"}"#,
            r#"{"missing field `c4n4ry":1,", expected c4n4ry":2}"#,
            "c4n4ry",
            r#""c4n4ry""#,
            r#"["c4n4ry"]"#,
        ] {
            let error = (family.decode)(body.as_bytes()).expect_err("an error");
            assert_says_nothing_of_the_body(family.provider, &error, body);
            let error = (family.deserialize)(body).expect_err("an error");
            // What was read before it is a `RawValue` is serde_json's own message, which quotes nothing either.
            assert_says_nothing_of_the_body(family.provider, &error, body);
        }
    }
    let not_utf8 = ZeodynEvent::decode(b"c4n4ry\xff").expect_err("an error");
    assert_says_nothing_of_the_body("zeodyn", &not_utf8, "");
}

// A provider of one's own, whose structs refuse with messages of their own.
events! {
    /// What Acme sends.
    enum AcmeEvent {
        id: ["id"];
        /// Refuses every field.
        "strict" => Strict(Strict),
        /// Quotes what it refuses.
        "quoting" => Quoting(Quoting),
        /// An enum.
        "choosing" => Choosing(Choosing),
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Strict {}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Quoting {
    #[serde(deserialize_with = "quote")]
    value: String,
}

fn quote<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Err(D::Error::custom(format!("no such currency: {}", String::deserialize(deserializer)?)))
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Choosing {
    value: Choice,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Choice {
    Yes,
    No,
}

#[test]
fn t19_messages_say_nothing_of_the_body_whatever_a_struct_of_ones_own_says() {
    let said = [
        "c4n4ry",
        "c4n4ry, expected c4n4ry",
        ", expected c4n4ry",
        "missing field `c4n4ry`",
        "duplicate field `c4n4ry`",
    ];
    let mut leaks = Vec::new();
    for text in said {
        for body in [
            format!(r#"{{"event":"strict","{text}":1}}"#),
            format!(r#"{{"event":"quoting","value":"{text}"}}"#),
            format!(r#"{{"event":"choosing","value":"{text}"}}"#),
        ] {
            let error = AcmeEvent::decode(body.as_bytes()).expect_err("an error").to_string();
            if error.contains(CANARY) {
                leaks.push((body, error));
            }
        }
    }
    assert!(leaks.is_empty(), "{leaks:#?}");
}
