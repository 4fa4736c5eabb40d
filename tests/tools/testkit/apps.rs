//! Apps of both frameworks around a real `VerifyWebhook`, called without a socket.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use actix_web::{App, HttpResponse, body, test, web};
use axum::{Router, body::Body, extract::Request, response::IntoResponse, routing::post};
use bytes::Bytes;
use countersign::{
    Delivery, DeliveryId, Rejection, RejectionKind, SentAt, Trust, actix, axum as for_axum, dedupe::MemoryStore,
    provider::Provider,
};
use countersign_testkit::SignedRequest;
use http_body_util::BodyExt;
use tower::{Layer, Service, ServiceExt};

use crate::testkit::of;

/// What a handler sees of a delivery.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Handled {
    pub(crate) event: String,
    pub(crate) debug: String,
    pub(crate) resource_id: Option<String>,
    pub(crate) delivery_id: Option<DeliveryId>,
    pub(crate) trust: Trust,
    pub(crate) sent_at: Option<SentAt>,
    pub(crate) body: Bytes,
}

impl Handled {
    pub(crate) fn of<P: Provider>(hook: &Delivery<P>) -> Self {
        Self {
            event: hook.event_name().to_owned(),
            debug: format!("{:?}", hook.event()),
            resource_id: hook.resource_id().map(str::to_owned),
            delivery_id: hook.delivery_id(),
            trust: hook.trust(),
            sent_at: hook.sent_at(),
            body: hook.body().clone(),
        }
    }
}

/// What an app made of a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) is_duplicate: bool,
    pub(crate) reason: Option<RejectionKind>,
    pub(crate) content_type: Option<String>,
    pub(crate) body: Bytes,
    pub(crate) handled: Vec<Handled>,
}

/// The deliveries that a handler was given.
#[derive(Clone, Default)]
pub(crate) struct Diary(Arc<Mutex<Vec<Handled>>>);

impl Diary {
    fn write<P: Provider>(&self, hook: &Delivery<P>) {
        self.0.lock().unwrap().push(Handled::of(hook));
    }

    fn take(&self) -> Vec<Handled> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// The requests one after the other, to an axum router with this layer.
pub(crate) async fn to_axum_with<P: Provider, L>(layer: L, requests: &[&SignedRequest<P>]) -> Vec<Answer>
where
    L: Layer<axum::routing::Route> + Clone + Send + Sync + 'static,
    L::Service: Service<Request> + Clone + Send + Sync + 'static,
    <L::Service as Service<Request>>::Response: IntoResponse + 'static,
    <L::Service as Service<Request>>::Error: Into<Infallible> + 'static,
    <L::Service as Service<Request>>::Future: Send + 'static,
{
    let diary = Diary::default();
    let written = diary.clone();
    let handler = move |hook: for_axum::Webhook<P>| {
        written.write(&hook);
        async {}
    };
    let app = Router::new().route(&format!("/webhooks/{}", P::NAME), post(handler).layer(layer));
    let mut answers = Vec::new();
    for request in requests {
        let response = app.clone().oneshot(request.to_http::<Body>()).await.unwrap();
        let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        answers.push(Answer {
            status: response.status().as_u16(),
            is_duplicate: header("countersign-delivery").as_deref() == Some("duplicate"),
            reason: response.extensions().get::<Rejection>().map(Rejection::kind),
            content_type: header("content-type"),
            handled: diary.take(),
            body: response.into_body().collect().await.unwrap().to_bytes(),
        });
    }
    answers
}

/// The requests one after the other, to an actix-web app with this middleware.
pub(crate) async fn to_actix_with<P: Provider>(
    verify: actix::VerifyWebhook<P>,
    requests: &[&SignedRequest<P>],
) -> Vec<Answer> {
    let diary = Diary::default();
    let written = diary.clone();
    let handler = move |hook: actix::Webhook<P>| {
        written.write(&hook);
        async { HttpResponse::Ok().finish() }
    };
    let resource = web::resource(format!("/webhooks/{}", P::NAME)).wrap(verify).route(web::post().to(handler));
    let app = test::init_service(App::new().service(resource)).await;
    let mut answers = Vec::new();
    for request in requests {
        let response = test::call_service(&app, request.to_actix().to_request()).await;
        let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let reason = response.response().extensions().get::<Rejection>().map(Rejection::kind);
        answers.push(Answer {
            status: response.status().as_u16(),
            is_duplicate: header("countersign-delivery").as_deref() == Some("duplicate"),
            reason,
            content_type: header("content-type"),
            handled: diary.take(),
            body: body::to_bytes(response.into_body()).await.unwrap_or_else(|_| panic!("a whole body")),
        });
    }
    answers
}

/// What both adapters answer, which is the same. They accept the secret of the fixtures, and handle a delivery once.
pub(crate) async fn answers<P: Provider>(requests: &[&SignedRequest<P>]) -> Vec<Answer> {
    let secret = of::<P>().secret();
    let by_axum = for_axum::VerifyWebhook::<P>::new(secret.as_str()).with_dedupe(MemoryStore::new());
    let by_actix = actix::VerifyWebhook::<P>::new(secret.as_str()).with_dedupe(MemoryStore::new());
    let answers = to_axum_with(by_axum, requests).await;
    assert_eq!(to_actix_with(by_actix, requests).await, answers);
    answers
}

/// What both adapters answer a single request.
pub(crate) async fn answer<P: Provider>(request: &SignedRequest<P>) -> Answer {
    answers(&[request]).await.remove(0)
}
