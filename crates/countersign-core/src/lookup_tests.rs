//! What a look-up is given, what it may answer, and what becomes of one that fails, panics, hangs or is given up.

use std::{
    collections::HashMap,
    future::{pending, ready},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::Request;
use sha2::Sha256;
use tokio::time::{Instant, sleep};

use super::*;
use crate::{
    Delivery, Secret, Trust, Verifier, VerifyError, VerifyErrorKind,
    providers::{GeoScored, ScreenshotRun},
};

#[path = "lookup_work_tests.rs"]
mod work;

const BODY: &str = r#"{"event":"scan.completed","scan_id":"abc"}"#;

/// A request with the signature of `body` under `secret`.
fn signed(secret: &str, body: &[u8]) -> Request<()> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    let signature = format!("v1={}", hex::encode(mac.finalize().into_bytes()));
    Request::post("/hooks/acme?tenant=7").header("x-geoscored-signature", signature).body(()).unwrap()
}

/// Verifies `BODY`, signed with "s3cr3t".
async fn verify(verifier: &Verifier<GeoScored>) -> Result<Delivery<GeoScored>, VerifyError> {
    verifier.verify_async(&signed("s3cr3t", BODY.as_bytes()), BODY, sleep).await
}

async fn kind(verifier: &Verifier<GeoScored>) -> Option<VerifyErrorKind> {
    verify(verifier).await.err().map(|error| error.kind())
}

/// Looks up whatever `answer` returns, which goes by nothing.
fn answering<T, E, Fut>(answer: impl Fn() -> Fut + Send + Sync + 'static) -> Verifier<GeoScored>
where
    T: FoundSecrets,
    E: Into<Box<dyn Error + Send + Sync>>,
    Fut: Future<Output = Result<Option<T>, E>> + Send,
{
    Verifier::from_lookup(move |_: UnverifiedDelivery<'_>| answer())
}

fn found(secrets: impl Into<Secrets>) -> Result<Option<Secrets>, VerifyError> {
    Ok(Some(secrets.into()))
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
    assert_eq!(delivery.event().unwrap().resource_id(), Some("abc"));
}

#[tokio::test]
async fn secrets_and_a_secret_are_answers() {
    assert_eq!(kind(&answering(|| ready(found("s3cr3t")))).await, None);
    assert_eq!(kind(&answering(|| ready(Ok::<_, &str>(Some(Secret::from("s3cr3t")))))).await, None);
    assert_eq!(kind(&answering(|| ready(found("another")))).await, Some(VerifyErrorKind::SignatureMismatch));
    let none = verify(&answering(|| ready(Ok::<Option<Secret>, VerifyError>(None)))).await.unwrap_err();
    assert_eq!((none.kind(), none.status()), (VerifyErrorKind::SecretNotFound, 401));
    let mismatch = VerifyError::from(VerifyErrorKind::SignatureMismatch);
    assert_eq!((none.problem(), none.headers()), (mismatch.problem(), mismatch.headers()));
}

#[tokio::test]
async fn of_several_secrets_the_one_that_matches_is_reported() {
    let label = |text: &'static str, label: &'static str| Secret::from(text).with_label(label);
    let secrets = Secrets::new(label("new", "2026")).add_previous(label("s3cr3t", "2025")).add_previous("older");
    let delivery = verify(&answering(move || ready(found(secrets.clone())))).await.unwrap();
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
    let secrets = HashMap::from([("acme".into(), Secret::from("s3cr3t"))]);
    // And may be shared.
    let verifier = Verifier::from_lookup(Arc::new(ByTenant { header: "x-tenant".into(), secrets }));
    assert_eq!((kind(&verifier).await, kind(&verifier.clone()).await), (None, None));
    let mut request = signed("s3cr3t", BODY.as_bytes());
    *request.uri_mut() = "/hooks/other".parse().unwrap();
    let error = verifier.verify_async(&request, BODY, sleep).await.unwrap_err();
    assert_eq!(error.kind(), VerifyErrorKind::SecretNotFound);
    *request.uri_mut() = "/".parse().unwrap();
    let error = verifier.verify_async(&request, BODY, sleep).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.source().unwrap().to_string()),
        (VerifyErrorKind::LookupFailed, "no tenant".into())
    );
}

#[derive(Debug, thiserror::Error)]
#[error("no connection to {0}")]
struct Down(&'static str);

#[tokio::test]
async fn t19_an_error_is_the_source_and_is_not_shown() {
    let error = verify(&answering(|| ready(Err::<Option<Secret>, _>(Down("db.internal"))))).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (VerifyErrorKind::LookupFailed, 503));
    assert!(error.headers().contains(&("retry-after", "5")));
    assert_eq!(error.source().unwrap().downcast_ref::<Down>().unwrap().0, "db.internal");
    assert_eq!(error.clone().source().unwrap().to_string(), "no connection to db.internal");
    assert_eq!(error.to_string(), "the secrets could not be looked up");
    assert_eq!(format!("{error:?} {error:#?}").matches("internal").count(), 0, "{error:?}");
}

#[tokio::test]
async fn a_panic_refuses_the_delivery_alone() {
    for moment in 0..4 {
        let calls = AtomicUsize::new(0);
        let verifier = answering(move || {
            let now = (calls.fetch_add(1, Ordering::SeqCst) == 1).then_some(moment);
            assert_ne!(now, Some(0), "before there is a future");
            async move {
                assert_ne!(now, Some(1), "before the first await");
                sleep(Duration::from_millis(1)).await;
                assert_ne!(now, Some(2), "after the first await");
                // What is empty becomes no secret, and panics on its way.
                found(if now == Some(3) { "" } else { "s3cr3t" })
            }
        });
        assert_eq!(kind(&verifier).await, None);
        let error = verify(&verifier).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (VerifyErrorKind::LookupFailed, 503), "{moment}");
        assert!(error.source().is_none());
        assert_eq!(kind(&verifier).await, None);
    }
}

#[tokio::test(start_paused = true)]
async fn it_has_two_seconds_or_what_is_set() {
    let hanging = || answering(pending::<Result<Option<Secret>, VerifyError>>);
    for (verifier, expected) in [
        (hanging(), Duration::from_secs(2)),
        (hanging().with_lookup_timeout(Duration::from_millis(70)), Duration::from_millis(70)),
        (hanging().with_lookup_timeout(Duration::ZERO), Duration::ZERO),
        (hanging().with_lookup_timeout(Duration::from_secs(90)), Duration::from_secs(90)),
    ] {
        let start = Instant::now();
        let error = verify(&verifier.clone()).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (VerifyErrorKind::LookupTimeout, 503));
        // tokio's clock is one of milliseconds, and never early.
        assert!((expected..=expected + Duration::from_millis(1)).contains(&start.elapsed()), "{:?}", start.elapsed());
    }
    let after = |time: Duration| {
        answering(move || async move {
            sleep(time).await;
            found("s3cr3t")
        })
    };
    assert_eq!(kind(&after(Duration::from_millis(1990))).await, None);
    assert_eq!(kind(&after(Duration::from_millis(2010))).await, Some(VerifyErrorKind::LookupTimeout));
    // Who answers at once needs no time, and who may take all the time there is overflows nothing.
    assert_eq!(kind(&answering(|| ready(found("s3cr3t"))).with_lookup_timeout(Duration::ZERO)).await, None);
    assert_eq!(kind(&after(Duration::from_secs(9)).with_lookup_timeout(Duration::MAX)).await, None);
}

#[tokio::test]
async fn one_that_never_rests_is_given_up_too() {
    let busy = answering(|| async {
        loop {
            tokio::task::yield_now().await;
        }
        #[expect(unreachable_code, reason = "the type of the answer")]
        found("s3cr3t")
    });
    assert_eq!(kind(&busy.with_lookup_timeout(Duration::from_millis(5))).await, Some(VerifyErrorKind::LookupTimeout));
}

/// Counts how often it was begun, and how often it was dropped.
fn counted() -> (Verifier<GeoScored>, impl Fn() -> [usize; 2]) {
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
async fn t26_it_is_dropped_with_the_verification_and_when_its_time_is_over() {
    let (verifier, counts) = counted();
    {
        let verification = verify(&verifier);
        tokio::pin!(verification);
        assert!(std::future::poll_fn(|cx| std::task::Poll::Ready(verification.as_mut().poll(cx).is_pending())).await);
        assert_eq!(counts(), [1, 0]);
    }
    assert_eq!(counts(), [1, 1]);
    assert_eq!(kind(&verifier).await, Some(VerifyErrorKind::LookupTimeout));
    assert_eq!(counts(), [2, 2]);
    drop(verify(&verifier));
    assert_eq!(counts(), [2, 2]);
}

#[tokio::test]
async fn nobody_is_asked_about_what_is_refused_anyway_or_not_awaited() {
    let (verifier, counts) = counted();
    let genuine = signed("s3cr3t", BODY.as_bytes());
    for (request, body, expected) in [
        (Request::post("/").body(()).unwrap(), BODY, VerifyErrorKind::MissingSignature),
        (
            Request::post("/").header("x-geoscored-signature", "v1=00").body(()).unwrap(),
            BODY,
            VerifyErrorKind::MalformedSignature,
        ),
        (genuine.clone(), "a body of more than the limit", VerifyErrorKind::BodyTooLarge),
    ] {
        let verifier = verifier.clone().with_body_limit(if body == BODY { BODY.len() } else { 3 });
        let error = verifier.verify_async(&request, body, sleep).await.unwrap_err();
        assert_eq!(error.kind(), expected);
    }
    // A body that became too large is not looked at, whoever goes on.
    let mut verification = verifier.clone().with_body_limit(3).check_head(&genuine).unwrap();
    assert!(verification.must_wait() && verification.push(Bytes::from_static(b"four")).is_err());
    let error = verification.finish_async(&genuine, sleep).await.unwrap_err();
    assert_eq!(error.kind(), VerifyErrorKind::BodyTooLarge);

    let error = verifier.verify(&genuine, BODY).unwrap_err();
    assert_eq!((error.kind(), error.status()), (VerifyErrorKind::NotAwaited, 503));
    let error = verifier.check_head(&genuine).unwrap().finish().unwrap_err();
    assert_eq!(error.kind(), VerifyErrorKind::NotAwaited);
    assert_eq!(counts(), [0, 0]);
}

#[tokio::test]
async fn a_url_token_is_looked_up_by_path_query_or_header() {
    let verifier = Verifier::<ScreenshotRun>::from_lookup(|unverified: UnverifiedDelivery<'_>| {
        let tenant =
            unverified.query().and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("tenant=")));
        let header = unverified.header_values("x-tenant").next();
        let by_path = unverified.path() == "/hooks/acme";
        ready(Ok::<_, VerifyError>(match (by_path, tenant, header) {
            (true, ..) => Some(Secrets::new("new path").add_previous("by-path")),
            (_, Some("acme"), _) => Some(Secrets::new("by+query")),
            (.., Some(b"acme")) => Some(Secrets::new("by-header")),
            _ => None,
        }))
    });
    let mismatch = Err(VerifyErrorKind::TokenMismatch);
    let not_found = Err(VerifyErrorKind::SecretNotFound);
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
        ("/hooks/acme", "", Err(VerifyErrorKind::MissingToken)),
        ("/hooks/acme?token=by-path&token=by-path", "", Err(VerifyErrorKind::MalformedToken)),
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
