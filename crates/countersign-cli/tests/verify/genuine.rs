//! What is genuine, and that nothing is said to be that comes near it.

use countersign_core::{
    Event, Provider,
    providers::{GeoScored, ScreenshotRun, Zeodyn},
};
use countersign_testkit::{Documented, Payload, Tampering};

use crate::support::{Case, Request, SECRET, VARIABLE, is_token};

#[test]
fn every_documented_payload_is_genuine() {
    fn test<P: Documented>() {
        for payload in Payload::<P>::all() {
            let event = P::Event::decode(payload.bytes()).unwrap();
            let request = Request::genuine::<P>(SECRET, payload.bytes());
            let (document, first_line, code) = Case::new("genuine", SECRET, &request).verify::<P>();
            assert_eq!(code, 0, "{document}");
            let expected = format!("genuine: {} of {}, verified with the secret in {VARIABLE}", event.name(), P::TITLE);
            assert_eq!(first_line, expected);
            assert_eq!(document["genuine"], true);
            assert!(document["reason"].is_null() && document["causes"].as_array().unwrap().is_empty(), "{document}");
            assert_eq!(document["event"], event.name());
            assert_eq!(document["resource_id"].as_str(), event.resource_id());
            assert_eq!(document["trust"], if is_token::<P>() { "token_only" } else { "signed" });
            let delivery = payload.signed_with(SECRET).delivery().unwrap();
            assert_eq!(document["delivery_id"].as_str(), delivery.delivery_id().map(|id| id.to_string()).as_deref());
        }
    }
    crate::for_every_provider!(test);
}

#[test]
fn a_genuine_delivery_of_every_provider_stays_genuine_with_previous_secrets() {
    fn test<P: Documented>() {
        let request = Request::genuine::<P>(SECRET, P::PAYLOADS[0].1);
        let case = Case::new("genuine", SECRET, &request).with_previous("another");
        assert_eq!(case.verify::<P>().2, 0);
    }
    crate::for_every_provider!(test);
}

#[test]
fn an_unknown_event_is_genuine() {
    let request = Request::genuine::<Zeodyn>(SECRET, r#"{"event":"brand_new\u001b[31m","x":1}"#);
    let (document, first_line, code) = Case::new("unknown", SECRET, &request).verify::<Zeodyn>();
    assert_eq!((code, &document["genuine"]), (0, &true.into()));
    assert_eq!(
        first_line,
        format!(r"genuine: brand_new\u{{1b}}[31m of Zeodyn, verified with the secret in {VARIABLE}")
    );
}

#[test]
fn a_body_that_cannot_be_decoded_is_genuine_and_no_success() {
    fn test<P: Documented>() {
        let request = Request::genuine::<P>(SECRET, "not JSON");
        let (document, first_line, code) = Case::new("undecodable", SECRET, &request).verify::<P>();
        assert_eq!((code, &document["genuine"], &document["reason"]), (1, &true.into(), &"undecodable".into()));
        assert_eq!(document["causes"][0]["code"], "body-undecodable");
        let proof = if is_token::<P>() { "token" } else { "signature" };
        let expected = format!(
            "genuine, and not to be decoded: the {proof} is right, and the body is not what {} documents: the body is not \
             JSON at line 1 column 2",
            P::TITLE
        );
        assert_eq!(first_line, expected);
    }
    crate::for_every_provider!(test);
}

#[test]
fn an_unsigned_time_and_what_is_not_documented_are_shown_as_such() {
    let mut request = Request::genuine::<GeoScored>(SECRET, r#"{"event":"scan.test","scan_id":"test_00000000"}"#);
    request.headers.push(("X-GeoScored-Timestamp".to_owned(), b"1768473000".to_vec()));
    let expected = [
        "  event                  scan.test",
        "  delivery id            none: test events are never duplicates",
        "  resource id            test_00000000",
        "  trust                  signed: every byte of the body",
        "  x-geoscored-timestamp  1768473000, in seconds since 1970; it is not signed",
    ];
    assert_eq!(Case::new("time", SECRET, &request).text::<GeoScored>().lines().skip(1).collect::<Vec<_>>(), expected);
    let request = Request::genuine::<ScreenshotRun>(SECRET, r#"{"event":"new"}"#);
    let text = Case::new("unknown", SECRET, &request).text::<ScreenshotRun>();
    assert_eq!(text.lines().nth(1), Some("  event        new (not documented)"));
    let trust = "  trust        token only: nothing is signed, and whoever knows the URL can have sent it";
    assert!(text.lines().any(|line| line == trust), "{text}");
}

/// The kit's own tamperings are refused wherever they prove nothing.
#[test]
fn what_was_tampered_with_is_not_genuine() {
    fn test<P: Documented>() {
        let signed = Payload::<P>::documented(P::PAYLOADS[0].0).unwrap().signed_with(SECRET);
        for &tampering in Tampering::ALL {
            let Ok(tampered) = signed.tampered(tampering) else { continue };
            let headers = tampered.headers().iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()));
            let request = Request {
                method: "POST".to_owned(),
                target: tampered.path_and_query(),
                headers: headers.collect(),
                body: tampered.body().to_vec(),
            };
            let (document, first_line, code) = Case::new(tampering.name(), SECRET, &request).verify::<P>();
            assert_eq!(code == 0, tampered.delivery().is_ok(), "{}: {tampering}: {first_line}", P::NAME);
            assert_eq!(code == 0, document["genuine"] == true, "{}: {tampering}: {first_line}", P::NAME);
            let code = match (tampering, is_token::<P>()) {
                (Tampering::MissingHeader, true) => "token-missing",
                (Tampering::MissingHeader, false) => "signature-missing",
                (Tampering::DoubledHeader, true) => "token-repeated",
                (Tampering::DoubledHeader, false) => "signature-repeated",
                (Tampering::WrongPrefix, false) if crate::support::prefix::<P>().is_empty() => "signature-other-prefix",
                (Tampering::WrongPrefix, false) => "signature-other-prefix",
                (Tampering::TruncatedTag, false) => "signature-truncated",
                (Tampering::OtherProvider, _) => "wrong-provider",
                (Tampering::Reserialised, false) => "body-reserialised",
                (Tampering::FlippedBody | Tampering::FlippedTag | Tampering::RetiredSecret, false) => "unexplained",
                (Tampering::FlippedTag | Tampering::TruncatedTag | Tampering::RetiredSecret, true) => {
                    "token-unexplained"
                }
                _ => continue,
            };
            assert_eq!(document["causes"][0]["code"], code, "{}: {tampering}: {first_line}", P::NAME);
        }
    }
    crate::for_every_provider!(test);
}

#[test]
fn trust_in_a_token_is_not_overstated() {
    let request = Request::genuine::<ScreenshotRun>(SECRET, ScreenshotRun::PAYLOADS[0].1);
    let (document, _, _) = Case::new("token", SECRET, &request).verify::<ScreenshotRun>();
    assert_eq!((&document["trust"], ScreenshotRun::NAME), (&"token_only".into(), "screenshotrun"));
}
