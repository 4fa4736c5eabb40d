//! Events of a user's own type, behind every adapter: the extractor reads them from the verified delivery.

use countersign::{AnyEvent, DecodeError, Event, Form, Json, RejectionKind, provider::Message};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{case::Case, servers::Server, support::http::Request};

/// An event that a handler can write down.
pub(crate) trait Told: Event {
    fn told(&self) -> Value;
}

impl<T: Serialize> Told for Json<T>
where
    Self: Event,
{
    fn told(&self) -> Value {
        serde_json::to_value(&self.0).expect("JSON")
    }
}

impl<T: Serialize> Told for Form<T>
where
    Self: Event,
{
    fn told(&self) -> Value {
        serde_json::to_value(&self.0).expect("JSON")
    }
}

impl Told for AnyEvent {
    fn told(&self) -> Value {
        json!({ "name": self.name(), "id": self.id() })
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Order {
    id: u64,
    cents: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Text {
    body: Option<String>,
    num_media: u32,
}

/// ScreenshotRun's, as a user types it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Screenshot {
    event: String,
    data: Data,
}

#[derive(Serialize, Deserialize)]
struct Data {
    id: String,
    url: String,
}

/// Read by the event's name, which is in the head.
pub(crate) enum ByName {
    Paid(Order),
    Other { name: String, id: Option<String> },
}

impl Event for ByName {
    fn from_message(message: &Message<'_>) -> Result<Self, DecodeError> {
        let envelope = message.envelope();
        match envelope.event.unwrap_or_default() {
            name if name == "order.paid" => Ok(Self::Paid(message.json()?)),
            name if name == "order.broken" => {
                Err(DecodeError::other(format!("cannot read {}", String::from_utf8_lossy(message.body()))))
            }
            name => Ok(Self::Other { name, id: envelope.id }),
        }
    }
}

impl Told for ByName {
    fn told(&self) -> Value {
        match self {
            Self::Paid(order) => json!({ "paid": order }),
            Self::Other { name, id } => json!({ "name": name, "id": id }),
        }
    }
}

// printf %s BODY | openssl dgst -sha256 -hmac s3cr3t
const ORDER: (&str, &str) =
    (r#"{"id":7,"cents":4200}"#, "f7845481079f9999d4a0d82e0d55632553c352dbc99e6b8d29db38f82141c120");
const TEXT: (&str, &str) =
    ("Body=a+b%26%C3%A9&NumMedia=2", "63a7780b545113d0172e9177d66468bc4d91968cfc0f844508a8d20f5487346d");
const BATCH: (&str, &str) = (
    r#"[{"id":7,"cents":4200},{"id":8,"cents":1}]"#,
    "af18339aca3636c315cf0d2ebf577da68127e504d09232b085ab814bda93eea7",
);
const BAD_ORDER: (&str, &str) =
    (r#"{"id":7,"cents":"s3cr3t"}"#, "bb930ffbb9149e0f63ad4ac9e3833dc46def436b57a34d195c1a3a3da4a724eb");
const BAD_TEXT: (&str, &str) = ("NumMedia=s3cr3t", "8255a28f05716907c05cbe259349aa241898f0df016f536b1df09e5dd1b884cd");

fn case<'a>(server: &'a Server, kind: &str, name: &str) -> Case<'a> {
    // Its own sender is not asked.
    Case::new(server, "zeodyn", format!("/reads/{kind}/{name}"))
}

/// One of GitHub's: the event's name and the ID are in headers, and only the body is signed.
fn delivery(case: &Case<'_>, event: &str, (body, tag): (&str, &str)) -> Request {
    let request = Request::post(&*case.path, body).with_header("x-hub-signature-256", format!("sha256={tag}"));
    request.with_header("x-github-event", event).with_header("x-github-delivery", "d-1")
}

pub(crate) fn a_payload_is_read_as_the_type_that_the_handler_names(server: &Server) {
    let paid = || json!({ "id": 7, "cents": 4200 });
    for (kind, event, body, expected) in [
        ("json", "order.paid", ORDER, paid()),
        ("form", "message", TEXT, json!({ "Body": "a b&é", "NumMedia": 2 })),
        ("batch", "orders", BATCH, json!([paid(), { "id": 8, "cents": 1 }])),
        ("by-name", "order.paid", ORDER, json!({ "paid": paid() })),
        ("by-name", "order.new", TEXT, json!({ "name": "order.new", "id": "d-1" })),
        ("any", "order.paid", ORDER, json!({ "name": "order.paid", "id": "d-1" })),
        ("decides", "order.paid", ORDER, paid()),
    ] {
        let case = case(server, kind, event);
        let request = delivery(&case, event, body);
        let handled = case.accepts(&request);
        assert_eq!((&*handled.event, &handled.json), (event, &expected), "{kind}");
        // The body identifies it: neither header is signed.
        case.is_duplicate(&delivery(&case, "other", body).with_header("x-new", "1"));
        // Verified before it is read.
        case.rejects(&delivery(&case, event, (body.0, BAD_ORDER.1)));
    }
}

pub(crate) fn i2_a_payload_that_cannot_be_read_is_422_and_its_retry_runs(server: &Server) {
    let documented = |what: &str| format!("the body does not fit the type that it is read as: {what}");
    let other = "the delivery could not be read by your own `Event`: the source of this error says why";
    for (row, (kind, event, body, expected)) in [
        ("json", "order.paid", BAD_ORDER, documented("expected u64 at line 1 column 24")),
        ("json", "order.paid", BATCH, documented("expected u64 at line 1 column 1")),
        ("json", "order.paid", TEXT, "the body is not JSON at line 1 column 1".to_owned()),
        ("form", "message", BAD_TEXT, documented("expected u32")),
        ("form", "message", ORDER, documented("missing field `NumMedia`")),
        ("batch", "orders", ORDER, documented("expected a sequence at line 1 column 0")),
        ("by-name", "order.paid", BAD_ORDER, documented("expected u64 at line 1 column 24")),
        ("by-name", "order.broken", BATCH, other.to_owned()),
    ]
    .into_iter()
    .enumerate()
    {
        let case = case(server, kind, &format!("unreadable-{row}"));
        let request = delivery(&case, event, body);
        // Twice: its claim is released, or the second would be in flight or a duplicate.
        for _ in 0..2 {
            let (_, reason) = case.rejected(&request, 422);
            assert_eq!(reason, (RejectionKind::Undecodable, Some(expected.clone())), "{kind}");
        }
        if kind == "by-name" {
            // The same delivery: only the body identifies it.
            let read = delivery(&case, &format!("{event}.later"), body);
            case.accepts(&read);
            case.is_duplicate(&request);
        }
    }
}

pub(crate) fn a_handler_that_takes_a_result_decides_about_its_own_type(server: &Server) {
    let case = case(server, "decides", "unreadable");
    let answer = delivery(&case, "order.paid", BAD_ORDER).send(server.address);
    let expected = (202, "422: the delivery was verified, but its body could not be decoded");
    assert_eq!((answer.status, &*answer.body), expected);
    assert_eq!(server.shared.diary.take_reason(&case.path), None, "the handler decided");
}

/// A body that is not signed may come from anyone who knows the token.
pub(crate) fn a_confirmed_event_is_read_and_not_the_body(server: &Server) {
    let case = Case::new(server, "screenshotrun", "/reads/confirmed/own-type");
    let forged = r#"{"event":"screenshot.completed","data":{"id":"known-own","url":"https://forged.example"}}"#;
    let handled = case.accepts(&case.genuine(forged));
    assert_eq!(handled.body, forged.as_bytes());
    assert_eq!(
        handled.json,
        json!({ "event": "screenshot.failed", "data": { "id": "known-own", "url": handled.json["data"]["url"] } })
    );
    assert_ne!(handled.json["data"]["url"], "https://forged.example");
}
