//! C30, K12: the name of an event is where the provider of one's own puts it.

use countersign::{
    DecodeError, PartlyDocumented, ProviderEvent, RawJson, UnknownEvent, Verifier, events,
    provider::{Provider, Scheme},
};
use serde::{Deserialize, Serialize};

use crate::events::support::tag;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Order {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Data>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Data {
    id: Option<String>,
    amount: Option<u64>,
}

events! {
    /// The name beside the fields, as Standard Webhooks have it.
    enum FlatEvent {
        name: "type";
        id: ["data.id"];
        "order.paid" => OrderPaid(Order),
        "order.partly" => OrderPartly(PartlyDocumented<Order>),
    }
}

events! {
    enum NestedEvent {
        name: "meta.event.type";
        id: ["data.id"];
        "order.paid" => OrderPaid(WithMeta),
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct WithMeta {
    #[serde(skip_serializing_if = "Option::is_none")]
    meta: Option<Meta>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Data>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Meta {
    attempt: Option<u64>,
}

#[track_caller]
fn read_back<E: ProviderEvent + PartialEq>(body: &str) -> E {
    let event = E::decode(body.as_bytes()).unwrap_or_else(|error| panic!("{error}: {body}"));
    let json = serde_json::to_string(&event).expect("JSON");
    assert_eq!(serde_json::from_str::<E>(&json).expect("its own JSON"), event, "{json}");
    event
}

#[test]
fn c30_the_name_may_be_in_another_field() {
    assert_eq!((FlatEvent::NAME_PATH, NestedEvent::NAME_PATH), ("type", "meta.event.type"));
    let data = r#""data":{"id":"7","amount":4200}"#;
    for body in [
        format!(r#"{{"type":"order.paid",{data}}}"#),
        format!(r#"{{{data},"type":"order.paid"}}"#),
        format!(r#"{{"event":"other",{data},"t\u0079pe":"order\u002epaid"}}"#),
        r#"{"\ud83d":1,"data":{"amount":"4200","id":7},"type":"order.paid"}"#.to_owned(),
        r#"{"type":"order.paid","data":{"amount":"4200","id":"7"}}"#.to_owned(),
    ] {
        let event: FlatEvent = read_back(&body);
        let FlatEvent::OrderPaid(Order { data: Some(data) }) = &event else { panic!("{event:?}") };
        assert_eq!((data.id.as_deref(), data.amount), (Some("7"), Some(4200)), "{body}");
        assert_eq!(
            serde_json::to_string(&event).expect("JSON"),
            r#"{"type":"order.paid","data":{"id":"7","amount":4200}}"#
        );
    }
    let FlatEvent::OrderPartly(partly) = read_back(&format!(r#"{{"type":"order.partly",{data},"x":[]}}"#)) else {
        panic!()
    };
    assert!(partly.fields.data.is_some() && partly.json.get().ends_with(r#","x":[]}"#));
    let FlatEvent::Unknown(unknown) = read_back(r#"{"type":"new","data":{"id":7}}"#) else { panic!() };
    assert_eq!((unknown.name(), unknown.resource_id()), ("new", Some("7")));
}

#[test]
fn c30_the_name_may_be_in_a_nested_object() {
    for (body, attempt) in [
        (r#"{"meta":{"event":{"type":"order.paid"},"attempt":2},"data":{"id":"7"}}"#, Some(2)),
        (
            r#"{"data":{"id":"7"},"meta":{"attempt":"2","event":{"v":1,"type":"order.paid"}},"meta.event.type":[]}"#,
            Some(2),
        ),
        (r#"{"\ud83d":1e999,"meta":{"attempt":[],"event":{"type":"order.paid"}},"data":{"id":7}}"#, None),
    ] {
        let event: NestedEvent = read_back(body);
        let NestedEvent::OrderPaid(WithMeta { meta: Some(meta), data: Some(data) }) = event else {
            panic!("{event:?}")
        };
        assert_eq!((meta.attempt, data.id.as_deref()), (attempt, Some("7")), "{body}");
    }
    let written = serde_json::to_value(NestedEvent::OrderPaid(WithMeta::default())).expect("JSON");
    assert_eq!(written.to_string(), r#"{"meta":{"event":{"type":"order.paid"}}}"#);
    let NestedEvent::Unknown(unknown) = read_back(r#"{"meta":{"event":{"type":"new"}},"data":{"id":"a"}}"#) else {
        panic!()
    };
    assert_eq!((unknown.name(), unknown.resource_id()), ("new", Some("a")));
}

#[test]
fn t23_a_name_that_is_missing_or_there_twice_is_an_error_wherever_it_is() {
    fn refuse<E: ProviderEvent>(body: &str) -> String {
        let error = E::decode(body.as_bytes()).expect_err(body).to_string();
        error.strip_prefix("the body does not fit the type that it is read as: ").unwrap_or(&error).to_owned()
    }
    for (body, expected) in [
        ("{}", "missing field `type` at line 1 column 2"),
        (r#"{"event":"order.paid"}"#, "missing field `type` at line 1 column 22"),
        (r#"{"type":7}"#, "expected a string at line 1 column 9"),
        (r#"{"type":"a","type":"b"}"#, "duplicate field `type` at line 1 column 18"),
        (r#"{"x":1,"type":"a","t\u0079pe":"b"}"#, "duplicate field `type` at line 1 column 29"),
        (r#"{"type":"new","data":{"id":1},"data":{}}"#, "duplicate field `data` at line 1 column 36"),
        ("[]", "expected an object at line 1 column 0"),
    ] {
        assert_eq!(refuse::<FlatEvent>(body), expected, "{body}");
    }
    for (body, expected) in [
        ("{}", "missing field `meta` at line 1 column 2"),
        (r#"{"meta":{"event":7}}"#, "expected an object at line 1 column 18"),
        (r#"{"meta":{"event":{"type":7}}}"#, "expected a string at line 1 column 26"),
        (r#"{"meta":{"event":{"type":"a"}},"meta":{}}"#, "duplicate field `meta` at line 1 column 37"),
        (r#"{"meta":{"event":{"type":"a"},"event":1}}"#, "duplicate field `event` at line 1 column 37"),
        (r#"{"meta":{"event":{"type":"a","\u0074ype":"a"}}}"#, "duplicate field `type` at line 1 column 40"),
    ] {
        assert_eq!(refuse::<NestedEvent>(body), expected, "{body}");
    }
}

enum Nested {}

impl Provider for Nested {
    type Event = NestedEvent;

    const NAME: &'static str = "nested";
    const TITLE: &'static str = "Nested";
    const DOCS: &'static str = "https://nested.example";
    const SCHEME: Scheme = Scheme::hmac_sha256("x-nested", "");
}

#[test]
fn c30_a_delivery_of_it_is_identified_by_name_and_id() {
    let verifier = Verifier::<Nested>::new("s3cr3t");
    let body = r#"{"data":{"id":7},"meta":{"event":{"type":"order.paid"}}}"#;
    let head =
        http::Request::post("/").header("x-nested", tag(b"s3cr3t", body.as_bytes())).body(()).expect("a request");
    let delivery = verifier.verify(&head, body).expect("a genuine delivery");
    assert_eq!(delivery.event_name(), "order.paid");
}

/// An event that is read by hand has its unknown ones, too.
#[test]
fn c30_an_unknown_event_can_be_made() {
    #[derive(Clone, Debug, PartialEq)]
    struct InTwoFields(UnknownEvent);

    impl InTwoFields {
        fn decode(body: &[u8]) -> Result<Self, DecodeError> {
            #[derive(Deserialize)]
            struct Named {
                object: String,
                action: String,
            }
            let Named { object, action } = serde_json::from_slice(body)?;
            let json: RawJson = serde_json::from_slice(body)?;
            Ok(Self(UnknownEvent::new(&format!("{object}.{action}"), Some("o-1"), json)))
        }
    }

    let body = r#"{ "object": "order", "action":"paid" }"#;
    let InTwoFields(event) = InTwoFields::decode(body.as_bytes()).expect("an event");
    assert_eq!((event.name(), event.resource_id(), event.json().get()), ("order.paid", Some("o-1"), body));
    for unusable in ["", "a\u{fffd}"] {
        assert_eq!(UnknownEvent::new("a", Some(unusable), event.json().clone()).resource_id(), None);
    }
}
