//! What verifies, and that nothing else does.

use countersign_core::{
    ProviderEvent,
    providers::{GeoScored, ScreenScore, ScreenshotCenter, ScreenshotRun, Zeodyn},
};
use countersign_testkit::{Documented, Payload, Tampering};

use crate::support::{Case, Request, SECRET, VARIABLE, body};

/// Calls `$test::<P>()` for every provider.
macro_rules! for_every_provider {
    ($test:ident) => {
        $test::<ScreenScore>();
        $test::<ScreenshotCenter>();
        $test::<ScreenshotRun>();
        $test::<Zeodyn>();
        $test::<GeoScored>();
    };
}

#[test]
fn every_documented_payload_verifies() {
    fn test<P: Documented>() {
        for payload in Payload::<P>::all() {
            let delivery = payload.clone().signed_with(SECRET).delivery().unwrap();
            let request = Request::genuine::<P>(SECRET, payload.bytes());
            let (document, code) = Case::new("genuine", SECRET, &request).with_previous("another").verify::<P>();
            assert_eq!((code, &document["verified"]), (0, &true.into()), "{document}");
            assert!(document["reason"].is_null() && document["causes"].as_array().unwrap().is_empty(), "{document}");
            assert_eq!(document["event"], delivery.event_name());
            assert_eq!(document["resource_id"].as_str(), delivery.resource_id());
            assert_eq!(document["trust"], if P::SCHEME.covers_body() { "signed" } else { "token_only" });
            assert_eq!(document["delivery_id"].as_str(), delivery.delivery_id().map(|id| id.to_string()).as_deref());
        }
        let text = Case::new("text", SECRET, &Request::genuine::<P>(SECRET, body::<P>())).text::<P>();
        let expected = format!("verified: {} of {}, with the secret in {VARIABLE}\n", P::Event::NAMES[0], P::TITLE);
        assert!(text.starts_with(&expected), "{text}");
    }
    for_every_provider!(test);
}

#[test]
fn an_unknown_event_verifies_and_cannot_control_a_terminal() {
    let request = Request::genuine::<ScreenshotRun>(SECRET, r#"{"event":"brand_new\u001b[31m","x":1}"#);
    let text = Case::new("unknown", SECRET, &request).text::<ScreenshotRun>();
    let name = r"brand_new\u{1b}[31m";
    let first = format!("verified: {name} of ScreenshotRun, with the secret in {VARIABLE}\n");
    assert!(text.starts_with(&first) && text.contains(&format!("  event        {name} (not documented)\n")), "{text}");
    assert!(
        text.contains("  trust        token only: nothing is signed, and anyone who knows the URL may have sent it\n")
    );
}

#[test]
fn a_body_that_cannot_be_read_verifies_and_is_not_a_success() {
    let case = Case::new("undecodable", SECRET, &Request::genuine::<Zeodyn>(SECRET, "not JSON"));
    let (document, code) = case.verify::<Zeodyn>();
    assert_eq!((code, &document["verified"], &document["reason"]), (1, &true.into(), &"undecodable".into()));
    assert_eq!(document["causes"][0]["code"], "body-undecodable");
    let expected = "verified, but not readable: the signature is right, but the body is not as Zeodyn documents it: the \
                    body is not JSON at line 1 column 2\n";
    assert!(case.text::<Zeodyn>().starts_with(expected), "{}", case.text::<Zeodyn>());
}

#[test]
fn an_unsigned_time_is_shown_as_such() {
    let mut request = Request::genuine::<GeoScored>(SECRET, r#"{"event":"scan.test","scan_id":"test_00000000"}"#);
    request.headers.push(("X-GeoScored-Timestamp".to_owned(), b"1768473000".to_vec()));
    let expected = [
        "  event        scan.test",
        "  delivery ID  none: it is never a duplicate",
        "  resource ID  test_00000000",
        "  trust        signed: every byte of the body",
        "  sent at      1768473000, in seconds since 1970; not signed",
    ];
    assert_eq!(Case::new("time", SECRET, &request).text::<GeoScored>().lines().skip(1).collect::<Vec<_>>(), expected);
}

/// A secret of any characters verifies when it is percent-encoded, in any form of target.
#[test]
fn odd_tokens_verify() {
    for secret in ["a&b#c+d e%f", "ünïcödé", "=?/\\\"'"] {
        let mut request = Request::genuine::<ScreenshotRun>(secret, body::<ScreenshotRun>());
        request.target.insert_str(0, "https://example.com:8443");
        assert_eq!(Case::new(secret, secret, &request).verify::<ScreenshotRun>().1, 0);
    }
}

/// What the test kit tampers with verifies if the verifier says so, and is explained if not.
#[test]
fn what_was_tampered_with_is_explained() {
    fn test<P: Documented>() {
        let genuine = Payload::<P>::all().next().unwrap().signed_with(SECRET);
        for &tampering in Tampering::ALL.iter().filter(|tampering| **tampering != Tampering::Oversized) {
            let Ok(tampered) = genuine.tampered(tampering) else { continue };
            let headers = tampered.headers().iter();
            let request = Request {
                method: "POST".to_owned(),
                target: tampered.path_and_query(),
                headers: headers.map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect(),
                body: tampered.body().to_vec(),
            };
            let (document, code) = Case::new(tampering.name(), SECRET, &request).verify::<P>();
            let what = format!("{}: {tampering}: {document}", P::NAME);
            assert_eq!((code == 0, document["verified"] == true), (tampered.delivery().is_ok(), code == 0), "{what}");
            let expected = match (tampering, P::SCHEME.covers_body()) {
                (Tampering::MissingProof, _) => "proof-missing",
                (Tampering::DoubledProof, _) => "proof-repeated",
                (Tampering::WrongPrefix, _) => "signature-prefix",
                (Tampering::TruncatedTag, true) => "proof-malformed",
                (Tampering::OtherProvider, _) => "wrong-provider",
                (Tampering::Reserialised, true) => "body-reserialised",
                (Tampering::FlippedBody, true) => "body-documented-payload",
                (Tampering::FlippedTag | Tampering::RetiredSecret, true) => "unexplained",
                (Tampering::FlippedTag | Tampering::TruncatedTag | Tampering::RetiredSecret, false) => {
                    "token-unexplained"
                }
                _ => continue,
            };
            assert_eq!(document["causes"][0]["code"], expected, "{what}");
        }
    }
    for_every_provider!(test);
}
