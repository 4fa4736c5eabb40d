//! What a look-up is given, what it may answer, and which deliveries it is asked about.

use std::{
    collections::HashMap,
    future::{pending, ready},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::Request;
use sha2::Sha256;
use tokio::time::{Instant, sleep};

use super::*;
use crate::{
    Deferred, Delivery, Rejection, RejectionKind, Secret, Secrets, Trust, Verifier,
    adapter::Answer,
    providers::{GeoScored, ScreenshotRun},
};

#[path = "lookup_failure_tests.rs"]
mod failures;

const BODY: &str = r#"{"event":"scan.completed","scan_id":"abc"}"#;

/// A request with the signature of `body` under `secret`.
fn signed(secret: &str, body: &[u8]) -> Request<()> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    let signature = format!("v1={}", hex::encode(mac.finalize().into_bytes()));
    Request::post("/hooks/acme?tenant=7").header("x-geoscored-signature", signature).body(()).unwrap()
}

/// Verifies `BODY`, signed with "s3cr3t".
async fn verify(verifier: &Verifier<GeoScored, Deferred>) -> Result<Delivery<GeoScored>, Rejection> {
    verifier.verify_async(&signed("s3cr3t", BODY.as_bytes()), BODY, sleep).await
}

async fn kind(verifier: &Verifier<GeoScored, Deferred>) -> Option<RejectionKind> {
    verify(verifier).await.err().map(|error| error.kind())
}

/// Looks up whatever `answer` returns.
fn answering<T, E, Fut>(answer: impl Fn() -> Fut + Send + Sync + 'static) -> Verifier<GeoScored, Deferred>
where
    T: Into<Secrets>,
    E: Into<Box<dyn Error + Send + Sync>>,
    Fut: Future<Output = Result<Option<T>, E>> + Send,
{
    Verifier::from_lookup(move |_: UnverifiedDelivery<'_>| answer())
}

fn found(secret: &'static str) -> Result<Option<Secrets>, Rejection> {
    Ok(Some(Secret::from_static(secret).into()))
}

#[tokio::test]
async fn it_is_given_what_came_and_shows_none_of_it() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let verifier = Verifier::<GeoScored>::from_lookup(move |unverified: UnverifiedDelivery<'_>| {
        let headers = unverified.header_values("x-tenant").map(|value| String::from_utf8_lossy(value).into_owned());
        let mut log = log.lock().unwrap();
        log.extend([unverified.path().to_owned(), unverified.query().unwrap().to_owned()]);
        log.extend(headers);
        log.push(unverified.unverified_id().unwrap().to_owned());
        log.push(unverified.unverified_id().unwrap().to_owned());
        log.push(format!("{unverified:?}"));
        ready(found("s3cr3t"))
    });
    let mut request = signed("s3cr3t", BODY.as_bytes());
    *request.uri_mut() = "/hooks/%41?tenant=%37&a".parse().unwrap();
    request.headers_mut().append("x-tenant", "one".parse().unwrap());
    request.headers_mut().append("x-tenant", "two, three".parse().unwrap());
    let delivery = verifier.verify_async(&request, BODY, sleep).await.unwrap();
    assert_eq!(
        *seen.lock().unwrap(),
        ["/hooks/%41", "tenant=%37&a", "one", "two, three", "abc", "abc", "UnverifiedDelivery { .. }"]
    );
    assert_eq!((delivery.trust(), delivery.body().as_ref()), (Trust::Signed, BODY.as_bytes()));
    assert_eq!(delivery.event().resource_id(), Some("abc"));
}

#[tokio::test]
async fn secrets_and_a_secret_are_answers() {
    assert_eq!(kind(&answering(|| ready(found("s3cr3t")))).await, None);
    assert_eq!(kind(&answering(|| ready(Ok::<_, &str>(Some(Secret::from_static("s3cr3t")))))).await, None);
    assert_eq!(kind(&answering(|| ready(found("another")))).await, Some(RejectionKind::SignatureMismatch));
    let none = verify(&answering(|| ready(Ok::<Option<Secret>, Rejection>(None)))).await.unwrap_err();
    assert_eq!((none.kind(), none.status()), (RejectionKind::SecretNotFound, 401));
    let (none, mismatch) = (Answer::from(none), Answer::from(Rejection::new(RejectionKind::SignatureMismatch)));
    assert_eq!((none.body(), none.headers()), (mismatch.body(), mismatch.headers()));
}

#[tokio::test]
async fn of_several_secrets_the_one_that_matches_is_reported() {
    let label = |text, label: &'static str| Secret::from_static(text).with_label(label);
    let secrets = Secrets::new(label("new", "2026"))
        .add_previous(label("s3cr3t", "2025"))
        .add_previous(Secret::from_static("older"));
    let delivery = verify(&answering(move || ready(Ok::<_, Rejection>(Some(secrets.clone()))))).await.unwrap();
    let matched = delivery.matched_secret();
    assert_eq!((matched.position(), matched.label(), matched.is_current()), (1, Some("2025"), false));
}

/// A look-up that borrows from itself and from the delivery, over an await.
struct ByTenant {
    header: String,
    secrets: HashMap<String, Secret>,
}

impl SecretLookup for ByTenant {
    async fn look_up(
        &self,
        unverified: UnverifiedDelivery<'_>,
    ) -> Result<Option<Secrets>, Box<dyn Error + Send + Sync>> {
        let tenant = unverified.path().strip_prefix("/hooks/").ok_or("no tenant")?;
        assert_eq!(unverified.header_values(&self.header).count(), 0);
        let secret = self.secrets.get(tenant);
        tokio::task::yield_now().await;
        assert_eq!(unverified.unverified_id(), Some("abc"));
        Ok(secret.filter(|_| tenant == "acme").map(|secret| secret.clone().into()))
    }
}

#[tokio::test]
async fn a_type_with_an_async_fn_may_borrow() {
    let secrets = HashMap::from([("acme".into(), Secret::from_static("s3cr3t"))]);
    // And may be shared.
    let verifier = Verifier::from_lookup(Arc::new(ByTenant { header: "x-tenant".into(), secrets }));
    assert_eq!((kind(&verifier).await, kind(&verifier.clone()).await), (None, None));
    let mut request = signed("s3cr3t", BODY.as_bytes());
    *request.uri_mut() = "/hooks/other".parse().unwrap();
    let error = verifier.verify_async(&request, BODY, sleep).await.unwrap_err();
    assert_eq!(error.kind(), RejectionKind::SecretNotFound);
    *request.uri_mut() = "/".parse().unwrap();
    let error = verifier.verify_async(&request, BODY, sleep).await.unwrap_err();
    assert_eq!((error.kind(), error.source().unwrap().to_string()), (RejectionKind::LookupFailed, "no tenant".into()));
}

/// Counts how often the look-up was started, and how often it was dropped.
fn counted() -> (Verifier<GeoScored, Deferred>, impl Fn() -> [usize; 2]) {
    struct Guard(Arc<[AtomicUsize; 2]>);
    impl Drop for Guard {
        fn drop(&mut self) {
            self.0[1].fetch_add(1, Ordering::SeqCst);
        }
    }
    let counts = Arc::new([const { AtomicUsize::new(0) }; 2]);
    let shared = Arc::clone(&counts);
    let verifier = answering(move || {
        counts[0].fetch_add(1, Ordering::SeqCst);
        let guard = Guard(Arc::clone(&counts));
        async move {
            pending::<()>().await;
            drop(guard);
            found("s3cr3t")
        }
    });
    (verifier, move || [0, 1].map(|index| shared[index].load(Ordering::SeqCst)))
}

#[tokio::test(start_paused = true)]
async fn t26_it_is_dropped_with_the_verification_and_at_its_timeout() {
    let (verifier, counts) = counted();
    {
        let verification = verify(&verifier);
        tokio::pin!(verification);
        assert!(std::future::poll_fn(|cx| std::task::Poll::Ready(verification.as_mut().poll(cx).is_pending())).await);
        assert_eq!(counts(), [1, 0]);
    }
    assert_eq!(counts(), [1, 1]);
    assert_eq!(kind(&verifier).await, Some(RejectionKind::LookupTimeout));
    assert_eq!(counts(), [2, 2]);
    drop(verify(&verifier));
    assert_eq!(counts(), [2, 2]);
}

#[tokio::test]
async fn nothing_is_looked_up_for_a_delivery_that_is_rejected_anyway() {
    let (verifier, counts) = counted();
    let genuine = signed("s3cr3t", BODY.as_bytes());
    for (request, body, expected) in [
        (Request::post("/").body(()).unwrap(), BODY, RejectionKind::MissingSignature),
        (
            Request::post("/").header("x-geoscored-signature", "v1=00").body(()).unwrap(),
            BODY,
            RejectionKind::MalformedSignature,
        ),
        (genuine.clone(), "a body of more than the limit", RejectionKind::BodyTooLarge),
    ] {
        let verifier = verifier.clone().with_body_limit(if body == BODY { BODY.len() } else { 3 });
        let error = verifier.verify_async(&request, body, sleep).await.unwrap_err();
        assert_eq!(error.kind(), expected);
    }
    // A body that became too large is not looked at, even if the caller goes on.
    let mut verification = verifier.clone().with_body_limit(3).check_head(&genuine).unwrap();
    assert!(verification.push(Bytes::from_static(b"four")).is_err());
    let error = verification.finish_async(sleep).await.unwrap_err();
    assert_eq!(error.kind(), RejectionKind::BodyTooLarge);
    assert_eq!(counts(), [0, 0]);
}

#[tokio::test]
async fn a_url_token_is_looked_up_by_path_query_or_header() {
    const SECRET: fn(&'static str) -> Secret = Secret::from_static;
    let verifier = Verifier::<ScreenshotRun>::from_lookup(|unverified: UnverifiedDelivery<'_>| {
        let tenant =
            unverified.query().and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("tenant=")));
        let header = unverified.header_values("x-tenant").next();
        let by_path = unverified.path() == "/hooks/acme";
        ready(Ok::<_, Rejection>(match (by_path, tenant, header) {
            (true, ..) => Some(Secrets::new(SECRET("new path")).add_previous(SECRET("by-path"))),
            (_, Some("acme"), _) => Some(Secrets::new(SECRET("by+query"))),
            (.., Some(b"acme")) => Some(Secrets::new(SECRET("by-header"))),
            _ => None,
        }))
    });
    let mismatch = Err(RejectionKind::TokenMismatch);
    let not_found = Err(RejectionKind::SecretNotFound);
    for (uri, tenant, expected) in [
        ("/hooks/acme?token=by-path", "", Ok(1)),
        ("/hooks/acme?token=new%20path", "", Ok(0)),
        ("/hooks/acme?token=by-header", "acme", mismatch),
        ("/hooks?tenant=acme&token=by+query", "", Ok(0)),
        ("/hooks?token=by%2Bquery&tenant=acme", "", Ok(0)),
        ("/hooks?token=by%20query&tenant=acme", "", mismatch),
        ("/hooks?token=by-header", "acme", Ok(0)),
        ("/hooks?token=by-header", "other", not_found),
        ("/hooks?token=", "", not_found),
        ("/hooks/acme?token=", "", mismatch),
        ("/hooks/acme", "", Err(RejectionKind::MissingToken)),
        ("/hooks/acme?token=by-path&token=by-path", "", Err(RejectionKind::MalformedToken)),
    ] {
        let request = Request::post(uri).header("x-tenant", tenant).body(()).unwrap();
        let body = r#"{"event":"screenshot.completed","data":{"id":"abc"}}"#;
        let delivery = verifier.verify_async(&request, body, sleep).await;
        let found = delivery.map(|delivery| {
            assert_eq!(delivery.trust(), Trust::TokenOnly);
            delivery.matched_secret().position()
        });
        assert_eq!(found.map_err(|error| error.kind()), expected, "{uri} {tenant}");
    }
}

#[test]
fn the_verification_can_be_sent_to_another_thread() {
    fn is_send(_: impl Send) {}
    let verifier = answering(|| ready(found("s3cr3t")));
    is_send(verify(&verifier));
}
