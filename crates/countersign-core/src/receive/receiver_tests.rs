//! A delivery from its head to the handler or an answer, as an adapter sees it.

use std::{
    future::{Ready, ready},
    sync::atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use http::Request;
use tokio::time::sleep;

use super::*;
use crate::{
    Rejection, RejectionKind, Secret, SecretMap, Trust, UnconfirmedDelivery, UnverifiedDelivery, Verdict,
    adapter::{Finish, Next, Received, Why},
    providers::{GeoScored, ScreenshotRun, Zeodyn},
};

#[path = "receiver_claim_tests.rs"]
mod claims;
#[path = "receiver_deciding_tests.rs"]
mod deciding;
#[path = "receiver_lease_tests.rs"]
mod leases;
#[path = "receiver_settings_tests.rs"]
mod settings;
#[path = "receiver_shutdown_tests.rs"]
mod shutdown;
#[path = "receiver_unreadable_tests.rs"]
mod unreadable;

const SCAN: &str = r#"{"event":"scan.completed","scan_id":"abc"}"#;
const RUN: &str = r#"{"event":"screenshot.completed","data":{"id":"abc"}}"#;
/// Bodies that are not events, and how they fail.
const UNREADABLE: [&str; 5] =
    ["", "nonsense", "[]", r#"{"scan_id":"abc"}"#, r#"{"event":"scan.completed","event":"scan.completed"}"#];

/// The head of a genuine delivery.
fn head<P: Provider>(body: &str) -> Request<()> {
    let proof = P::SCHEME.sign(b"s3cr3t", body).unwrap();
    let request = match proof.place().as_header() {
        Some(header) => Request::post("/hook").header(header, proof.value()),
        None => Request::post(format!("/hook?{}={}", proof.place().as_query().unwrap(), proof.value())),
    };
    request.body(()).unwrap()
}

/// Returns the next step for a delivery whose head passes, and whether it was ready at once.
async fn finish<P: Provider>(receiver: &Receiver<P>, head: &Request<()>, body: &str) -> (Next<P>, bool) {
    let mut receiving = receiver.begin(head).unwrap();
    let (start, rest) = body.split_at(body.len() / 2);
    for frame in [start, rest] {
        receiving.push(Bytes::copy_from_slice(frame.as_bytes())).unwrap();
    }
    match receiving.finish(sleep) {
        Finish::Ready(next) => (next, true),
        Finish::Wait(next) => (next.await, false),
    }
}

async fn genuine<P: Provider>(receiver: &Receiver<P>, body: &str) -> Next<P> {
    finish(receiver, &head::<P>(body), body).await.0
}

fn handled<P: Provider>(next: Next<P>) -> Received<P> {
    match next {
        Next::Handle(received, None) => received,
        other => unreachable!("it is handled without a lease: {other:?}"),
    }
}

fn answered<P: Provider>(next: Next<P>) -> Answer {
    match next {
        Next::Answer(answer) => answer,
        other @ Next::Handle(..) => unreachable!("it is answered: {other:?}"),
    }
}

fn kind(answer: &Answer) -> RejectionKind {
    match answer.why() {
        Why::Rejected(rejection) => rejection.kind(),
        other => unreachable!("it is rejected: {other:?}"),
    }
}

fn plain<P: Provider>() -> Receiver<P> {
    Verifier::<P>::new("s3cr3t").into()
}

/// Looks up whatever the body says.
fn looked_up<P: Provider>() -> Verifier<P, crate::Deferred> {
    Verifier::<P>::from_lookup(|unverified: UnverifiedDelivery<'_>| {
        let _ = unverified.unverified_id();
        ready(Ok::<_, Rejection>(Some(Secret::from_static("s3cr3t"))))
    })
}

fn confirm<P: Provider>(delivery: UnconfirmedDelivery<P>) -> Ready<Result<Verdict<P::Event>, Rejection>> {
    ready(Ok(Verdict::Confirmed(delivery.into_event())))
}

fn never<P: Provider>(delivery: UnconfirmedDelivery<P>) -> Ready<Result<Verdict<P::Event>, Rejection>> {
    unreachable!("a confirmation is asked about {delivery:?}")
}

#[tokio::test]
async fn a_genuine_delivery_is_handled_with_its_event() {
    let (next, is_ready) = finish(&plain::<GeoScored>(), &head::<GeoScored>(SCAN), SCAN).await;
    assert!(is_ready);
    let received = handled(next);
    assert_eq!((received.body().as_ref(), received.unreadable().is_none()), (SCAN.as_bytes(), true));
    let delivery = Received::extract(Some(&received)).unwrap();
    assert_eq!((delivery.event_name(), delivery.resource_id()), ("scan.completed", Some("abc")));
    assert_eq!((delivery.trust(), delivery.matched_secret().is_current()), (Trust::Signed, true));
    // The extractor and its clones give out the same delivery.
    assert!(Arc::ptr_eq(&delivery, &Received::extract(Some(&received.clone())).unwrap()));
}

#[tokio::test]
async fn only_what_is_awaited_waits() {
    for body in [SCAN, "nonsense"] {
        let head = head::<GeoScored>(body);
        assert!(finish(&plain::<GeoScored>(), &head, body).await.1, "{body}");
        assert!(!finish(&looked_up::<GeoScored>().into(), &head, body).await.1, "{body}");
        let confirmed = Verifier::<GeoScored>::new("s3cr3t").with_confirmation(confirm);
        assert!(!finish(&confirmed.into(), &head, body).await.1, "{body}");
    }
    let forged = head::<GeoScored>("another body");
    assert!(finish(&plain::<GeoScored>(), &forged, SCAN).await.1);
}

#[tokio::test]
async fn what_the_head_decides_is_answered_before_the_body() {
    let receiver = plain::<GeoScored>();
    let begin = |head: http::request::Builder| receiver.begin(&head.body(()).unwrap()).unwrap_err();
    let answers = [
        (begin(Request::get("/")), RejectionKind::MethodNotAllowed),
        (begin(Request::post("/").header("content-length", "1048577")), RejectionKind::BodyTooLarge),
        (begin(Request::post("/")), RejectionKind::MissingSignature),
        (begin(Request::post("/").header("x-geoscored-signature", "v1=0")), RejectionKind::MalformedSignature),
    ];
    for (answer, expected) in answers {
        assert_eq!((kind(&answer), answer.status()), (expected, expected.status()));
    }
    let forged = Request::post("/?token=forged").body(()).unwrap();
    let answer = plain::<ScreenshotRun>().begin(&forged).unwrap_err();
    assert_eq!(kind(&answer), RejectionKind::TokenMismatch);
}

#[tokio::test]
async fn a_forged_delivery_is_answered_with_401() {
    let head = head::<GeoScored>("another body");
    let unknown = Verifier::<GeoScored>::from_lookup(crate::SecretMap::new());
    let denied = Verifier::<GeoScored>::new("s3cr3t").with_confirmation(never);
    for (receiver, expected) in [
        (plain::<GeoScored>(), RejectionKind::SignatureMismatch),
        (looked_up().into(), RejectionKind::SignatureMismatch),
        (unknown.into(), RejectionKind::SecretNotFound),
        (denied.into(), RejectionKind::SignatureMismatch),
    ] {
        for body in [SCAN, "nonsense", ""] {
            let answer = answered(finish(&receiver, &head, body).await.0);
            assert_eq!((kind(&answer), answer.status()), (expected, 401), "{body}");
        }
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_answered_while_it_arrives() {
    let small = Verifier::<GeoScored>::new("s3cr3t").with_body_limit(SCAN.len());
    assert!(handled(genuine(&small.clone().into(), SCAN).await).unreadable().is_none());
    let waiting = small.clone().with_confirmation(never);
    for receiver in [Receiver::from(small), waiting.into(), looked_up().with_body_limit(SCAN.len()).into()] {
        let mut receiving = receiver.begin(&head::<GeoScored>(SCAN)).unwrap();
        receiving.push(SCAN.into()).unwrap();
        let answer = receiving.push(Bytes::from_static(b" ")).unwrap_err();
        assert_eq!((kind(&answer), answer.status()), (RejectionKind::BodyTooLarge, 413));
        // An adapter that goes on gets nothing out of it.
        let next = match receiving.finish(sleep) {
            Finish::Ready(next) => next,
            Finish::Wait(next) => next.await,
        };
        assert_eq!(kind(&answered(next)), RejectionKind::BodyTooLarge);
    }
}

/// I10: a handler that takes a `Result` decides for itself, whatever the delivery had to wait for.
#[tokio::test]
async fn i10_an_unreadable_body_is_handled() {
    let signed = Verifier::<GeoScored>::new("s3cr3t");
    let needs_no_confirmation = signed.clone().with_confirmation(never).with_minimum_trust(Trust::Signed);
    for receiver in [
        signed.clone().into(),
        signed.with_confirmation(never).into(),
        needs_no_confirmation.into(),
        looked_up().into(),
        looked_up().with_confirmation(never).into(),
    ] {
        for body in UNREADABLE {
            is_unreadable::<GeoScored>(&receiver, body, Trust::Signed).await;
        }
    }
    let token = Verifier::<ScreenshotRun>::new("s3cr3t");
    for receiver in [token.clone().into(), token.with_confirmation(never).into(), looked_up().into()] {
        for body in UNREADABLE {
            is_unreadable::<ScreenshotRun>(&receiver, body, Trust::TokenOnly).await;
        }
    }
}

async fn is_unreadable<P: Provider>(receiver: &Receiver<P>, body: &str, trust: Trust) {
    let received = handled(genuine(receiver, body).await);
    assert_eq!(received.body(), body);
    let unreadable = received.unreadable().unwrap();
    assert_eq!((unreadable.verified().body().as_ref(), unreadable.verified().trust()), (body.as_bytes(), trust));
    assert_eq!(unreadable.rejection().kind(), RejectionKind::Undecodable, "{body}");
    assert!(std::error::Error::source(unreadable.rejection()).is_some(), "{body}");
    let error = Received::extract(Some(&received)).unwrap_err();
    assert_eq!((error.status(), error.rejection().unwrap().kind()), (422, RejectionKind::Undecodable), "{body}");
}

/// Only a confirmation would raise the trust enough, and there is no event to confirm.
#[tokio::test]
async fn an_unreadable_body_is_answered_if_only_a_confirmation_would_reach_the_minimum_trust() {
    let token = Verifier::<ScreenshotRun>::new("s3cr3t");
    for verifier in [token.with_confirmation(never), looked_up().with_confirmation(never)] {
        let receiver = verifier.with_minimum_trust(Trust::Confirmed).into();
        for body in UNREADABLE {
            let answer = answered(genuine(&receiver, body).await);
            assert_eq!((kind(&answer), answer.status()), (RejectionKind::Undecodable, 422), "{body}");
        }
    }
    let token = Verifier::<ScreenshotRun>::new("s3cr3t");
    let receiver = token.with_confirmation(confirm).with_minimum_trust(Trust::Confirmed).into();
    let received = handled(genuine(&receiver, RUN).await);
    assert_eq!(Received::extract(Some(&received)).unwrap().trust(), Trust::Confirmed);
}

#[tokio::test]
async fn a_confirmation_decides_once() {
    let calls = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&calls);
    let verifier = looked_up().with_confirmation(move |delivery: UnconfirmedDelivery<ScreenshotRun>| {
        count.fetch_add(1, Ordering::SeqCst);
        let is_known = delivery.event().resource_id() == Some("abc");
        ready(Ok::<_, Rejection>(if is_known { Verdict::Confirmed(delivery.into_event()) } else { Verdict::Denied }))
    });
    let receiver = verifier.into();
    let received = handled(genuine(&receiver, RUN).await);
    assert_eq!(Received::extract(Some(&received)).unwrap().trust(), Trust::Confirmed);
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    let answer = answered(genuine(&receiver, &RUN.replace("abc", "other")).await);
    assert_eq!((kind(&answer), answer.status()), (RejectionKind::NotConfirmed, 401));
}

/// T23: a handler could parse the raw body, and act on another resource.
#[tokio::test]
async fn t23_an_unreadable_body_about_two_resources_reaches_no_handler() {
    let secrets = SecretMap::new();
    secrets.insert("mine", Secret::from_static("s3cr3t")).unwrap();
    let receiver = Verifier::<GeoScored>::from_lookup(secrets).into();
    for body in [
        r#"{"event":"scan.completed","scan_id":"mine","scan_id":"victim"}"#,
        r#"{"event":"scan.completed","scan_id":"mine","sc\u0061n_id":"victim"}"#,
        r#"{"event":"scan.completed","scan_id":"mine"} and more"#,
    ] {
        let answer = answered(genuine(&receiver, body).await);
        assert_eq!((kind(&answer), answer.status()), (RejectionKind::Undecodable, 422), "{body}");
    }
    let of_one = r#"{"scan_id":"mine","overall_score":"high"}"#;
    is_unreadable::<GeoScored>(&receiver, of_one, Trust::Signed).await;
}

/// T23: the secret is the one of another resource.
#[tokio::test]
async fn t23_an_event_about_another_resource_is_answered_with_401() {
    let late = format!(r#"{{"event":"scan.completed","url":"{}","scan_id":"abc"}}"#, "x".repeat(20_000));
    let answer = answered(genuine(&looked_up::<GeoScored>().into(), &late).await);
    assert_eq!((kind(&answer), answer.status()), (RejectionKind::AmbiguousId, 401));
}

#[test]
fn it_says_how_long_to_wait_for_a_body_and_prints_no_secret() {
    let receiver = plain::<GeoScored>();
    assert_eq!(receiver.body_timeout(), Duration::from_secs(5));
    let mut brief = receiver.clone();
    brief.settings_mut().body_timeout = Duration::from_secs(1);
    assert_eq!([receiver.body_timeout().as_secs(), brief.body_timeout().as_secs()], [5, 1], "a clone is another");
    let printed = format!("{receiver:?} {:?}", receiver.begin(&head::<GeoScored>(SCAN)).unwrap());
    assert!(printed.starts_with("Receiver { verifier: Verifier { provider: \"geoscored\""), "{printed}");
    assert!(
        printed.ends_with(" Receiving { provider: \"geoscored\", .. }") && !printed.contains("s3cr3t"),
        "{printed}"
    );
}
