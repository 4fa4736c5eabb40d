//! What makes two deliveries equal, and the events of pages without types of ours.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, UNIX_EPOCH},
};

use bytes::Bytes;
use countersign::{
    AnyEvent, Clock, Delivery, DeliveryId, Verifier,
    dedupe::MemoryStore,
    events,
    provider::{Draft, Envelope, Identity, Place, Provider, Scheme, grammar::*},
    providers::{
        Adyen, BoxPlatform, Braintree, Dropbox, GitHub, Mailgun, MercadoPago, Shopify, StandardWebhooks, Stripe, Svix,
        Twilio,
    },
    tower::VerifyWebhook,
};
use http_body_util::Full;
use serde::{Deserialize, Serialize};
use tower::{Layer, ServiceExt, service_fn};

/// A token, and names and IDs in the body.
enum Tokens {}

impl Provider for Tokens {
    type Event = AnyEvent;
    const NAME: &'static str = "tokens";
    const TITLE: &'static str = "Tokens";
    const DOCS: &'static str = "https://example.com/docs";
    const SCHEME: Scheme = Scheme::token(header("x-token"));
    const EVENT: Option<Place> = Some(json("type"));
    const ID: Option<Place> = Some(json("id"));
    const RESOURCE: &'static [Place] = &[json("order.id"), json("id")];
}

const BODY: &str = r#"{"type":"order.paid","id":"evt_1","order":{"id":7}}"#;
/// Also a key in base64.
const SECRET: &str = "c2VjcmV0";
const URL: &str = "https://example.com/hook";

/// A delivery at a time, with headers that the scheme does not make.
fn delivery<P: Provider<Event = AnyEvent>>(at: u64, id: &str, headers: &[(&str, &str)], body: &str) -> Delivery<P> {
    let time = UNIX_EPOCH + Duration::from_secs(at);
    let proof = P::SCHEME.sign(SECRET.as_bytes(), Draft::new(body).at(time).with_id(id).with_url(URL)).unwrap();
    let mut request = http::Request::post("/hook");
    for (name, value) in proof.headers().chain(headers.iter().copied()) {
        request = request.header(name, value);
    }
    let url = countersign::PublicUrl::new(URL).unwrap();
    let verifier = Verifier::<P>::try_new_with(SECRET, Some(url)).unwrap().with_clock(Clock::manual(time));
    verifier.verify(&request.body(()).unwrap(), body.to_owned()).unwrap()
}

fn id<P: Provider<Event = AnyEvent>>(at: u64, id: &str, headers: &[(&str, &str)], body: &str) -> DeliveryId {
    delivery::<P>(at, id, headers, body).delivery_id().unwrap()
}

/// A recorded body with another delivery ID or event name is a duplicate: neither is signed.
#[test]
fn unsigned_ids_and_names_do_not_identify_a_delivery() {
    let github =
        |event, delivery| id::<GitHub>(0, "", &[("x-github-event", event), ("x-github-delivery", delivery)], BODY);
    assert_eq!(github("push", "1"), github("push", "2"));
    assert_eq!(github("push", "1"), github("issues", "1"));
    let shopify =
        |topic, webhook| id::<Shopify>(0, "", &[("x-shopify-topic", topic), ("x-shopify-webhook-id", webhook)], BODY);
    assert_eq!(shopify("orders/paid", "1"), shopify("orders/cancelled", "2"));
    assert!(shopify("orders/paid", "1").to_string().starts_with("sha256:"));
    assert_ne!(shopify("x", "1"), id::<Shopify>(0, "", &[], "{}"));
}

events! {
    pub(super) enum OrderEvent {
        name: "type";
        id: ["order_id"];
        "order.paid" => Paid(Order) at order_id,
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Order {
    order_id: Option<String>,
}

/// A typed page whose signature covers these fields of the body.
macro_rules! partly_signed {
    ($Page:ident, $parts:expr, $id:expr) => {
        enum $Page {}

        impl Provider for $Page {
            type Event = OrderEvent;
            const NAME: &'static str = stringify!($Page);
            const TITLE: &'static str = stringify!($Page);
            const DOCS: &'static str = "https://example.com/docs";
            const SCHEME: Scheme = Scheme::signed(HmacSha256, header("x-order"), Hex).over($parts);
            const ID: Option<Place> = $id;

            fn identity<'a>(envelope: &Envelope<'a>) -> Identity<'a> {
                envelope.by_resource_id()
            }
        }
    };
}

partly_signed!(Token, &[Field(json("token"))], None);
partly_signed!(TokenAndName, &[Field(json("token")), Field(json("type"))], None);
partly_signed!(TokenIsId, &[Field(json("token"))], Some(json("token")));
partly_signed!(NameAndId, &[Field(json("type")), Text("."), Field(json("order_id"))], None);
partly_signed!(OrderId, &[Field(json("order_id"))], None);

/// Typed events, too: what the signature does not cover could be made a new delivery by whoever
/// recorded one, or swallow a later delivery with a guessed ID.
#[test]
fn typed_names_and_ids_that_are_not_signed_do_not_identify_a_delivery() {
    fn id<P: Provider<Event = OrderEvent>>(name: &str, order: &str) -> String {
        let body = format!(r#"{{"token":"t-1","type":"{name}","order_id":"{order}"}}"#);
        let proof = P::SCHEME.sign(b"s3cr3t", &body).unwrap();
        let head = http::Request::post("/").header("x-order", proof.value()).body(()).unwrap();
        let delivery = Verifier::<P>::new("s3cr3t").verify(&head, body).unwrap();
        assert_eq!((delivery.event_name(), delivery.resource_id()), (name, Some(order)));
        delivery.delivery_id().unwrap().to_string()
    }
    assert!(id::<Token>("order.paid", "o-1").starts_with("sha256:"));
    assert!(id::<TokenAndName>("order.paid", "o-1").starts_with("sha256:"));
    assert_eq!(id::<TokenIsId>("order.paid", "o-1"), "/t-1");
    assert_eq!(id::<TokenIsId>("order.paid", "o-2"), "/t-1");
    assert_eq!(id::<NameAndId>("order.paid", "o-1"), "order.paid/o-1");
    assert_eq!(id::<OrderId>("order.paid", "o-1"), "/o-1");
}

/// A body without an event's name, too: its other bytes are anybody's.
#[tokio::test]
async fn an_unreadable_delivery_is_identified_by_what_is_signed() {
    let runs = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&runs);
    let handler = service_fn(move |_: http::Request<Full<Bytes>>| {
        count.fetch_add(1, Relaxed);
        async { Ok::<_, Infallible>(http::Response::<Full<Bytes>>::default()) }
    });
    let layer = VerifyWebhook::<TokenIsId>::new("s3cr3t").with_dedupe(MemoryStore::new());
    let service = layer.layer(handler);
    for (body, expected) in [(r#"{"token":"t-1"}"#, 1), (r#"{"token":"t-1","x":1}"#, 1), (r#"{"token":"t-2"}"#, 2)] {
        let proof = TokenIsId::SCHEME.sign(b"s3cr3t", body).unwrap();
        let request = http::Request::post("/").header("x-order", proof.value()).body(body.to_owned().into()).unwrap();
        assert_eq!(service.clone().oneshot(request).await.unwrap().status(), 200);
        assert_eq!(runs.load(Relaxed), expected, "{body}");
    }
}

enum Orders {}

impl Provider for Orders {
    type Event = OrderEvent;
    const NAME: &'static str = "orders";
    const TITLE: &'static str = "Orders";
    const DOCS: &'static str = "https://example.com/docs";
    const SCHEME: Scheme = Scheme::hmac_sha256("x-order", "");
}

/// A page that says nothing of times and IDs of events: two events about one resource are two.
#[test]
fn a_resource_alone_does_not_identify_an_event() {
    let id = |amount: u32| {
        let body = format!(r#"{{"type":"order.paid","order_id":"o-1","amount":{amount}}}"#);
        let proof = Orders::SCHEME.sign(b"s3cr3t", &body).unwrap();
        let head = http::Request::post("/").header("x-order", proof.value()).body(()).unwrap();
        Verifier::<Orders>::new("s3cr3t").verify(&head, body).unwrap().delivery_id().unwrap()
    };
    assert_eq!(id(1), id(1));
    assert_ne!(id(1), id(2));
}

enum Form {}

impl Provider for Form {
    type Event = AnyEvent;
    const NAME: &'static str = "form";
    const TITLE: &'static str = "Form";
    const DOCS: &'static str = "https://example.com/docs";
    const SCHEME: Scheme = Twilio::SCHEME;
    const EVENT: Option<Place> = Some(form("MessageStatus"));
    const ID: Option<Place> = Some(form("MessageSid"));
}

/// In a sorted form, an attacker who recorded a delivery can move the end of a name. That makes another ID and another
/// name of the same signed text, and no other delivery.
#[test]
fn a_field_of_a_sorted_form_does_not_identify_a_delivery() {
    let genuine = "MessageSid=SM1&MessageStatus=delivered&To=1";
    let signature = delivery::<Form>(0, "", &[], genuine);
    let of = |body: &str| delivery::<Form>(0, "", &[], body);
    for (moved, id) in [
        ("MessageSid=SM1MessageStatusdelivered&To=1", "SM1MessageStatusdelivered"),
        ("MessageSid=SM1&MessageStatus=deliveredTo1", "SM1"),
        ("MessageS=idSM1&MessageStatus=delivered&To=1", ""),
    ] {
        let other = of(moved);
        assert_eq!(other.event().id().unwrap_or_default(), id, "{moved}");
        assert_eq!(other.delivery_id(), signature.delivery_id(), "{moved}");
    }
    assert_ne!(of("MessageSid=SM2&MessageStatus=delivered&To=1").delivery_id(), signature.delivery_id());
}

/// A signed ID identifies the delivery, also if its time is new in each attempt.
#[test]
fn signed_ids_identify_a_delivery() {
    assert_eq!(id::<StandardWebhooks>(10, "msg_1", &[], BODY), id::<StandardWebhooks>(99, "msg_1", &[], BODY));
    assert_ne!(id::<StandardWebhooks>(10, "msg_1", &[], BODY), id::<StandardWebhooks>(10, "msg_2", &[], BODY));
    assert_eq!(id::<StandardWebhooks>(10, "msg_1", &[], BODY).to_string(), "order.paid/msg_1");
    assert_eq!(id::<Stripe>(10, "", &[], BODY).to_string(), "order.paid/evt_1");
    // Without an ID, or with two, the body identifies it.
    for body in ["{}", r#"{"id":""}"#, r#"{"id":"a","id":"b"}"#, r#"{"id":null}"#, "no json"] {
        assert!(id::<Stripe>(10, "", &[], body).to_string().starts_with("sha256:"), "{body}");
    }
}

/// Of Svix' two families of headers, the ID is that of the family whose proof matched.
#[test]
fn the_id_is_the_one_that_the_matched_scheme_signs() {
    let svix = |headers: &[(&str, &str)]| delivery::<Svix>(10, "msg_1", headers, BODY);
    assert_eq!(svix(&[]).delivery_id().unwrap().to_string(), "order.paid/msg_1");
    // Headers of the other family, whose proof is missing, are nobody's word.
    let mixed = svix(&[("webhook-id", "msg_2"), ("webhook-timestamp", "10")]);
    assert_eq!((mixed.event().id(), mixed.delivery_id()), (Some("msg_1"), svix(&[]).delivery_id()));
    let proof =
        StandardWebhooks::SCHEME.sign(SECRET.as_bytes(), Draft::new(BODY).at(UNIX_EPOCH).with_id("msg_3")).unwrap();
    let mut request = http::Request::post("/hook").header("svix-id", "msg_4").header("svix-timestamp", "0");
    for (name, value) in proof.headers() {
        request = request.header(name, value);
    }
    let verifier = Verifier::<Svix>::new(SECRET).with_clock(Clock::manual(UNIX_EPOCH));
    let other = verifier.verify(&request.body(()).unwrap(), BODY).unwrap();
    assert_eq!(other.delivery_id().unwrap().to_string(), "order.paid/msg_3");
}

/// One signature of Mailgun's fits any event: each is accepted once, whatever event it comes with, and in whatever body.
#[test]
fn mailguns_token_identifies_a_delivery() {
    let of = |body: String| {
        let head = http::Request::post("/hook").body(()).unwrap();
        Verifier::<Mailgun>::new("key").verify(&head, body).unwrap().delivery_id().unwrap().to_string()
    };
    let with = |event: &str| super::openssl::mailgun(&super::openssl::made("MAILGUN").1, event);
    let genuine = with("opened");
    for body in [
        genuine.clone(),
        with("forged"),
        // The name can be read in two ways, or not at all: it is not a part of the identity.
        genuine.replace("\"event\":", "\"event\":\"x\",\"event\":"),
        genuine.replace("\"event-data\":", "\"event-data\":1,\"event-data\":"),
        genuine.replace("\"opened\"", "{}"),
        genuine.replace("\"opened\"", "\"\\ud800\""),
    ] {
        assert_eq!(of(body.clone()), "/token-1", "{body}");
    }
}

/// The same with fields: what else is in the body does not make another delivery of it.
#[test]
fn signed_fields_identify_a_delivery() {
    let adyen = |success: &str, other: &str| {
        let body = |signature: &str| {
            format!(
                r#"{{"notificationItems":[{{"NotificationRequestItem":{{"pspReference":"1","eventCode":"AUTHORISATION","success":"{success}","reason":"{other}","additionalData":{{"hmacSignature":"{signature}"}}}}}}]}}"#
            )
        };
        let proof = Adyen::SCHEME.sign(b"0123", &body("")).unwrap();
        let head = http::Request::post("/hook").body(()).unwrap();
        let delivery = Verifier::<Adyen>::new("0123").verify(&head, body(proof.value())).unwrap();
        assert_eq!(delivery.event_name(), "AUTHORISATION");
        delivery.delivery_id().unwrap()
    };
    assert_eq!(adyen("true", ""), adyen("true", "forged"));
    assert_ne!(adyen("true", ""), adyen("false", ""));
    let braintree = |more: &str| {
        let (key, signature) = super::openssl::made("BRAINTREE");
        let head = http::Request::post("/hook").body(()).unwrap();
        let body = super::openssl::braintree(&signature, more);
        Verifier::<Braintree>::new(key).verify(&head, body).unwrap().delivery_id().unwrap()
    };
    assert_eq!(braintree(""), braintree("&more=1"));
    // printf 'PG5vdGlmaWNhdGlvbj48a2luZD5jaGVjazwva2luZD48L25vdGlmaWNhdGlvbj4=\n' | sha256sum
    assert_eq!(braintree("").to_string(), "sha256:417cdde089e758f7ed5b3ff3bd184f578b6b7e62cc7f7173613120d020d5f3fa");
}

/// Whose IDs are those of the event, where another one is new in each attempt.
#[test]
fn the_id_of_the_event_identifies_a_delivery() {
    let body = r#"{"id":"e-1","trigger":"FILE.UPLOADED"}"#;
    let of = |delivery: &str| id::<BoxPlatform>(10, "", &[("box-delivery-id", delivery)], body).to_string();
    assert_eq!((of("1"), of("2")), ("FILE.UPLOADED/e-1".to_owned(), "FILE.UPLOADED/e-1".to_owned()));
    let request = |id: &str| {
        let draft = Draft::new("{}").at(UNIX_EPOCH).with_header("x-request-id", id);
        let proof = MercadoPago::SCHEME.sign(b"key", draft).unwrap();
        let head = proof.headers().fold(http::Request::post("/"), |head, (name, value)| head.header(name, value));
        let head = head.header("x-request-id", id).body(()).unwrap();
        let verify = |body: &str| Verifier::<MercadoPago>::new("key").verify(&head, body.to_owned()).unwrap();
        [verify("{}"), verify("[]")].map(|delivery| delivery.delivery_id().unwrap().to_string())
    };
    assert_eq!(request("r-1"), ["/r-1", "/r-1"]);
}

/// Dropbox only says that something changed: equal bodies are two changes.
#[test]
fn equal_pings_are_no_duplicates() {
    assert_eq!(delivery::<Dropbox>(0, "", &[], BODY).delivery_id(), None);
}

/// Whoever holds a credential can write any ID.
#[test]
fn an_id_in_the_body_counts_behind_a_credential() {
    assert_eq!(id::<Tokens>(0, "", &[], BODY).to_string(), "order.paid/evt_1");
}

/// The order and the percent-encoding of Twilio's fields are not signed.
#[test]
fn equal_forms_are_one_delivery() {
    let twilio = |body| id::<Twilio>(0, "", &[], body);
    assert_eq!(twilio("a=1&b=2"), twilio("b=%32&a=1"));
    assert_ne!(twilio("a=1&b=2"), twilio("a=1&b=3"));
}

#[test]
fn an_event_has_its_name_ids_and_body() {
    let push = delivery::<GitHub>(0, "", &[("x-github-event", "push"), ("x-github-delivery", "d-1")], BODY);
    assert_eq!((push.event_name(), push.event().id(), push.resource_id()), ("push", Some("d-1"), None));
    assert_eq!(push.event().body(), BODY.as_bytes());
    let twice = delivery::<GitHub>(0, "", &[("x-github-event", "push"), ("x-github-event", "pull")], BODY);
    assert_eq!(twice.event_name(), "");
    let form = delivery::<Twilio>(0, "", &[], "a=1");
    assert_eq!((form.event_name(), form.event().id(), form.resource_id()), ("", None, None));
    let order = delivery::<Tokens>(0, "", &[], BODY);
    assert_eq!((order.event().id(), order.resource_id()), (Some("evt_1"), Some("7")));
    #[derive(serde::Deserialize)]
    struct Order {
        id: String,
    }
    assert_eq!(push.json::<Order>().unwrap().id, "evt_1");
    assert_eq!(
        form.json::<Order>().map(|order| order.id).unwrap_err().to_string(),
        "the body is not JSON at line 1 column 1"
    );
}
