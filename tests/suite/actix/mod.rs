//! The middleware and the extractor among everything else that actix-web has.

use countersign_test_support::{self as support, convert, log};

mod bodies;
mod extracting;
mod routing;
mod sharing;
mod sources;
mod upgrades;
mod uris;

use std::{future::Future, pin::Pin};

use actix_web::{
    Error, HttpResponse,
    body::{BoxBody, to_bytes},
    dev::{Payload, ServiceResponse},
    test::TestRequest,
};
use countersign::{
    Rejection, RejectionKind,
    actix::{VerifyWebhook, Webhook},
    provider::Provider,
};

use crate::actix::{
    convert::{of, payload, to_actix},
    support::http::Request,
};

fn verify<P: Provider>() -> VerifyWebhook<P> {
    VerifyWebhook::new(of::<P>().secret())
}

/// A handler that takes nothing but the webhook.
async fn on_event<P: Provider>(_: Webhook<P>) -> HttpResponse {
    HttpResponse::Ok().finish()
}

type Answer = Pin<Box<dyn Future<Output = Result<ServiceResponse<BoxBody>, Error>>>>;

/// An app that can be called.
struct Running(Box<dyn Fn(TestRequest, Payload) -> Answer>);

/// Starts an app, without a socket.
macro_rules! app {
    ($app:expr) => {{
        let service = std::rc::Rc::new(actix_web::test::init_service($app).await);
        crate::actix::Running(Box::new(move |request, payload| {
            let service = std::rc::Rc::clone(&service);
            let (request, _) = request.to_request().replace_payload(payload);
            Box::pin(async move {
                let response = actix_web::dev::Service::call(&*service, request).await;
                response.map(actix_web::dev::ServiceResponse::map_into_boxed_body)
            })
        }))
    }};
}
use app;

async fn call(app: &Running, request: &Request) -> ServiceResponse {
    app.0(to_actix(request), payload(request)).await.unwrap()
}

async fn status(app: &Running, request: &Request) -> u16 {
    call(app, request).await.status().as_u16()
}

async fn text(response: ServiceResponse) -> String {
    String::from_utf8(to_bytes(response.into_body()).await.unwrap().into()).unwrap()
}

/// Status and body.
async fn answer(app: &Running, request: &Request) -> (u16, String) {
    let response = call(app, request).await;
    (response.status().as_u16(), text(response).await)
}

fn kind(response: &ServiceResponse) -> Option<RejectionKind> {
    response.response().extensions().get::<Rejection>().map(Rejection::kind)
}

#[track_caller]
fn is_problem(response: &ServiceResponse, status: u16) {
    assert_eq!(response.status(), status);
    assert_eq!(response.headers().get("content-type").unwrap(), "application/problem+json");
}
