//! Confirmations, the minimum trust, and the order in which a head is checked.

use std::{
    error::Error,
    future::{pending, ready},
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use hmac::{Hmac, KeyInit, Mac};
use http::Request;
use sha2::Sha256;
use tokio::time::{Instant, sleep};

use super::*;
use crate::{
    AllowedSources, Confirmation, PeerAddr, ProviderEvent, Secret, SecretMap, Trust, UnconfirmedDelivery,
    UnverifiedDelivery, Verdict, Verifier,
    adapter::Answer,
    providers::{GeoScored, GeoScoredEvent, ScreenshotRun, ScreenshotRunEvent},
};

#[path = "verification_id_tests.rs"]
mod ids;

const RUN: &str = r#"{"event":"screenshot.completed","data":{"id":"abc","url":"as sent"}}"#;
const SCAN: &str = r#"{"event":"scan.completed","scan_id":"abc","url":"as sent"}"#;

type Asked<E> = Result<Verdict<E>, Box<dyn Error + Send + Sync>>;

/// A request with the signature of `body` under `secret`, in `header`.
fn signed(header: &str, prefix: &str, secret: &str, body: &[u8]) -> Request<()> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    let signature = format!("{prefix}{}", hex::encode(mac.finalize().into_bytes()));
    Request::post("/hook").header(header, signature).body(()).unwrap()
}

fn scan() -> Request<()> {
    signed("x-geoscored-signature", "v1=", "s3cr3t", SCAN.as_bytes())
}

fn run() -> Request<()> {
    Request::post("/hook?token=t0ken").body(()).unwrap()
}

/// A verifier for ScreenshotRun with a confirmation.
fn confirming<Fut>(
    confirm: impl Fn(ScreenshotRunEvent) -> Fut + Send + Sync + 'static,
) -> Verifier<ScreenshotRun, Deferred>
where
    Fut: Future<Output = Asked<ScreenshotRunEvent>> + Send,
{
    Verifier::<ScreenshotRun>::new("t0ken")
        .with_confirmation(move |delivery: UnconfirmedDelivery<_>| confirm(delivery.into_event()))
}

async fn rejected(verifier: &Verifier<ScreenshotRun, Deferred>, body: &'static str) -> Rejection {
    verifier.verify_async(&run(), body, sleep).await.unwrap_err()
}

fn as_confirmed() -> ScreenshotRunEvent {
    ScreenshotRunEvent::decode(br#"{"event":"screenshot.failed","data":{"id":"xyz"}}"#).unwrap()
}

#[tokio::test]
async fn what_was_confirmed_takes_the_place_of_what_was_sent() {
    let verifier = confirming(|event| async move {
        assert_eq!((event.name(), event.resource_id()), ("screenshot.completed", Some("abc")));
        tokio::task::yield_now().await;
        Ok(Verdict::Confirmed(as_confirmed()))
    });
    let delivery = verifier.verify_async(&run(), RUN, sleep).await.unwrap();
    assert_eq!((delivery.trust(), delivery.event()), (Trust::Confirmed, &as_confirmed()));
    assert_eq!((delivery.body().as_ref(), delivery.matched_secret().position()), (RUN.as_bytes(), 0));
    assert_eq!((delivery.event_name(), delivery.resource_id()), ("screenshot.failed", Some("xyz")));
    assert_eq!(delivery.delivery_id().unwrap().to_string(), "screenshot.failed/xyz");
    assert_eq!(delivery.into_event(), as_confirmed());
}

/// Confirms every delivery unchanged.
async fn confirm<P: Provider>(delivery: UnconfirmedDelivery<P>) -> Result<Verdict<P::Event>, Rejection> {
    Ok(Verdict::Confirmed(delivery.into_event()))
}

#[tokio::test]
async fn what_is_signed_stays_signed() {
    let verifier =
        Verifier::<GeoScored>::new("s3cr3t").with_confirmation(|delivery: UnconfirmedDelivery<GeoScored>| {
            assert_eq!((delivery.event().resource_id(), delivery.matched_secret().position()), (Some("abc"), 0));
            ready(Ok::<_, Rejection>(Verdict::Confirmed(GeoScoredEvent::decode(br#"{"event":"other"}"#).unwrap())))
        });
    let delivery = verifier.verify_async(&scan(), SCAN, sleep).await.unwrap();
    assert_eq!((delivery.trust(), delivery.event().name()), (Trust::Signed, "other"));
    let error = verifier.verify_async(&scan(), "{}", sleep).await.unwrap_err();
    assert_eq!(error.kind(), RejectionKind::SignatureMismatch);
}

/// A confirmation that borrows from itself, over an await.
struct ById(Vec<String>);

impl Confirmation<ScreenshotRun> for ById {
    async fn confirm(&self, delivery: UnconfirmedDelivery<ScreenshotRun>) -> Asked<ScreenshotRunEvent> {
        let id = delivery.event().resource_id().ok_or("no id")?;
        let known = self.0.iter().find(|known| *known == id);
        tokio::task::yield_now().await;
        Ok(known.map(|_| delivery.into_event()).map_or(Verdict::Denied, Verdict::Confirmed))
    }
}

#[tokio::test]
async fn what_was_not_confirmed_is_rejected_like_a_wrong_token() {
    let verifier = Verifier::<ScreenshotRun>::new("t0ken").with_confirmation(ById(vec!["abc".into()]));
    let delivery = verifier.verify_async(&run(), RUN, sleep).await.unwrap();
    assert_eq!((delivery.trust(), delivery.event().resource_id()), (Trust::Confirmed, Some("abc")));
    let denied = rejected(&verifier, r#"{"event":"screenshot.completed","data":{"id":"other"}}"#).await;
    let forged = Request::post("/hook?token=forged").body(()).unwrap();
    let forged = verifier.verify_async(&forged, RUN, sleep).await.unwrap_err();
    assert_eq!((denied.kind(), forged.kind()), (RejectionKind::NotConfirmed, RejectionKind::TokenMismatch));
    let (denied, forged) = (Answer::from(denied), Answer::from(forged));
    assert_eq!((denied.status(), denied.headers(), denied.body()), (forged.status(), forged.headers(), forged.body()));
}

#[tokio::test]
async fn t19_a_confirmations_error_is_the_source_and_is_not_shown() {
    let error = rejected(&confirming(|_| ready(Err("no route to api.internal".into()))), RUN).await;
    assert_eq!((error.kind(), error.status()), (RejectionKind::ConfirmationFailed, 503));
    assert_eq!(error.source().unwrap().to_string(), "no route to api.internal");
    assert!(!format!("{error} {error:?} {error:#?}").contains("internal"));
}

#[tokio::test]
async fn a_panic_of_a_confirmation_rejects_only_that_delivery() {
    for moment in 0..3 {
        let calls = AtomicUsize::new(0);
        let verifier = confirming(move |event| {
            let now = (calls.fetch_add(1, Ordering::SeqCst) == 1).then_some(moment);
            assert_ne!(now, Some(0), "before there is a future");
            async move {
                assert_ne!(now, Some(1), "before the first await");
                tokio::task::yield_now().await;
                assert_ne!(now, Some(2), "after the first await");
                Ok(Verdict::Confirmed(event))
            }
        });
        assert!(verifier.verify_async(&run(), RUN, sleep).await.is_ok());
        let error = rejected(&verifier, RUN).await;
        assert_eq!((error.kind(), error.source().is_none()), (RejectionKind::ConfirmationFailed, true), "{moment}");
        assert!(verifier.verify_async(&run(), RUN, sleep).await.is_ok());
    }
}

#[tokio::test(start_paused = true)]
async fn a_confirmation_has_five_seconds_or_what_is_set() {
    for (set, expected) in [(None, 5000), (Some(70), 70), (Some(60_000), 60_000)] {
        let mut verifier = confirming(|_| pending());
        if let Some(set) = set {
            verifier = verifier.with_confirmation_timeout(Duration::from_millis(set));
        }
        let expected = Duration::from_millis(expected);
        let start = Instant::now();
        let error = rejected(&verifier.clone(), RUN).await;
        assert_eq!((error.kind(), error.status()), (RejectionKind::ConfirmationTimeout, 503));
        assert!((expected..=expected + Duration::from_millis(1)).contains(&start.elapsed()), "{:?}", start.elapsed());
    }
}

/// The timeouts of look-up and confirmation are separate.
#[tokio::test(start_paused = true)]
async fn a_look_up_and_a_confirmation_each_have_their_own_time() {
    let verifier = Verifier::<ScreenshotRun>::from_lookup(|_: UnverifiedDelivery<'_>| async {
        sleep(Duration::from_millis(1900)).await;
        Ok::<_, Rejection>(Some(Secret::from_static("t0ken")))
    })
    .with_confirmation(|event| async move {
        sleep(Duration::from_millis(4900)).await;
        confirm(event).await
    });
    let delivery = verifier.verify_async(&run(), RUN, sleep).await.unwrap();
    assert_eq!((delivery.trust(), delivery.event().resource_id()), (Trust::Confirmed, Some("abc")));
    let brief = verifier.with_confirmation_timeout(Duration::from_secs(4));
    assert_eq!(rejected(&brief, RUN).await.kind(), RejectionKind::ConfirmationTimeout);
}

#[tokio::test]
async fn only_what_is_proven_and_decoded_is_asked_about() {
    let calls = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&calls);
    let verifier = confirming(move |event| {
        count.fetch_add(1, Ordering::SeqCst);
        ready(Ok(Verdict::Confirmed(event)))
    });
    for body in ["", "nonsense", "[]", "{}", r#"{"event":"screenshot.completed","event":"a"}"#] {
        let error = rejected(&verifier, body).await;
        assert_eq!((error.kind(), error.status()), (RejectionKind::Undecodable, 422), "{body}");
    }
    for uri in ["/hook", "/hook?token=forged", "/hook?token=t0ken&token=t0ken"] {
        let head = Request::post(uri).body(()).unwrap();
        assert_eq!(verifier.verify_async(&head, RUN, sleep).await.unwrap_err().status(), 401, "{uri}");
    }
    let looked_up = Verifier::<ScreenshotRun>::from_lookup(|_: UnverifiedDelivery<'_>| {
        ready(Ok::<_, Rejection>(Some(Secret::from_static("another"))))
    })
    .with_confirmation(|_| -> std::future::Ready<Asked<ScreenshotRunEvent>> { unreachable!("nothing is proven") });
    assert_eq!(rejected(&looked_up, RUN).await.kind(), RejectionKind::TokenMismatch);
    let small = verifier.clone().with_body_limit(3);
    assert_eq!(rejected(&small, RUN).await.kind(), RejectionKind::BodyTooLarge);
    assert_eq!(calls.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_body_that_became_too_large_is_not_confirmed() {
    let verifier = confirming(|_| -> std::future::Ready<Asked<ScreenshotRunEvent>> { unreachable!("it is too large") });
    let mut verification = verifier.with_body_limit(3).check_head(&run()).unwrap();
    assert_eq!(format!("{verification:?}"), "Verification { provider: \"screenshotrun\", .. }");
    assert!(verification.push(Bytes::from_static(b"four")).is_err() && verification.push(Bytes::new()).is_err());
    assert_eq!(verification.finish_async(sleep).await.unwrap_err().kind(), RejectionKind::BodyTooLarge);
}

/// What the head says for each minimum: `Confirmed` and `Signed` are reached or not.
fn reached<P: Provider, W>(verifier: &Verifier<P, W>, head: &Request<()>) -> [bool; 3] {
    [Trust::TokenOnly, Trust::Confirmed, Trust::Signed].map(|minimum| {
        let checked = verifier.clone().with_minimum_trust(minimum).check_head(head).map_err(|error| error.kind());
        assert!(matches!(checked, Ok(_) | Err(RejectionKind::InsufficientTrust)), "{checked:?}");
        checked.is_ok()
    })
}

#[test]
fn too_little_trust_is_rejected_by_the_head() {
    let token = Verifier::<ScreenshotRun>::new("t0ken");
    let looked_up = Verifier::<ScreenshotRun>::from_lookup(SecretMap::new());
    let confirmed = looked_up.clone().with_confirmation(confirm);
    assert_eq!((token.trust(), reached(&token, &run())), (Trust::TokenOnly, [true, false, false]));
    assert_eq!((looked_up.trust(), reached(&looked_up, &run())), (Trust::TokenOnly, [true, false, false]));
    for confirmed in [confirmed, token.with_confirmation(confirm)] {
        assert_eq!((confirmed.trust(), reached(&confirmed, &run())), (Trust::Confirmed, [true, true, false]));
    }

    let signed = Verifier::<GeoScored>::new("s3cr3t");
    assert_eq!((signed.trust(), reached(&signed, &scan())), (Trust::Signed, [true; 3]));
    for verifier in [signed.with_confirmation(confirm), Verifier::<GeoScored>::from_lookup(SecretMap::new())] {
        assert_eq!((verifier.trust(), reached(&verifier, &scan())), (Trust::Signed, [true; 3]));
    }
}

/// Every check of the head fails, and is mended in the order of the rejections.
#[test]
fn a_head_is_checked_in_the_documented_order() {
    use RejectionKind as Kind;

    fn kind<W>(verifier: &Verifier<ScreenshotRun, W>, head: &Request<()>) -> Option<Kind> {
        verifier.check_head(head).err().map(|error| error.kind())
    }

    let strict = Verifier::<ScreenshotRun>::new("t0ken")
        .with_minimum_trust(Trust::Confirmed)
        .with_allowed_sources(AllowedSources::new(["203.0.113.7"]).unwrap());
    let verifier = strict.clone().with_confirmation(confirm);
    let head = Request::get("/hook").header("content-length", "9999999").header("content-encoding", "gzip");
    let mut head = head.body(()).unwrap();

    assert_eq!(kind(&strict, &head), Some(Kind::MethodNotAllowed));
    *head.method_mut() = http::Method::POST;
    assert_eq!(kind(&strict, &head), Some(Kind::BodyTooLarge));
    head.headers_mut().insert("content-length", "7".parse().unwrap());
    for (uri, expected) in [
        ("/hook", Kind::MissingToken),
        ("/hook?token=t0ken&token=t0ken", Kind::MalformedToken),
        ("/hook?token=forged", Kind::TokenMismatch),
        ("/hook?token=t0ken", Kind::InsufficientTrust),
    ] {
        *head.uri_mut() = uri.parse().unwrap();
        assert_eq!(kind(&strict, &head), Some(expected));
    }
    assert_eq!(kind(&verifier, &head), Some(Kind::SourceUnknown));
    head.extensions_mut().insert(PeerAddr::from(IpAddr::from(Ipv4Addr::LOCALHOST)));
    assert_eq!(kind(&verifier, &head), Some(Kind::SourceNotAllowed));
    head.extensions_mut().insert(PeerAddr::from("203.0.113.7".parse::<IpAddr>().unwrap()));
    assert_eq!(kind(&verifier, &head), Some(Kind::UnsupportedEncoding));
    head.headers_mut().remove("content-encoding");
    assert_eq!(kind(&verifier, &head), None);
}
