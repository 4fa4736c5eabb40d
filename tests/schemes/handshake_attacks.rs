//! Handshakes under attack: by senders who know the URL, and by those who recorded genuine requests, but do not know
//! the secret.

use countersign::{
    AnyEvent, RejectionKind, Verifier,
    adapter::Receiver,
    provider::{Handshake, Input, Mac, Place, Provider, Reply, ReplyValue, Scheme, grammar::*},
    providers::{Twitch, X},
};
use http::Request;

use super::handshake_settings::{answer, get, outcome, signed};

const CODE_MAC: ReplyValue = ReplyValue::Mac(Mac::new(HmacSha256, json("code"), Input::BASE64, Hex));

/// Answers a signed challenge with a MAC, and signs nothing but the body.
enum Coded {}

impl Provider for Coded {
    type Event = AnyEvent;
    const NAME: &'static str = "coded";
    const TITLE: &'static str = "Coded";
    const DOCS: &'static str = "https://example.com/docs";
    const SCHEME: Scheme = Scheme::hmac_sha256("x-signature", "");
    const EVENT: Option<Place> = None;
    const HANDSHAKES: &'static [Handshake] =
        &[Handshake::signed().when(json("type"), "check").answer(Reply::object(&[("mac", CODE_MAC)]))];
}

/// Only the provider has a text signed by a signed handshake. But an attacker who recorded one gets the MAC of its code,
/// and that would be the signature of a delivery.
#[tokio::test]
async fn the_code_of_a_recorded_handshake_is_no_delivery() {
    const RECORDED: &str = r#"{"type":"check","code":"4711"}"#;
    let receiver = Receiver::from(Verifier::<Coded>::new("key"));
    let answered = outcome(answer(receiver.clone(), &signed::<Coded>("key", RECORDED), RECORDED).await).unwrap();
    let mac: serde_json::Value = serde_json::from_str(&answered).unwrap();
    let forged = Request::post("/hook").header("x-signature", mac["mac"].as_str().unwrap()).body(()).unwrap();
    let why = "a handshake is answered with the MAC of such a body, so that its signature proves nothing";
    let expected = Err((RejectionKind::SignatureMismatch, why.to_owned()));
    assert_eq!(outcome(answer(receiver.clone(), &forged, "4711").await), expected);
    assert!(answer(receiver, &signed::<Coded>("key", "[4711]"), "[4711]").await.is_none(), "a delivery");
}

/// Twitch's type of a message is not signed: an attacker who recorded one can send it with another.
#[tokio::test]
async fn another_type_makes_no_delivery_of_a_recorded_handshake_nor_the_reverse() {
    const VERIFICATION: &str = r#"{"challenge":"pogchamp","subscription":{"type":"channel.follow"}}"#;
    const NOTIFICATION: &str = r#"{"subscription":{"type":"channel.follow"},"event":{"user_id":"1"}}"#;
    const BATCH: &str = r#"{"subscription":{"type":"drop.entitlement.grant"},"challenge":"x","events":[{"id":"1"}]}"#;
    let receiver = Receiver::from(Verifier::<Twitch>::new("s3cr3ts3cr3t"));
    let typed = |body, kind| {
        let proof =
            Twitch::SCHEME.sign(b"s3cr3ts3cr3t", countersign::provider::Draft::new(body).with_id("id-1")).unwrap();
        let head = Request::post("/hook").header("twitch-eventsub-message-type", kind);
        proof.headers().fold(head, |head, (name, value)| head.header(name, value)).body(()).unwrap()
    };
    for kind in ["webhook_callback_verification", "notification", "revocation", ""] {
        let answered = answer(receiver.clone(), &typed(VERIFICATION, kind), VERIFICATION).await;
        assert_eq!(outcome(answered), Ok("pogchamp".to_owned()), "{kind}");
        for body in [NOTIFICATION, BATCH] {
            assert!(answer(receiver.clone(), &typed(body, kind), body).await.is_none(), "{kind}: {body}");
        }
    }
}

/// A ping without a proof, which its page tells only from some of the deliveries.
enum Pinged {}

impl Provider for Pinged {
    type Event = AnyEvent;
    const NAME: &'static str = "pinged";
    const TITLE: &'static str = "Pinged";
    const DOCS: &'static str = "https://example.com/docs";
    const SCHEME: Scheme = Scheme::any_of(&[Scheme::hmac_sha256("x-signature", ""), Scheme::url_token("token")]);
    const EVENT: Option<Place> = None;
    const HANDSHAKES: &'static [Handshake] =
        &[Handshake::post().when_begins(header("content-type"), "text/").answer(Reply::empty(200))];
}

/// I1: a request with a proof is a delivery, whatever else it has. A ping would be answered with 2xx, and lost.
#[tokio::test]
async fn what_has_a_proof_is_no_ping() {
    let receiver = Receiver::from(Verifier::<Pinged>::new("key"));
    let with = |target, signature: Option<&str>| {
        let head = Request::post(target).header("content-type", "text/json");
        signature.into_iter().fold(head, |head, value| head.header("x-signature", value)).body(()).unwrap()
    };
    assert_eq!(outcome(answer(receiver.clone(), &with("/hook", None), "{}").await), Ok(String::new()));
    let proof = signed::<Pinged>("key", "{}");
    let signature = proof.headers()["x-signature"].to_str().unwrap();
    for genuine in [with("/hook", Some(signature)), with("/hook?token=key", None)] {
        assert!(answer(receiver.clone(), &genuine, "{}").await.is_none(), "{genuine:?}");
    }
    for (forged, kind) in [
        (with("/hook", Some("00")), RejectionKind::MalformedSignature),
        (with("/hook?token=another", None), RejectionKind::TokenMismatch),
        (with("/hook?%74oken=key", None), RejectionKind::MalformedToken),
    ] {
        assert_eq!(outcome(answer(receiver.clone(), &forged, "{}").await), Err((kind, String::new())), "{forged:?}");
    }
}

/// However a `crc_token` is spelled, what is answered is the MAC of a text without a character of JSON's syntax.
#[tokio::test]
async fn no_spelling_has_another_text_signed() {
    const SPELLINGS: &str = "crc_token=%7B%7D crc_token={} crc_token=[] crc_token=%22a%22 crc_token=%257B crc_token=a%00 \
                             crc_token=a%20 crc_token=%EF%BB%BFa crc_token=%C4%B1 crc_token=%ff crc_token=% \
                             crc_token=a;crc_token=b crc_token=a;b crc_token=a,b crc_token=a?b crc_token=a%26b crc_token \
                             crc_token= crc_token=a&crc_token=a crc_token=a&crc_token crc%5Ftoken=a crc_token=a&crc%5ftoken=b \
                             CRC_TOKEN=a crc_token%5B%5D=a crc_token[]=a crc_token[0]=a %20crc_token=a crc_token%00=a \
                             crc_token%20=a crc_token+=a crc.token=a ?crc_token=a ;crc_token=a nonce=1;crc_token=a crc_token%3Da";
    let receiver = Receiver::from(Verifier::<X>::new("key"));
    for query in SPELLINGS.split(' ') {
        let refused = outcome(answer(receiver.clone(), &get(&format!("/x?{query}")), "").await);
        let kind = refused.map_err(|(kind, _)| kind);
        assert!(
            matches!(kind, Err(RejectionKind::HandshakeRejected | RejectionKind::MethodNotAllowed)),
            "{query}: {kind:?}"
        );
    }
}
