//! The answers of axum and actix-web, byte for byte the same.

use std::{sync::atomic::Ordering::SeqCst, time::Duration};

use actix_web::{App, test, web};
use countersign::{
    Secret, Secrets, Verifier,
    inbox::{
        Backoff, End, Inbox,
        store::{State, Stored},
    },
    provider::Provider,
    providers::{DropboxSign, GeoScored, Zeodyn},
};
use countersign_testkit::{Payload, SignedRequest};
use tower::ServiceExt;

use super::{SECRET, Working, delivery, faulty::faulty, inbox, rows, until};

#[derive(Debug, PartialEq)]
struct Answer {
    status: u16,
    delivery: Option<String>,
    retry_after: Option<String>,
    body: String,
}

async fn axum(inbox: &Inbox, request: &SignedRequest<Zeodyn>) -> Answer {
    let verify = countersign::axum::VerifyWebhook::zeodyn(SECRET);
    let app = axum::Router::new().route("/webhooks/zeodyn", axum::routing::post(inbox.store::<Zeodyn>()).layer(verify));
    let response = app.oneshot(request.to_http::<axum::body::Body>()).await.unwrap();
    let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let (status, delivery, retry_after) =
        (response.status().as_u16(), header("countersign-delivery"), header("retry-after"));
    let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
    Answer { status, delivery, retry_after, body: String::from_utf8(body.to_vec()).unwrap() }
}

async fn actix(inbox: &Inbox, request: &SignedRequest<Zeodyn>) -> Answer {
    let verify = countersign::actix::VerifyWebhook::zeodyn(SECRET);
    let resource = web::resource("/webhooks/zeodyn").wrap(verify).route(web::post().to(inbox.store::<Zeodyn>()));
    let app = test::init_service(App::new().service(resource)).await;
    let response = test::call_service(&app, request.to_actix().to_request()).await;
    let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let (status, delivery, retry_after) =
        (response.status().as_u16(), header("countersign-delivery"), header("retry-after"));
    let body = test::read_body(response).await;
    Answer { status, delivery, retry_after, body: String::from_utf8(body.to_vec()).unwrap() }
}

fn about(id: &str) -> SignedRequest<Zeodyn> {
    Payload::new(format!(r#"{{"event":"scan_complete","scanId":"{id}"}}"#)).signed_with(SECRET)
}

/// What both answer to the same requests, each with an inbox of its own.
async fn both(requests: &[SignedRequest<Zeodyn>]) -> Vec<Answer> {
    let ((_one, of_axum), (_other, of_actix)) = (inbox().await, inbox().await);
    let mut answers = Vec::new();
    for request in requests {
        let (one, other) = (axum(&of_axum, request).await, actix(&of_actix, request).await);
        assert_eq!(one, other);
        answers.push(one);
    }
    assert_eq!(rows(&of_axum).await.len(), rows(&of_actix).await.len());
    answers
}

#[actix_web::test]
async fn a_delivery_is_stored_once() {
    let answers = both(&[about("1"), about("1"), about("2")]).await;
    let found: Vec<_> = answers.iter().map(|answer| (answer.status, answer.delivery.as_deref())).collect();
    assert_eq!(found, [(200, Some("stored")), (200, Some("duplicate")), (200, Some("stored"))]);
    assert!(answers.iter().all(|answer| answer.body.is_empty() && answer.retry_after.is_none()));
}

#[actix_web::test]
async fn i4_a_forged_delivery_is_not_stored() {
    let (_folder, inbox) = inbox().await;
    let forged = Payload::new(r#"{"event":"scan_complete","scanId":"1"}"#).signed_with("guessed");
    let (one, other) = (axum(&inbox, &forged).await, actix(&inbox, &forged).await);
    assert_eq!((one.status, &one), (401, &other));
    assert!(rows(&inbox).await.is_empty());
}

/// It can be redriven after an upgrade, and a 422 would lose it.
#[actix_web::test]
async fn a_genuine_body_that_cannot_be_read_is_stored_as_a_dead_letter() {
    let unreadable = Payload::new("not JSON").signed_with(SECRET);
    let answers = both(&[unreadable]).await;
    assert_eq!((answers[0].status, answers[0].delivery.as_deref()), (200, Some("stored")));
    let (_folder, inbox) = inbox().await;
    axum(&inbox, &Payload::new("not JSON").signed_with(SECRET)).await;
    let rows = rows(&inbox).await;
    assert_eq!((rows.len(), rows[0].state.name(), rows[0].errors.len()), (1, "dead", 1));
    assert!(!rows[0].errors[0].why.is_empty());
    assert_eq!((inbox.counters().stored, inbox.counters().dead), (1, 1));
}

/// Test events have no key: two equal ones are two.
#[actix_web::test]
async fn deliveries_without_a_key_are_all_stored() {
    let request = Payload::<GeoScored>::documented("scan.test").unwrap().signed_with(SECRET);
    let (_folder, inbox) = inbox().await;
    let verify = || countersign::axum::VerifyWebhook::geoscored(SECRET);
    for _ in 0..2 {
        let route = axum::routing::post(inbox.store::<GeoScored>()).layer(verify());
        let app = axum::Router::new().route("/webhooks/geoscored", route);
        let response = app.oneshot(request.to_http::<axum::body::Body>()).await.unwrap();
        assert_eq!(response.headers()["countersign-delivery"], "stored");
    }
    assert_eq!(rows(&inbox).await.len(), 2);
}

#[actix_web::test]
async fn without_a_layer_it_says_what_is_missing() {
    let (_folder, inbox) = inbox().await;
    let app = axum::Router::new().route("/webhooks/zeodyn", axum::routing::post(inbox.store::<Zeodyn>()));
    let response = app.oneshot(about("1").to_http::<axum::body::Body>()).await.unwrap();
    assert_eq!(response.status().as_u16(), 500);
    let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
    assert!(String::from_utf8_lossy(&body).contains("no delivery of Zeodyn was verified before this handler"));
}

/// Endpoints with one secret are apart only if they are named.
#[actix_web::test]
async fn i6_endpoints_are_told_apart_by_their_names() {
    let (_folder, inbox) = inbox().await;
    let delivery = super::delivery("1");
    let accept = |store: countersign::inbox::Store<Zeodyn>| {
        let delivery = delivery.clone();
        async move { store.accept(&delivery).await.unwrap() == Stored::New }
    };
    assert!(accept(inbox.store::<Zeodyn>()).await);
    assert!(accept(inbox.store::<Zeodyn>().with_endpoint("billing")).await);
    assert!(!accept(inbox.store::<Zeodyn>().with_endpoint("billing")).await);
}

/// A provider of its own: other tests in this process store Zeodyn's deliveries.
#[actix_web::test]
async fn a_layer_that_deduplicates_in_front_of_it_is_warned_of() {
    use countersign::{dedupe::MemoryStore, providers::PagerDuty};

    let (_folder, inbox) = inbox().await;
    let capture = countersign_test_support::capture::Capture::start();
    let is_it =
        |text: &str| text.starts_with("deliveries of this provider are claimed by a layer with `with_dedupe` and");
    let warned = || capture.take().0.iter().filter(|traced| traced.field("message").is_some_and(is_it)).count();
    let _store = inbox.store::<PagerDuty>();
    assert_eq!(warned(), 0);
    let layer = || countersign::axum::VerifyWebhook::pagerduty(SECRET).with_dedupe(MemoryStore::new());
    let _layer = layer();
    assert_eq!(warned(), 1);
    let _layer = layer();
    assert_eq!(warned(), 0);
}

/// The provider is told to come again, and not why. What was stored nevertheless is then a duplicate.
#[actix_web::test]
async fn i5_a_store_that_fails_or_does_not_answer_is_503() {
    let (_folder, faults, inbox) = faulty().await;
    let inbox = inbox.with_store_timeout(Duration::from_millis(50));
    let expected = Answer {
        status: 503,
        delivery: None,
        retry_after: Some("5".to_owned()),
        body: concat!(
            r#"{"type":"about:blank","title":"Service Unavailable","status":503,"#,
            r#""detail":"The delivery could not be accepted at the moment. Please send it again."}"#
        )
        .to_owned(),
    };
    faults.refuse_stores.store(true, SeqCst);
    for answer in [axum(&inbox, &about("1")).await, actix(&inbox, &about("1")).await] {
        assert_eq!(answer, expected);
    }
    assert!(rows(&inbox).await.is_empty());
    faults.refuse_stores.store(false, SeqCst);
    faults.hang_stores.store(true, SeqCst);
    for (answer, id) in [(axum(&inbox, &about("1")).await, "1"), (actix(&inbox, &about("2")).await, "2")] {
        assert_eq!(answer, expected, "{id}");
    }
    faults.hang_stores.store(false, SeqCst);
    let again = axum(&inbox, &about("1")).await;
    assert_eq!((again.status, again.delivery.as_deref()), (200, Some("duplicate")));
    assert_eq!((inbox.counters().rejected, rows(&inbox).await.len()), (4, 2));
}

/// The account is known by its oldest secret.
#[actix_web::test]
async fn i3_an_equal_delivery_under_the_other_secret_of_a_rotation_is_a_duplicate() {
    let (_folder, inbox) = inbox().await;
    let secrets = || Secrets::new(Secret::new("n3w").unwrap()).add_previous(Secret::new(SECRET).unwrap());
    let store = inbox.store::<Zeodyn>();
    for (secret, is_new) in [(SECRET, true), ("n3w", false), (SECRET, false)] {
        let request = Payload::<Zeodyn>::new(r#"{"event":"scan_complete","scanId":"1"}"#).signed_with(secret);
        let (head, body) = request.to_http::<Vec<u8>>().into_parts();
        let delivery = Verifier::<Zeodyn>::new(secrets()).verify(&head, body).unwrap();
        assert_eq!(store.accept(&delivery).await.unwrap() == Stored::New, is_new, "{secret}");
    }
}

/// Dropbox Sign retries whatever is answered without it.
#[actix_web::test]
async fn a_stored_delivery_and_a_duplicate_are_acknowledged_as_the_provider_wants_it() {
    let (_folder, inbox) = inbox().await;
    let json = r#"{"event":{"event_type":"signature_request_sent","event_time":"1","event_hash":""}}"#;
    let request = Payload::<DropboxSign>::form([("json", json)]).signed_with(SECRET);
    for expected in ["stored", "duplicate"] {
        let verify = countersign::axum::VerifyWebhook::dropbox_sign(SECRET);
        let route = axum::routing::post(inbox.store::<DropboxSign>()).layer(verify);
        let app = axum::Router::new().route(&format!("/webhooks/{}", DropboxSign::NAME), route);
        let response = app.oneshot(request.to_http::<axum::body::Body>()).await.unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["countersign-delivery"]),
            (200, &expected.parse().unwrap())
        );
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        assert_eq!(body, DropboxSign::ACKNOWLEDGEMENT);
    }
}

/// Neither a body, nor what an error or a panic says of it, nor a key.
#[actix_web::test]
async fn t19_nothing_of_a_delivery_is_logged() {
    const MARK: &str = "M4rkOfTheBody";

    let (folder, faults, inbox) = faulty().await;
    let key = std::fs::read_to_string(folder.path().join("inbox.db.key")).unwrap();
    let handler = |hook: countersign::inbox::Received<Zeodyn>| {
        let (text, attempt) = (String::from_utf8_lossy(hook.body()).into_owned(), hook.attempt());
        assert!(attempt < 3, "{text}");
        std::future::ready(if attempt == 1 { End::retry(text) } else { End::retry(format!("again: {text}")) })
    };
    let inbox = inbox.with_backoff(Backoff::new(3).with_most(Duration::ZERO)).on::<Zeodyn, _>(handler);
    let capture = countersign_test_support::capture::Capture::start();
    let body = |id: &str| format!(r#"{{"event":"scan_complete","scanId":"{id}","at":"{MARK}"}}"#);
    for body in [body("1"), body("2"), MARK.to_owned(), format!(r#"{{"event":["{MARK}"]}}"#)] {
        let request = Payload::<Zeodyn>::new(body).signed_with(SECRET);
        assert_eq!(axum(&inbox, &request).await.status, 200);
        faults.refuse_stores.store(true, SeqCst);
        assert_eq!(axum(&inbox, &request).await.status, 503);
        faults.refuse_stores.store(false, SeqCst);
        assert_eq!(axum(&inbox, &request).await.delivery.as_deref(), Some("duplicate"));
    }
    let forge = "UPDATE countersign_inbox_body SET body = CAST('M4rkOfTheBody' AS BLOB) WHERE id = 2";
    rusqlite::Connection::open(folder.path().join("inbox.db")).unwrap().execute_batch(forge).unwrap();
    let working = Working::start(&inbox);
    until("all are dead", || async { rows(&inbox).await.iter().all(|row| row.state == State::Dead) }).await;
    working.stop().await;
    let (events, text) = capture.take();
    assert!(events.len() > 12, "{events:?}");
    let debug = format!("{inbox:?} {:?} {:?}", inbox.store::<Zeodyn>(), delivery("1"));
    for secret in [MARK, key.trim(), SECRET] {
        assert!(!text.contains(secret) && !debug.contains(secret), "{secret}: {text}");
    }
}
