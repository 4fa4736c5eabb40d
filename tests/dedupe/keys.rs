//! What makes two deliveries equal.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use bytes::Bytes;
use countersign::{
    Secrets,
    dedupe::{Admission, DELIVERY_HEADER, Dedupe, MemoryStore},
    provider::Provider,
    providers::{GeoScored, ScreenScore, ScreenshotCenter, ScreenshotRun, Zeodyn},
    tower::VerifyWebhook,
};
use http_body_util::Full;
use tokio::time::sleep;
use tower::{Layer, ServiceExt, service_fn};

use crate::{
    convert::{documented, documented_as, of, to_http},
    deliveries::{secret, verified, verified_with},
    support::http::Request,
};

/// Returns whether two deliveries are equal.
async fn is_one<P: Provider>(one: &Request, other: &Request) -> bool {
    is_one_of(&Dedupe::new(MemoryStore::new()), one, &verified::<P>(other)).await
}

async fn is_one_of<P: Provider>(dedupe: &Dedupe, one: &Request, other: &countersign::Delivery<P>) -> bool {
    let Admission::Claimed(_lease) = dedupe.admit(&verified::<P>(one), sleep).await else {
        panic!("it was claimed before")
    };
    match dedupe.admit(other, sleep).await {
        Admission::Rejected(error) => {
            assert_eq!((error.status(), error.kind().code()), (409, "in_flight"));
            true
        }
        Admission::Claimed(_) => false,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_retry_with_other_headers_is_the_same_delivery() {
    async fn repeated<P: Provider>() {
        let request = documented::<P>();
        let mut another = request.clone();
        for (name, value) in [
            ("x-geoscored-timestamp", "1771756200"),
            ("x-screenshotcenter-event", "batch.finished"),
            ("x-request-id", "another"),
            ("user-agent", "another"),
            ("content-type", "text/plain"),
        ] {
            another = another.with_header(name, value);
        }
        assert!(is_one::<P>(&request, &request).await, "{}", P::NAME);
        assert!(is_one::<P>(&request, &another).await, "{}", P::NAME);
    }
    repeated::<ScreenScore>().await;
    repeated::<ScreenshotCenter>().await;
    repeated::<ScreenshotRun>().await;
    repeated::<Zeodyn>().await;
    repeated::<GeoScored>().await;
}

#[tokio::test]
async fn an_id_written_differently_is_one_delivery_and_another_id_or_event_is_another() {
    let zeodyn = of::<Zeodyn>();
    let first = zeodyn.genuine(r#"{"event":"scan_complete","scanId":"1","score":72}"#);
    let same = zeodyn.genuine(r#"{ "score": 73, "scanId": "\u0031", "event": "scan_complete" }"#);
    assert!(is_one::<Zeodyn>(&first, &same).await);
    for another in [
        r#"{"event":"scan_complete","scanId":"2","score":72}"#,
        r#"{"event":"scan_complete","scanId":"1 ","score":72}"#,
        r#"{"event":"batch_complete","batchId":"1"}"#,
        r#"{"event":"scan_complete ","scanId":"1","score":72}"#,
    ] {
        assert!(!is_one::<Zeodyn>(&first, &zeodyn.genuine(another)).await, "{another}");
    }
}

#[tokio::test]
async fn a_delivery_without_a_usable_id_is_equal_only_to_the_same_bytes() {
    let zeodyn = of::<Zeodyn>();
    for body in [
        r#"{"event":"scan_complete"}"#,
        r#"{"event":"scan_complete","scanId":null}"#,
        r#"{"event":"scan_complete","scanId":7.5}"#,
        r#"{"event":"scan_complete","scanId":""}"#,
        r#"{"event":"score_change","url":"https://example.com","scanId":"1"}"#,
        r#"{"event":"something.new","scanId":"1"}"#,
    ] {
        let request = zeodyn.genuine(body);
        assert!(is_one::<Zeodyn>(&request, &request).await, "{body}");
        let other = zeodyn.genuine(format!("{body} "));
        assert!(!is_one::<Zeodyn>(&request, &other).await, "{body}");
    }
}

#[tokio::test]
async fn i6_namespaces_tenants_and_providers_do_not_meet() {
    let zeodyn = of::<Zeodyn>();
    let request = crate::convert::about("1");
    let dedupe = Dedupe::new(MemoryStore::new());
    let tenant =
        |name: &str| verified_with::<Zeodyn>(Secrets::new(secret(zeodyn.secret())).with_tenant(name), &request);
    assert!(!is_one_of(&dedupe, &request, &tenant("alice")).await);
    for name in ["bob", "", "alice "] {
        assert!(matches!(dedupe.admit(&tenant(name), sleep).await, Admission::Claimed(_)), "{name:?}");
    }
    assert!(matches!(dedupe.admit(&tenant("alice"), sleep).await, Admission::Rejected(_)));
    for namespace in ["staging", "production", " "] {
        let dedupe = dedupe.clone().with_namespace(namespace);
        assert!(is_one_of(&dedupe, &request, &verified::<Zeodyn>(&request)).await, "{namespace:?}");
    }
    // One body for two providers.
    let body = r#"{"event":"something.new","created_at":"2026-02-22T10:30:00Z"}"#;
    let (one, other) = (of::<ScreenScore>().genuine(body), of::<ScreenshotCenter>().genuine(body));
    assert!(matches!(dedupe.admit(&verified::<ScreenScore>(&one), sleep).await, Admission::Claimed(_)));
    assert!(matches!(dedupe.admit(&verified::<ScreenshotCenter>(&other), sleep).await, Admission::Claimed(_)));
}

#[tokio::test]
async fn i6_tenants_are_told_apart_by_a_url_token_too() {
    let run = of::<ScreenshotRun>();
    let request = documented::<ScreenshotRun>();
    let dedupe = Dedupe::new(MemoryStore::new());
    for name in ["alice", "bob"] {
        let delivery = verified_with::<ScreenshotRun>(Secrets::new(secret(run.secret())).with_tenant(name), &request);
        assert_eq!(delivery.matched_secret().tenant(), Some(name));
        assert!(matches!(dedupe.admit(&delivery, sleep).await, Admission::Claimed(_)), "{name}");
    }
}

/// Sends requests through the layer to a handler that succeeds. Returns how often it ran, and which answers were
/// duplicates.
async fn through<P: Provider>(layer: VerifyWebhook<P>, requests: &[Request]) -> (usize, Vec<bool>) {
    let runs = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&runs);
    let inner = service_fn(move |_: http::Request<Full<Bytes>>| {
        count.fetch_add(1, SeqCst);
        async { Ok::<_, Infallible>(http::Response::<Full<Bytes>>::default()) }
    });
    let service = layer.with_dedupe(MemoryStore::new()).layer(inner);
    let mut duplicates = Vec::new();
    for request in requests {
        let response = service.clone().oneshot(to_http::<Full<Bytes>>(request)).await.unwrap();
        assert_eq!(response.status(), 200);
        duplicates.push(response.headers().contains_key(DELIVERY_HEADER));
    }
    (runs.load(SeqCst), duplicates)
}

#[tokio::test]
async fn f28_a_delivery_under_the_current_and_the_previous_secret_is_one() {
    async fn rotated<P: Provider>() {
        let sender = of::<P>();
        let secrets = Secrets::new(secret(sender.secret())).add_previous(secret(sender.previous_secret()));
        let fixture = sender.fixture();
        let current = sender.genuine(fixture.body.clone());
        let previous = sender.proven_with(sender.previous_secret().as_bytes(), fixture.body);
        let requests = [previous.clone(), current.clone(), previous, current];
        let found = through::<P>(VerifyWebhook::new(secrets), &requests).await;
        assert_eq!(found, (1, vec![false, true, true, true]), "{}", P::NAME);
    }
    rotated::<ScreenScore>().await;
    rotated::<ScreenshotCenter>().await;
    rotated::<ScreenshotRun>().await;
    rotated::<Zeodyn>().await;
    rotated::<GeoScored>().await;
}

#[tokio::test]
async fn test_events_are_never_duplicates_and_other_events_are() {
    let test = documented_as::<GeoScored>("scan.test");
    let genuine = documented_as::<GeoScored>("scan.completed");
    let layer = VerifyWebhook::<GeoScored>::new(of::<GeoScored>().secret());
    let requests = [test.clone(), test.clone(), genuine.clone(), test, genuine];
    assert_eq!(through(layer, &requests).await, (4, vec![false, false, false, false, true]));
}
