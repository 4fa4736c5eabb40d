//! An endpoint that hands its deliveries off, and what it answers.

use std::time::{Duration, Instant};

use actix_web::{body::MessageBody, dev::ServiceResponse};
use axum::{
    Router,
    body::Body,
    routing::{MethodRouter, post},
};
use countersign::{
    Delivery, Secret, Verifier,
    axum::VerifyWebhook,
    dedupe::MemoryStore,
    hand_off::{Broker, Envelope, HandOff, SealKeys, Sealed, SealedColumns},
    providers::Zeodyn,
};
use countersign_testkit::{Payload, SignedRequest};
use tower::ServiceExt;

use crate::server::PATIENCE;

pub(crate) const SECRET: &str = "s3cr3t of the tests";
pub(crate) const KEY: &str = "a key of the hand-off's tests";

pub(crate) fn keys() -> SealKeys {
    SealKeys::new(Secret::from_static(KEY)).unwrap()
}

pub(crate) fn request(body: impl Into<Vec<u8>>) -> SignedRequest<Zeodyn> {
    Payload::new(body.into()).signed_with(SECRET)
}

pub(crate) fn about(id: &str) -> SignedRequest<Zeodyn> {
    request(format!(r#"{{"event":"scan_complete","scanId":"{id}"}}"#))
}

/// A verified delivery that no layer claimed.
pub(crate) fn delivery(id: &str) -> Delivery<Zeodyn> {
    let (head, body) = about(id).to_http::<Vec<u8>>().into_parts();
    Verifier::<Zeodyn>::new(SECRET).verify(&head, body).unwrap()
}

/// Each has a key of its own.
pub(crate) fn envelope(number: u16) -> Envelope {
    let mut key = [0; 32];
    key[..2].copy_from_slice(&number.to_be_bytes());
    let columns = SealedColumns {
        key: key.into(),
        provider: "zeodyn".to_owned(),
        tenant: None,
        event: String::new(),
        resource: None,
        received_at: 0,
        body: Some("a body that no log has".into()),
        confirmed: None,
        meta: "meta".into(),
        seal: "seal".into(),
    };
    Envelope::new(columns.into()).unwrap()
}

/// The IDs of messages that the consumer opened.
pub(crate) fn ids(messages: &[Sealed]) -> Vec<String> {
    let open = |sealed: &Sealed| sealed.open::<Zeodyn>(&keys()).unwrap().resource_id().unwrap().to_owned();
    messages.iter().map(open).collect()
}

#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) delivery: Option<String>,
    pub(crate) retry_after: Option<String>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn ok(delivery: &str) -> Self {
        Self { status: 200, delivery: Some(delivery.to_owned()), retry_after: None, body: String::new() }
    }

    pub(crate) async fn of_actix(response: ServiceResponse<impl MessageBody>) -> Self {
        let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let (status, delivery) = (response.status().as_u16(), header("countersign-delivery"));
        let retry_after = header("retry-after");
        let body = String::from_utf8(actix_web::test::read_body(response).await.to_vec()).unwrap();
        Self { status, delivery, retry_after, body }
    }

    pub(crate) fn unavailable() -> Self {
        let body = concat!(
            r#"{"type":"about:blank","title":"Service Unavailable","status":503,"#,
            r#""detail":"The delivery could not be accepted at the moment. Please send it again."}"#
        );
        Self { status: 503, delivery: None, retry_after: Some("5".to_owned()), body: body.to_owned() }
    }
}

#[derive(Clone)]
pub(crate) struct Site(Router);

impl Site {
    pub(crate) fn new(broker: impl Broker) -> Self {
        Self::of(&HandOff::new(broker, keys()))
    }

    /// Each has a store for duplicates of its own.
    pub(crate) fn of(hand_off: &HandOff) -> Self {
        let verify = VerifyWebhook::zeodyn(SECRET).with_dedupe(MemoryStore::new());
        Self::with(post(hand_off.publish::<Zeodyn>()).layer(verify))
    }

    pub(crate) fn without_dedupe(hand_off: &HandOff) -> Self {
        Self::with(post(hand_off.publish::<Zeodyn>()).layer(VerifyWebhook::zeodyn(SECRET)))
    }

    pub(crate) fn without_layer(hand_off: &HandOff) -> Self {
        Self::with(post(hand_off.publish::<Zeodyn>()))
    }

    pub(crate) fn with(route: MethodRouter) -> Self {
        Self(Router::new().route("/webhooks/zeodyn", route))
    }

    pub(crate) async fn send(&self, id: &str) -> Answer {
        self.sends(&about(id)).await
    }

    pub(crate) async fn sends(&self, request: &SignedRequest<Zeodyn>) -> Answer {
        let response = self.0.clone().oneshot(request.to_http::<Body>()).await.unwrap();
        let (head, body) = response.into_parts();
        let header = |name: &str| head.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        let (delivery, retry_after) = (header("countersign-delivery"), header("retry-after"));
        let body = axum::body::to_bytes(body, 10_000).await.unwrap();
        Answer { status: head.status.as_u16(), delivery, retry_after, body: String::from_utf8(body.to_vec()).unwrap() }
    }
}

/// Waits until it is so.
pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !is_so().await {
        assert!(start.elapsed() < PATIENCE, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
