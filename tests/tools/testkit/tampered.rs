//! What is done to a delivery is what the tampering's name says, and nothing else.

use countersign::{ProviderEvent, RejectionKind, Verifier, providers::*};
use countersign_testkit::{Documented, Payload, SignedRequest, Tampering};
use http::HeaderValue;
use serde_json::Value;

use crate::testkit::{of, sent::Sent, signed, support::tag};

for_every_provider![
    every_tampering_is_what_its_name_says,
    what_was_tampered_with_can_be_tampered_with_again,
    path_and_headers_of_ones_own_are_kept,
];

fn every_tampering_is_what_its_name_says<P: Documented>() {
    for &event in of::<P>().events {
        let original = signed::<P>(event);
        for &tampering in Tampering::ALL {
            if let Ok(tampered) = original.tampered(tampering) {
                assert_eq!(tampering == Tampering::Duplicate, same(&tampered, &original), "{tampering} of {event}");
                is_what_its_name_says(tampering, &tampered, &original);
            }
        }
    }
}

fn same<P: Documented>(one: &SignedRequest<P>, other: &SignedRequest<P>) -> bool {
    Sent::by_http(one) == Sent::by_http(other)
}

/// The signature without its prefix, or the token.
fn proof<P: Documented>(request: &SignedRequest<P>) -> Vec<u8> {
    if !of::<P>().is_signed() {
        let url = reqwest::Url::parse(&format!("http://localhost/?{}", request.query().unwrap())).unwrap();
        return url.query_pairs().find(|(name, _)| name == "token").unwrap().1.as_bytes().to_vec();
    }
    let (name, prefix) = of::<P>().header();
    request.headers()[name].to_str().unwrap().strip_prefix(prefix).unwrap().as_bytes().to_vec()
}

fn is_genuine<P: Documented>(request: &SignedRequest<P>) -> bool {
    let verifier = Verifier::<P>::new(of::<P>().secret()).with_body_limit(usize::MAX);
    verifier.verify_only(&request.to_http::<bytes::Bytes>(), request.body().clone()).is_ok()
}

fn is_what_its_name_says<P: Documented>(
    tampering: Tampering,
    tampered: &SignedRequest<P>,
    original: &SignedRequest<P>,
) {
    let bits = |one: &[u8], other: &[u8]| -> u32 {
        assert_eq!(one.len(), other.len());
        one.iter().zip(other).map(|(one, other)| (one ^ other).count_ones()).sum()
    };
    let json = |request: &SignedRequest<P>| serde_json::from_slice::<Value>(request.body()).unwrap();
    let is_signed = of::<P>().is_signed();
    let changes_the_body = match tampering {
        Tampering::FlippedBody => {
            assert_eq!(bits(tampered.body(), original.body()), 1);
            assert!(json(tampered).is_object(), "JSON stays JSON");
            true
        }
        Tampering::Reserialised => {
            assert_eq!(json(tampered), json(original));
            true
        }
        Tampering::Oversized => {
            assert_eq!(tampered.body().len(), 1024 * 1024 + 1);
            assert!(is_genuine(tampered) && tampered.body().starts_with(original.body()));
            true
        }
        Tampering::UnknownEvent => {
            let mut expected = json(original);
            expected["event"] = "countersign.unknown".into();
            assert_eq!(json(tampered), expected);
            assert_eq!(P::Event::decode(tampered.body()).unwrap().name(), "countersign.unknown");
            assert!(is_genuine(tampered));
            true
        }
        Tampering::Stale => {
            let mut expected = json(original);
            expected[if P::NAME == "zeodyn" { "timestamp" } else { "created_at" }] = "2002-01-01T00:00:00Z".into();
            assert_eq!(json(tampered), expected);
            assert!(is_genuine(tampered));
            true
        }
        Tampering::OtherProvider => {
            let (name, prefix) = match P::NAME {
                "screenscore" => ("x-screenshotcenter-signature", "sha256="),
                _ => ("x-screenscore-signature", ""),
            };
            let digits = tag(of::<P>().secret().as_bytes(), tampered.body());
            let expected = format!("{prefix}{digits}");
            assert_eq!(tampered.headers().get(name).unwrap(), &expected, "with the same secret");
            assert!(!is_signed || !tampered.headers().contains_key(of::<P>().header().0));
            assert_eq!(tampered.query(), None);
            true
        }
        Tampering::FlippedTag if is_signed => {
            let changed = proof(tampered).iter().zip(&proof(original)).filter(|(one, other)| one != other).count();
            assert_eq!((proof(tampered).len(), changed), (64, 1));
            false
        }
        Tampering::FlippedTag => {
            assert_eq!(bits(&proof(tampered), &proof(original)), 1);
            false
        }
        Tampering::TruncatedTag => {
            let cut = if is_signed { 2 } else { 1 };
            assert_eq!(proof(tampered), proof(original)[..proof(original).len() - cut]);
            false
        }
        Tampering::MissingProof => {
            assert!(!is_signed || !tampered.headers().contains_key(of::<P>().header().0));
            assert_eq!(tampered.query(), None);
            false
        }
        Tampering::DoubledProof if is_signed => {
            let name = of::<P>().header().0;
            let one = &original.headers()[name];
            assert_eq!(tampered.headers().get_all(name).iter().collect::<Vec<_>>(), [one, one]);
            false
        }
        Tampering::DoubledProof => {
            let one = original.query().unwrap();
            assert_eq!(tampered.query(), Some(&*format!("{one}&{one}")));
            false
        }
        Tampering::WrongPrefix => {
            let value = format!("v0={}", String::from_utf8(proof(original)).unwrap());
            assert_eq!(tampered.headers()[of::<P>().header().0], value);
            false
        }
        Tampering::RetiredSecret => {
            let retired = format!("{}-retired", of::<P>().secret());
            let expected = if is_signed { tag(retired.as_bytes(), original.body()) } else { retired };
            assert_eq!(proof(tampered), expected.as_bytes());
            false
        }
        Tampering::Duplicate => false,
        other => panic!("{other} is new, and nothing is shown of it"),
    };
    assert_eq!(tampered.body() != original.body(), changes_the_body, "{tampering}");
    if of::<P>().name == "screenshotcenter" && tampering == Tampering::UnknownEvent {
        assert_eq!(tampered.headers()["x-screenshotcenter-event"], "countersign.unknown");
    }
}

/// It is made from the body and the secret: what was done before to the proof does not show, and no two take each other
/// back.
fn what_was_tampered_with_can_be_tampered_with_again<P: Documented>() {
    let secret = of::<P>().secret();
    for &before in Tampering::ALL {
        let Ok(once) = signed::<P>(of::<P>().events[0]).tampered(before) else { continue };
        for &tampering in Tampering::ALL.iter().filter(|tampering| **tampering != Tampering::Duplicate) {
            let Ok(twice) = once.tampered(tampering) else { continue };
            let head = twice.to_http::<bytes::Bytes>();
            let verified = Verifier::<P>::new(secret.as_str()).verify_only(&head, twice.body().clone());
            let found = verified.err().map(|error| error.kind());
            let is_too_long = twice.body().len() > 1024 * 1024;
            let expected = match crate::testkit::rejections::reason::<P>(tampering) {
                // Said of the head before a byte of the body is counted.
                Some(RejectionKind::SignatureMismatch) | None if is_too_long => Some(RejectionKind::BodyTooLarge),
                expected => expected,
            };
            assert_eq!(found, expected, "{tampering} after {before}");
        }
    }
}

fn path_and_headers_of_ones_own_are_kept<P: Documented>() {
    let own = HeaderValue::from_static("own");
    let request = signed::<P>(of::<P>().events[0])
        .with_path("/hooks?tenant=1")
        .with_header(http::HeaderName::from_static("x-own"), own.clone());
    for &tampering in Tampering::ALL {
        let Ok(tampered) = request.tampered(tampering) else { continue };
        let sent = Sent::by_http(&tampered);
        assert_eq!((sent.method.as_str(), sent.path.as_str()), ("POST", "/hooks"));
        assert!(sent.query.unwrap().starts_with("tenant=1"), "{tampering}");
        assert_eq!(tampered.headers()["x-own"], own);
        assert_eq!(tampered.headers()["content-type"], "application/json");
    }
}

#[test]
fn a_body_of_any_json_is_changed_by_being_written_again() {
    for body in ["{}", "[]", "0", "\"text\"", "null", "{ }", "[1, 2]", "{\"event\":\"e\"}", " {}", "{}\n"] {
        let request = Payload::<Zeodyn>::new(body).signed_with("s3cr3t");
        let tampered = request.tampered(Tampering::Reserialised).unwrap();
        let values = [tampered.body(), request.body()].map(|body| serde_json::from_slice::<Value>(body).unwrap());
        assert_eq!(values[0], values[1], "{body}");
        assert_ne!(tampered.body(), request.body(), "{body}");
        assert_eq!(tampered.delivery().unwrap_err().kind(), RejectionKind::SignatureMismatch, "{body}");
    }
}

#[test]
fn a_body_without_digits_and_one_of_one_byte_are_flipped() {
    for body in ["{}", "x", "\0", "7"] {
        let request = Payload::<Zeodyn>::new(body).signed_with("s3cr3t");
        let tampered = request.tampered(Tampering::FlippedBody).unwrap();
        assert_ne!(tampered.body(), request.body());
        assert_eq!(tampered.delivery().unwrap_err().kind(), RejectionKind::SignatureMismatch);
    }
}

#[test]
fn a_token_of_one_byte_is_flipped_and_truncated() {
    let request = Payload::<ScreenshotRun>::new("{}").signed_with("t");
    assert_eq!(request.tampered(Tampering::FlippedTag).unwrap().query(), Some("token=u"));
    assert_eq!(request.tampered(Tampering::TruncatedTag).unwrap().query(), Some("token="));
}
