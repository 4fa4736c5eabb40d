//! The verifier, called directly. What every provider has in common is in the conformance suite of the root package.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::arithmetic_side_effects)]

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use countersign_core::{
    RejectionKind, Secret, SecretErrorKind, Secrets, SentAt, Trust, Verifier,
    adapter::DEFAULT_BODY_LIMIT,
    provider::Scheme,
    providers::{GeoScored, ScreenScore, ScreenshotRun},
};
use http::Request;

const BODY: &str = r#"{"event":"scan.completed","scan_id":"abc123"}"#;
/// `printf %s "$BODY" | openssl dgst -sha256 -hmac key`
const TAG: &str = "v1=d55d830add5db32bb799a044a1d363a76810e48488deb1a015d5643e05aded88";

fn request() -> http::request::Builder {
    Request::post("/hook").header("x-geoscored-signature", TAG)
}

fn verifier() -> Verifier<GeoScored> {
    Verifier::new("key")
}

fn kind(verifier: &Verifier<GeoScored>, request: http::request::Builder, body: &'static str) -> Option<RejectionKind> {
    verifier.verify(&request.body(()).unwrap(), body).err().map(|error| error.kind())
}

#[test]
fn a_genuine_delivery_is_given_out_whole() {
    let body = Bytes::from_static(BODY.as_bytes());
    let delivery = verifier().verify(&request().body(()).unwrap(), body.clone()).unwrap();
    assert_eq!(delivery.body().as_ptr(), body.as_ptr());
    assert_eq!(delivery.trust(), Trust::Signed);
    assert!(delivery.matched_secret().is_current());
    assert_eq!((delivery.event().name(), delivery.event_name()), ("scan.completed", "scan.completed"));
    assert_eq!(delivery.resource_id(), Some("abc123"));
    assert_eq!(delivery.delivery_id().unwrap().to_string(), "scan.completed/abc123");
    let clone = delivery.clone();
    assert_eq!((clone.body().as_ptr(), clone.into_event()), (body.as_ptr(), delivery.into_event()));
}

#[test]
fn the_head_is_checked_in_order() {
    use RejectionKind::*;
    let verifier = verifier().with_body_limit(100);
    let bare = || Request::post("/hook");
    assert_eq!(kind(&verifier, request(), BODY), None);
    for method in ["GET", "post", "POSTS", "PUT"] {
        let request = bare().method(method).header("content-length", "101").header("content-encoding", "gzip");
        assert_eq!(kind(&verifier, request, BODY), Some(MethodNotAllowed), "{method}");
    }
    let long = bare().header("content-length", "101").header("content-encoding", "gzip");
    assert_eq!(kind(&verifier, long, BODY), Some(BodyTooLarge));
    assert_eq!(kind(&verifier, bare().header("content-encoding", "gzip"), BODY), Some(MissingSignature));
    assert_eq!(kind(&verifier, request().header("x-geoscored-signature", TAG), BODY), Some(MalformedSignature));
    assert_eq!(kind(&verifier, request().header("content-encoding", "gzip"), "forged"), Some(UnsupportedEncoding));
    assert_eq!(kind(&verifier, request(), "forged"), Some(SignatureMismatch));
}

#[test]
fn a_declared_length_is_a_number_over_the_limit() {
    let verifier = verifier().with_body_limit(100);
    for length in ["101", "0101", " 101 ", "18446744073709551616", "99999999999999999999999999999999999999999999"] {
        let request = request().header("content-length", length);
        assert_eq!(kind(&verifier, request, BODY), Some(RejectionKind::BodyTooLarge), "{length}");
    }
    let second = request().header("content-length", "1").header("content-length", "101");
    assert_eq!(kind(&verifier, second, BODY), Some(RejectionKind::BodyTooLarge));
    // A value that is not a number is not a declaration, and the bytes are counted.
    for length in ["100", "0", "", " ", "-101", "+101", "1e9", "0x101", "101, 101", "NaN"] {
        let request = request().header("content-length", length);
        assert_eq!(kind(&verifier, request, BODY), None, "{length}");
    }
}

#[test]
fn the_limit_is_inclusive_and_a_body_over_it_stays_rejected() {
    let head = request().body(()).unwrap();
    assert!(verifier().with_body_limit(BODY.len()).verify(&head, BODY).is_ok());
    let verifier = verifier().with_body_limit(BODY.len() - 1);
    assert_eq!(verifier.verify(&head, BODY).unwrap_err().kind(), RejectionKind::BodyTooLarge);

    // A caller that ignores the error of `push` gets no delivery, even from a provider that does
    // not sign.
    let verifier = Verifier::<ScreenshotRun>::new("t").with_body_limit(4);
    let head = Request::post("/?token=t").body(()).unwrap();
    let mut verification = verifier.check_head(&head).unwrap();
    verification.push(Bytes::from_static(b"1234")).unwrap();
    assert!(verification.push(Bytes::from_static(b"5")).is_err());
    assert!(verification.push(Bytes::new()).is_err());
    assert_eq!(verification.finish().unwrap_err().kind(), RejectionKind::BodyTooLarge);

    let mut verification = verifier.check_head(&head).unwrap();
    verification.push(Bytes::from_static(b"12")).unwrap();
    verification.push(Bytes::from_static(b"34")).unwrap();
    let delivery = verification.finish().unwrap();
    assert_eq!((delivery.body().as_ref(), delivery.trust()), (b"1234".as_slice(), Trust::TokenOnly));
}

#[test]
fn content_codings_are_a_list() {
    for identity in [
        "",
        "identity",
        "IDENTITY",
        "identity,identity",
        " identity , ",
        ",",
        "identityx",
        "identity;q=1",
        "*",
        "utf-8",
    ] {
        let request = request().header("content-encoding", identity);
        assert_eq!(kind(&verifier(), request, BODY), None, "{identity:?}");
    }
    for coding in ["gzip", "identity,gzip", "gzip,identity", "utf-8,gzip", "gzip;q=0"] {
        let request = request().header("content-encoding", coding);
        assert_eq!(kind(&verifier(), request, BODY), Some(RejectionKind::UnsupportedEncoding), "{coding:?}");
    }
}

#[test]
fn t9_the_timestamp_is_only_read() {
    let timestamp = |values: &[&str]| {
        let head = values.iter().fold(request(), |head, value| head.header("x-geoscored-timestamp", *value));
        verifier().verify(&head.body(()).unwrap(), BODY).unwrap().sent_at()
    };
    let sent_at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_768_473_000);
    assert_eq!(timestamp(&["1768473000"]), Some(SentAt::Unsigned(sent_at)));
    for values in [&[][..], &[""], &["now"], &["-1"], &["1.5"], &["18446744073709551616"], &["1", "1"]] {
        assert_eq!(timestamp(values), None, "{values:?}");
    }
    let elsewhere = request().header("x-screenscore-timestamp", "1").body(()).unwrap();
    assert_eq!(verifier().verify(&elsewhere, BODY).unwrap().sent_at(), None);
}

#[test]
fn the_matched_secret_is_reported() {
    let secrets = Secrets::new(Secret::new("other").unwrap().with_label("new"))
        .add_previous(Secret::new("key").unwrap().with_label("old"));
    let delivery = Verifier::<GeoScored>::new(secrets).verify(&request().body(()).unwrap(), BODY).unwrap();
    let matched = delivery.matched_secret();
    assert_eq!((matched.label(), matched.position(), matched.is_current()), (Some("old"), 1, false));

    let secrets =
        Secrets::new(Secret::from_static("current")).add_previous(Secret::new("a b").unwrap().with_label("old"));
    let head = Request::post("/?token=a%20b").body(()).unwrap();
    let delivery = Verifier::<ScreenshotRun>::new(secrets).verify_only(&head, "{}").unwrap();
    assert_eq!(delivery.matched_secret().label(), Some("old"));
}

/// T5: there is no empty key, however it is given.
#[test]
fn t5_an_empty_secret_never_becomes_a_key() {
    const EMPTY: &str = "a webhook secret must not be empty";
    let empty = String::new();
    let secret = Secret::new("").map(Secrets::new).map(Verifier::<ScreenScore>::new);
    for error in [
        secret.unwrap_err(),
        Secret::new(Vec::new()).unwrap_err(),
        Verifier::<ScreenScore>::try_new("").unwrap_err(),
        Verifier::<ScreenScore>::try_new(&empty).unwrap_err(),
        Verifier::<ScreenScore>::try_new(empty).unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.to_string().as_str()), (SecretErrorKind::Empty, EMPTY));
    }
    for panics in [|| drop(Verifier::<ScreenScore>::new("")), || drop(Verifier::<ScreenScore>::new(String::new()))] {
        let panic = std::panic::catch_unwind(panics).unwrap_err();
        assert_eq!(panic.downcast_ref::<String>().unwrap(), EMPTY);
    }
    let panic = std::panic::catch_unwind(|| Secret::from_static("")).unwrap_err();
    assert_eq!(*panic.downcast_ref::<&str>().unwrap(), EMPTY);
    let unset = Secret::from_env("COUNTERSIGN_TEST_NO_SUCH_VARIABLE").unwrap_err();
    assert_eq!(unset.to_string(), "the environment variable COUNTERSIGN_TEST_NO_SUCH_VARIABLE is not set");
}

#[test]
fn a_head_may_be_the_parts_of_a_request() {
    let (parts, ()) = request().body(()).unwrap().into_parts();
    assert!(verifier().verify(&parts, BODY).is_ok());
    let (parts, ()) = Request::get("/?token=t").body(()).unwrap().into_parts();
    let verifier = Verifier::<ScreenshotRun>::new("t");
    assert_eq!(verifier.verify(&parts, "").unwrap_err().kind(), RejectionKind::MethodNotAllowed);
    let (parts, ()) = Request::post("/?token=t").body(()).unwrap().into_parts();
    assert!(verifier.verify_only(&parts, "").is_ok());
    let (parts, ()) = Request::post("/?token=x").body(()).unwrap().into_parts();
    assert_eq!(verifier.verify(&parts, "").unwrap_err().kind(), RejectionKind::TokenMismatch);
}

#[test]
fn a_delivery_gives_what_was_verified() {
    let head = request().header("x-geoscored-timestamp", "1768473000").body(()).unwrap();
    let verified = verifier().verify_only(&head, BODY).unwrap();
    let delivery = verifier().verify(&head, verified.body().clone()).unwrap();
    assert_eq!(delivery.body().as_ptr(), verified.body().as_ptr());
    assert_eq!(delivery.sent_at(), verified.sent_at());
    assert!(delivery.sent_at().is_some());
    assert_eq!(delivery.trust(), verified.trust());
    assert_eq!(delivery.matched_secret(), verified.matched_secret());
    assert_eq!(format!("{:?}", delivery.delivery_id().unwrap()), r#"DeliveryId("scan.completed/abc123")"#);
}

#[test]
fn a_verified_body_that_is_not_an_event_is_rejected_when_it_is_read() {
    let verifier = Verifier::<ScreenshotRun>::new("t");
    let head = Request::post("/?token=t").body(()).unwrap();
    for body in ["", "nonsense", "[]", "{}", r#"{"event":"screenshot.completed","event":"screenshot.completed"}"#] {
        assert_eq!(verifier.verify_only(&head, body).unwrap().body(), body);
        let rejection = verifier.verify(&head, body).unwrap_err();
        assert_eq!((rejection.kind(), rejection.status()), (RejectionKind::Undecodable, 422), "{body}");
        assert!(std::error::Error::source(&rejection).is_some());
        let mut verification = verifier.check_head(&head).unwrap();
        verification.push(Bytes::from_static(body.as_bytes())).unwrap();
        let rejection = verification.finish().unwrap().read().unwrap_err();
        assert_eq!(rejection.kind(), RejectionKind::Undecodable, "{body}");
    }
    // An unknown event is not an error.
    assert_eq!(verifier.verify(&head, r#"{"event":"new"}"#).unwrap().event_name(), "new");
}

#[test]
fn the_default_body_limit_is_as_documented() {
    assert_eq!(DEFAULT_BODY_LIMIT, 1_048_576);
}

#[test]
fn a_schemes_place_is_spelt_in_one_way() {
    for name in ["", "a b", "a&b", "tok%65n", "tokén", "token="] {
        assert!(std::panic::catch_unwind(|| Scheme::url_token(name)).is_err(), "{name}");
    }
    assert!(std::panic::catch_unwind(|| Scheme::hmac_sha256("X-Upper", "")).is_err());
}

/// T19: what can be printed shows no secret, tag or body.
#[test]
fn t19_nothing_prints_what_it_holds() {
    let secret = Secret::new("key").unwrap().with_label("2026");
    let secrets = Secrets::new(secret).add_previous(Secret::from_static("key"));
    assert_eq!(
        format!("{secrets:?}"),
        r#"Secrets { current: Secret([redacted], label: "2026"), previous: [Secret([redacted])], tenant: None }"#
    );
    let printed =
        r#"Verifier { provider: "geoscored", body_limit: 1048576, sources: None, minimum_trust: TokenOnly, .. }"#;
    assert_eq!(format!("{:?}", verifier()), printed);
    let verification = verifier().check_head(&request().body(()).unwrap()).unwrap();
    assert_eq!(format!("{verification:?}"), r#"Verification { provider: "geoscored", .. }"#);
    let delivery = verifier().verify(&request().body(()).unwrap(), BODY).unwrap();
    let printed = r#"Delivery { provider: "geoscored", body: [45 bytes], trust: Signed, matched_secret: MatchedSecret { position: 0, label: None, tenant: None }, .. }"#;
    assert_eq!(format!("{delivery:?}"), printed);
    let verified = verifier().verify_only(&request().body(()).unwrap(), BODY).unwrap();
    assert_eq!(format!("{verified:?}"), printed.replace("Delivery", "Verified"));
}
