//! T23: the resource that a secret was looked up for is the one that the event is about.

use std::{cell::Cell, sync::Mutex};

use proptest::{prelude::*, test_runner::TestRunner};
use serde::{Deserialize, Serialize};

use super::*;
use crate::{
    DecodeError, Event,
    provider::{Message, Scheme},
    providers::{ScreenScore, ScreenshotCenter, Zeodyn},
};

fn sign<P: Provider>(body: &[u8]) -> Request<()> {
    let header = P::SCHEME.places().find_map(|place| place.as_header()).unwrap();
    signed(header, P::SCHEME.signature_prefix().unwrap(), "s3cr3t", body)
}

/// The ID that the look-up is given, and the event's if the delivery is accepted.
type Ids = (Option<String>, Result<Option<String>, RejectionKind>);

/// Sends `body` in frames of `frame` bytes, correctly signed, with a look-up that asks for the ID
/// and always has a secret.
async fn deliver_in<P: Provider>(body: &[u8], frame: usize) -> Ids {
    let given = Arc::new(Mutex::new(None));
    let log = Arc::clone(&given);
    let verifier = Verifier::<P>::from_lookup(move |unverified: UnverifiedDelivery<'_>| {
        *log.lock().unwrap() = unverified.unverified_id().map(str::to_owned);
        ready(Ok::<_, Rejection>(Some(Secret::from_static("s3cr3t"))))
    });
    let head = sign::<P>(body);
    let mut verification = verifier.check_head(&head).unwrap();
    for frame in body.chunks(frame) {
        verification.push(Bytes::copy_from_slice(frame)).unwrap();
    }
    let delivery = verification.finish_async(sleep).await;
    let ids = delivery.map(|delivery| delivery.resource_id().map(str::to_owned));
    (given.lock().unwrap().take(), ids.map_err(|error| error.kind()))
}

async fn deliver<P: Provider>(body: &str) -> Ids {
    deliver_in::<P>(body.as_bytes(), usize::MAX).await
}

fn some(id: &str) -> Option<String> {
    Some(id.to_owned())
}

const AMBIGUOUS: Result<Option<String>, RejectionKind> = Err(RejectionKind::AmbiguousId);
const UNDECODABLE: Result<Option<String>, RejectionKind> = Err(RejectionKind::Undecodable);

/// An attacker with the secret of one scan signs a body about two.
#[tokio::test]
async fn t23_a_body_with_two_ids_is_rejected_in_either_order() {
    let map = SecretMap::new();
    map.insert("mine", Secret::from_static("s3cr3t")).unwrap();
    map.insert("victim", Secret::from_static("unknown to me")).unwrap();
    let verifier = Verifier::<GeoScored>::from_lookup(map);
    for (body, expected) in [
        (r#"{"event":"scan.completed","scan_id":"mine"}"#, None),
        (r#"{"event":"scan.completed","scan_id":"victim"}"#, Some(RejectionKind::SignatureMismatch)),
        (r#"{"event":"scan.completed","scan_id":"mine","scan_id":"victim"}"#, Some(RejectionKind::Undecodable)),
        (r#"{"event":"scan.completed","scan_id":"victim","scan_id":"mine"}"#, Some(RejectionKind::SignatureMismatch)),
        (r#"{"event":"scan.completed","scan_id":"mine","scan_id":"mine"}"#, Some(RejectionKind::Undecodable)),
        (r#"{"scan_id":"mine","event":"scan.completed","scan_id":"victim"}"#, Some(RejectionKind::Undecodable)),
        (r#"{"scan_id":"mine","sc\u0061n_id":"victim","event":"scan.completed"}"#, Some(RejectionKind::Undecodable)),
        (r#"{"sc\u0061n_id":"mine","scan_id":"victim","event":"scan.completed"}"#, Some(RejectionKind::Undecodable)),
        (r#"{"event":"scan.new","scan_id":"mine","scan_id":"victim"}"#, Some(RejectionKind::Undecodable)),
        (r#"{"event":"scan.completed","scan_id":null,"scan_id":"mine"}"#, Some(RejectionKind::SecretNotFound)),
        (r#"{"event":"scan.completed","scan_id":"mine","data":{"scan_id":"victim"},"Scan_id":"victim"}"#, None),
    ] {
        let result = verifier.verify_async(&sign::<GeoScored>(body.as_bytes()), body, sleep).await;
        assert_eq!(result.err().map(|error| error.kind()), expected, "{body}");
    }
    for body in [
        r#"{"event":"analysis.completed","data":{"id":"mine"},"data":{"id":"victim"}}"#,
        r#"{"event":"analysis.completed","data":{"id":"mine","id":"victim"}}"#,
        r#"{"event":"batch.completed","data":{"id":"mine"},"data":{"id":"victim"}}"#,
        r#"{"event":"new","data":{"id":"mine"},"d\u0061ta":{"id":"victim"}}"#,
    ] {
        assert_eq!(deliver::<ScreenScore>(body).await, (some("mine"), UNDECODABLE), "{body}");
    }
}

/// A user's provider whose event is read by hand: the last of two IDs is the event's.
enum LastWins {}

impl Provider for LastWins {
    type Event = Last;

    const NAME: &'static str = "last-wins";
    const TITLE: &'static str = "Last Wins";
    const DOCS: &'static str = "https://last.example";
    const SCHEME: Scheme = Scheme::hmac_sha256("x-last", "");
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Last {
    scan_id: Option<String>,
}

impl Event for Last {
    fn from_message(message: &Message<'_>) -> Result<Self, DecodeError> {
        Self::decode(message.body())
    }
}

impl ProviderEvent for Last {
    const NAMES: &'static [&'static str] = &["last"];

    fn id_paths(_: &str) -> &'static [&'static str] {
        &["scan_id"]
    }

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        let value: serde_json::Value = serde_json::from_slice(body)?;
        Ok(Self { scan_id: value["scan_id"].as_str().map(str::to_owned) })
    }

    fn name(&self) -> &str {
        "last"
    }

    fn resource_id(&self) -> Option<&str> {
        self.scan_id.as_deref()
    }
}

#[tokio::test]
async fn t23_an_event_about_another_resource_is_rejected_however_it_was_decoded() {
    for (body, given, expected) in [
        (r#"{"scan_id":"mine"}"#, some("mine"), Ok(some("mine"))),
        (r#"{"scan_id":"mine","scan_id":"mine"}"#, some("mine"), Ok(some("mine"))),
        (r#"{"scan_id":"mine","scan_id":"victim"}"#, some("mine"), AMBIGUOUS),
        (r#"{"scan_id":"victim","scan_id":"mine"}"#, some("victim"), AMBIGUOUS),
        (r#"{"scan_id":1,"scan_id":"victim"}"#, some("1"), AMBIGUOUS),
        (r#"{"scan_id":true,"scan_id":"victim"}"#, None, AMBIGUOUS),
        (r#"{"scan_id":"","scan_id":"victim"}"#, None, AMBIGUOUS),
        (r#"{"scan_id":"mine","scan_id":1}"#, some("mine"), AMBIGUOUS),
        (r#"{"scan_id":"mine"} trailing"#, some("mine"), UNDECODABLE),
    ] {
        assert_eq!(deliver::<LastWins>(body).await, (given, expected), "{body}");
    }
    // Rejected like any other 401.
    let [ambiguous, mismatch] =
        [RejectionKind::AmbiguousId, RejectionKind::SignatureMismatch].map(|kind| Answer::from(Rejection::new(kind)));
    assert_eq!((ambiguous.status(), ambiguous.body()), (401, mismatch.body()));
}

/// A secret that does not belong to a resource may sign for any.
#[tokio::test]
async fn where_the_id_is_not_asked_for_it_may_be_any() {
    let body = r#"{"scan_id":"mine","scan_id":"victim"}"#;
    let verifier = Verifier::<LastWins>::from_lookup(|_: UnverifiedDelivery<'_>| {
        ready(Ok::<_, Rejection>(Some(Secret::from_static("s3cr3t"))))
    });
    let delivery = verifier.verify_async(&sign::<LastWins>(body.as_bytes()), body, sleep).await.unwrap();
    assert_eq!(delivery.resource_id(), Some("victim"));
}

#[tokio::test]
async fn a_delivery_without_an_id_has_none_to_agree_with() {
    for body in [
        r#"{"event":"scan.completed"}"#,
        r#"{"event":"scan.completed","scan_id":7.0}"#,
        r#"{"event":"scan.completed","scan_id":""}"#,
        r#"{"event":"scan.completed","scan_id":"a\ud83d"}"#,
        r#"{"event":"scan.completed","scan_id":{"0":"a"}}"#,
        r#"{"event":"scan.completed","scan_id":1e999}"#,
        r#"{"event":"scan.completed","scan_id":-0}"#,
        r#"{"event":"scan.completed","scan_id":null}"#,
        r#"{"event":"scan.new","scan_id":["a"]}"#,
    ] {
        assert_eq!(deliver::<GeoScored>(body).await, (None, Ok(None)), "{body}");
    }
    assert_eq!(deliver::<GeoScored>("nonsense").await, (None, UNDECODABLE));
}

/// The look-up is given the same text as the handler.
#[tokio::test]
async fn c05_an_integer_is_looked_up_as_its_decimal_text() {
    let long = "123456789012345678901234567890";
    for id in ["7", "-7", "18446744073709551615", long] {
        for event in ["scan.completed", "scan.new"] {
            let body = format!(r#"{{"event":"{event}","url":"\ud83d","scan_id":{id}}}"#);
            assert_eq!(deliver::<GeoScored>(&body).await, (some(id), Ok(some(id))), "{body}");
        }
        // As a text of the provider's documentation, and not only as an ID.
        let body = format!(r#"{{"event":"score_change","url":{id}}}"#);
        assert_eq!(deliver::<Zeodyn>(&body).await, (some(id), Ok(some(id))), "{body}");
    }
    for not_one in ["7.5", "7.0", "1e3", "-0", "true"] {
        let body = format!(r#"{{"event":"score_change","url":{not_one}}}"#);
        assert_eq!(deliver::<Zeodyn>(&body).await, (None, Ok(None)), "{body}");
    }
    let map = SecretMap::new();
    map.insert("7712345", Secret::from_static("s3cr3t")).unwrap();
    let verifier = Verifier::<GeoScored>::from_lookup(map);
    let body = r#"{"event":"scan.completed","scan_id":7712345}"#;
    let delivery = verifier.verify_async(&sign::<GeoScored>(body.as_bytes()), body, sleep).await.unwrap();
    assert_eq!(delivery.resource_id(), Some("7712345"));
}

#[tokio::test]
async fn an_id_too_far_behind_or_too_long_is_not_given_and_not_accepted() {
    let long = |length: usize| format!(r#"{{"event":"scan.completed","scan_id":"{}"}}"#, "x".repeat(length));
    assert_eq!(deliver::<GeoScored>(&long(256)).await, (Some("x".repeat(256)), Ok(Some("x".repeat(256)))));
    assert_eq!(deliver::<GeoScored>(&long(257)).await, (None, AMBIGUOUS));
    assert_eq!(deliver::<GeoScored>(&long(100_000)).await, (None, AMBIGUOUS));

    let start = r#"{"event":"scan.completed","url":"","scan_id":"abc""#;
    let behind = |length: usize| start.replace("\"\"", &format!("\"{}\"", "x".repeat(length))) + "}";
    let room = 16 * 1024 - start.len();
    for frame in [1, 1000, 16 * 1024, 40_000, usize::MAX] {
        assert_eq!(deliver_in::<GeoScored>(behind(room).as_bytes(), frame).await, (some("abc"), Ok(some("abc"))));
        assert_eq!(deliver_in::<GeoScored>(behind(room + 1).as_bytes(), frame).await, (None, AMBIGUOUS), "{frame}");
        assert_eq!(deliver_in::<GeoScored>(behind(90_000).as_bytes(), frame).await, (None, AMBIGUOUS), "{frame}");
        let body = r#"{"scan_id":"abc","event":"scan.completed","url":""#.to_owned() + &"x".repeat(90_000) + "\"}";
        assert_eq!(deliver_in::<GeoScored>(body.as_bytes(), frame).await, (some("abc"), Ok(some("abc"))), "{frame}");
    }
    // One that is too far behind does not make way for another.
    let body = format!(r#"{{"event":"scan_complete","batchId":"b","url":"{}","scanId":"s"}}"#, "x".repeat(20_000));
    assert_eq!(deliver::<Zeodyn>(&body).await, (None, AMBIGUOUS));
}

/// The fields of JSON objects, with the names of IDs, in several spellings, at several depths and
/// repeatedly.
fn fields() -> impl Strategy<Value = Vec<String>> {
    let text = prop_oneof![
        6 => prop::sample::select(vec!["a", "b", "\\u0061", "", "\\ud83d\\ude00", "é\\n"]).prop_map(String::from),
        1 => "[ !#-\\[\\]-~]{0,4}",
        1 => Just("x".repeat(257)),
    ];
    let name = prop_oneof![
        3 => prop::sample::select(vec!["scan_id", "data", "id", "scanId", "batchId", "url", "screenshot_id"]),
        1 => prop::sample::select(vec!["sc\\u0061n_id", "d\\u0061ta", "i\\u0064", "other", "", "\\ud83d", "id\\udc00"]),
    ];
    let leaf = prop_oneof![
        6 => text.prop_map(|text| format!("\"{text}\"")),
        1 => prop::sample::select(vec![
            "null", "true", "7", "-1.5e3", "[]", "[\"a\"]", "1e999", "-0", "7.0", "18446744073709551616", "\"a\\ud83d\"", "{\"0\":\"a\"}",
        ]).prop_map(String::from),
    ];
    let object = |value: BoxedStrategy<String>| {
        let space = prop::sample::select(vec!["", " ", "\n\t"]);
        let field = (name.clone(), value, space).prop_map(|(name, value, s)| format!("{s}\"{name}\"{s}:{s}{value}"));
        prop::collection::vec(field, 0..4)
    };
    let nested = object(leaf.clone().boxed()).prop_map(|fields| format!("{{{}}}", fields.join(",")));
    let deeper = object(prop_oneof![leaf.clone(), nested.clone()].boxed());
    let deeper = deeper.prop_map(|fields| format!("{{{}}}", fields.join(",")));
    object(prop_oneof![3 => leaf, 2 => nested, 1 => deeper].boxed())
}

/// T23: whatever is accepted is about the resource that the secret was looked up for.
#[test]
fn t23_an_accepted_event_has_the_id_that_was_asked_for() {
    let accepted = Cell::new(0);
    let check = |given: Option<String>, result: Result<Option<String>, RejectionKind>| {
        match result {
            Ok(id) => {
                accepted.set(accepted.get() + u32::from(given.is_some()));
                prop_assert_eq!(given, id);
            }
            Err(kind) => prop_assert!(matches!(kind, RejectionKind::AmbiguousId | RejectionKind::Undecodable)),
        }
        Ok(())
    };
    /// The object of `fields` and one of the provider's events, or one that it does not document.
    async fn send<P: Provider>(mut fields: Vec<String>, event: prop::sample::Index, place: prop::sample::Index) -> Ids {
        let names = [P::Event::NAMES, &["new"]].concat();
        fields.insert(place.index(fields.len() + 1), format!("\"event\":\"{}\"", event.get(&names)));
        deliver::<P>(&format!("{{{}}}", fields.join(","))).await
    }

    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let config = ProptestConfig::with_source_file(file!());
    let cases = 4 * config.cases;
    let mut runner = TestRunner::new(ProptestConfig { cases, ..config });
    let index = any::<prop::sample::Index>();
    let run = runner.run(&(fields(), index.clone(), index), |(fields, event, place)| {
        runtime.block_on(async {
            for (given, result) in [
                send::<GeoScored>(fields.clone(), event, place).await,
                send::<Zeodyn>(fields.clone(), event, place).await,
                send::<ScreenScore>(fields.clone(), event, place).await,
                send::<ScreenshotCenter>(fields.clone(), event, place).await,
                send::<LastWins>(fields.clone(), event, place).await,
            ] {
                check(given, result)?;
            }
            Ok(())
        })
    });
    run.unwrap();
    assert!(accepted.get() > cases / 16, "accepted with an id: {}", accepted.get());
}
