//! A user's own providers: with documented payloads, without any, and with proofs that look like another's.

use countersign::{
    RejectionKind, Verifier, events,
    provider::{Place, Provider, Scheme},
};
use countersign_testkit::{Documented, Expected, Payload, SignedRequest, Tampering, sign};
use serde::{Deserialize, Serialize};

use crate::testkit::{support::tag, wait_for};

/// A provider's page, but for its proof and its payloads.
macro_rules! page {
    ($Provider:ident, $name:literal, $scheme:expr $(, $occurred_at:literal)?) => {
        enum $Provider {}

        impl Provider for $Provider {
            type Event = AcmeEvent;
            const NAME: &'static str = $name;
            const TITLE: &'static str = stringify!($Provider);
            const DOCS: &'static str = "https://acme.example/docs/webhooks";
            const SCHEME: Scheme = $scheme;
            $(const OCCURRED_AT: Option<Place> = Some(Place::json($occurred_at));)?
        }
    };
}

events! {
    enum AcmeEvent {
        id: ["order_id"];
        "order.paid" => OrderPaid(Order) at order_id,
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Order {
    order_id: String,
}

const PAID: &[(&str, &str)] =
    &[("order.paid", r#"{"event":"order.paid","order_id":"1","times":{"paid":"2026-01-01T00:00:00Z"}}"#)];

page!(Acme, "acme", Scheme::hmac_sha256("x-acme-signature", "sha256="), "times.paid");
impl Documented for Acme {
    const PAYLOADS: &'static [(&'static str, &'static str)] = PAID;
}

// Its time is not signed.
page!(Tokens, "tokens", Scheme::url_token("key"), "times.paid");
impl Documented for Tokens {
    const PAYLOADS: &'static [(&'static str, &'static str)] = PAID;
}

// As Slack signs.
page!(Versioned, "versioned", Scheme::hmac_sha256("x-versioned-signature", "v0="), "order.at");
impl Documented for Versioned {
    const PAYLOADS: &'static [(&'static str, &'static str)] = PAID;
}

// No `Documented`: only `Payload::new`.
page!(Plain, "plain", Scheme::hmac_sha256("x-plain-signature", ""));

fn kind<P: Provider>(request: &SignedRequest<P>) -> Option<RejectionKind> {
    let head = request.to_http::<bytes::Bytes>();
    Verifier::<P>::new("s3cr3t").verify(&head, head.body().clone()).err().map(|error| error.kind())
}

fn paid<P: Documented>() -> SignedRequest<P> {
    Payload::documented("order.paid").unwrap().signed_with("s3cr3t")
}

#[test]
fn a_documented_own_provider_is_signed() {
    let request = paid::<Acme>();
    assert_eq!(request.path_and_query(), "/webhooks/acme");
    assert_eq!(request.headers()["x-acme-signature"], format!("sha256={}", tag(b"s3cr3t", PAID[0].1.as_bytes())));
    let AcmeEvent::OrderPaid(order) = request.delivery().unwrap().into_event() else { panic!("not paid") };
    assert_eq!(order.order_id, "1");
    assert_eq!(Payload::<Acme>::all().count(), 1);
    let error = Payload::<Acme>::documented("order.lost").unwrap_err();
    assert_eq!(error.to_string(), "Acme does not document an event `order.lost`, only order.paid");
}

#[test]
fn the_token_of_an_own_provider_has_its_own_name() {
    assert_eq!(paid::<Tokens>().with_path("/hook?a").path_and_query(), "/hook?a&key=s3cr3t");
    assert_eq!(kind(&paid::<Tokens>()), None);
}

#[test]
fn a_provider_without_documented_payloads_is_signed_as_well() {
    let body = r#"{"event":"order.paid","order_id":"7"}"#;
    let request = Payload::<Plain>::new(body).with_field("/order_id", "8").unwrap().signed_with("s3cr3t");
    let expected = body.replace('7', "8");
    assert_eq!(request.headers()["x-plain-signature"], tag(b"s3cr3t", expected.as_bytes()));
    assert_eq!(kind(&request), None);
    assert_eq!(request.delivery().unwrap().resource_id(), Some("8"));
    assert_eq!(sign::<Plain>("s", "").headers().count(), 1);
    wait_for(async {
        let sent = crate::testkit::sent::Sent::by_http(&request);
        assert_eq!(crate::testkit::sent::Sent::by_actix(&request).await, sent);
        assert_eq!(crate::testkit::sent::Sent::by_reqwest(&request, "/webhooks/plain").await, sent);
    });
    assert_eq!(kind(&request.with_body("{}")), Some(RejectionKind::SignatureMismatch));
}

/// What is rejected, accepted or impossible is the same for any provider.
fn is_as_expected<P: Documented>(impossible: &[(Tampering, &str)]) {
    use Tampering::{OtherUrl, StaleTime, SwappedId, WrongTime};

    for &tampering in Tampering::ALL.iter().filter(|name| ![StaleTime, WrongTime, SwappedId, OtherUrl].contains(name)) {
        let done = paid::<P>().tampered(tampering);
        if let Some((_, message)) = impossible.iter().find(|(impossible, _)| *impossible == tampering) {
            assert_eq!(done.unwrap_err().to_string(), *message);
            continue;
        }
        let found = kind(&done.unwrap()).map(RejectionKind::status);
        let expected = match tampering.expected::<P>() {
            Expected::Rejected(status) => Some(status),
            _ => None,
        };
        assert_eq!(found, expected, "{tampering} of {}", P::NAME);
    }
}

#[test]
fn an_own_provider_can_be_tampered_with() {
    is_as_expected::<Acme>(&[]);
    let stale = paid::<Acme>().tampered(Tampering::Stale).unwrap();
    assert_eq!(stale.body(), PAID[0].1.replace("2026-01-01", "2002-01-01").as_bytes());
    is_as_expected::<Tokens>(&[
        (Tampering::WrongPrefix, "wrong-prefix is not possible for Tokens: its proof is not a signature"),
        (Tampering::Stale, "stale is not possible for Tokens: its proof covers no time of the event"),
    ]);
}

#[test]
fn a_prefix_that_looks_wrong_is_tampered_with_as_well() {
    let wrong = paid::<Versioned>().tampered(Tampering::WrongPrefix).unwrap();
    assert_ne!(wrong.headers()["x-versioned-signature"], paid::<Versioned>().headers()["x-versioned-signature"]);
    assert_eq!(kind(&wrong), Some(RejectionKind::MalformedSignature));
    // The path of its signed time leads nowhere in its payload.
    let message = "stale is not possible for Versioned: `/order/at` leads to nothing in this payload";
    is_as_expected::<Versioned>(&[(Tampering::Stale, message)]);
}
