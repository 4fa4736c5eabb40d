//! The layer and the extractor among everything else that axum has.

use countersign_test_support::{self as support, convert};

mod extracting;
mod limits;
mod routing;
mod sources;
mod uris;

use axum::{Router, body::Body, http::StatusCode, response::Response};
use countersign::{Rejection, RejectionKind, axum::VerifyWebhook, axum::Webhook, provider::Provider};
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::axum::{
    convert::{of, to_http},
    support::http::Request,
};

fn layer<P: Provider>() -> VerifyWebhook<P> {
    VerifyWebhook::new(of::<P>().secret())
}

/// A handler that takes nothing but the webhook.
async fn on_event<P: Provider>(_: Webhook<P>) -> StatusCode {
    StatusCode::OK
}

async fn call(app: &Router, request: &Request) -> Response {
    app.clone().oneshot(to_http::<Body>(request)).await.unwrap()
}

async fn status(app: &Router, request: &Request) -> u16 {
    call(app, request).await.status().as_u16()
}

/// Status and body.
async fn answer(app: &Router, request: &Request) -> (u16, String) {
    let (head, body) = call(app, request).await.into_parts();
    (head.status.as_u16(), String::from_utf8(body.collect().await.unwrap().to_bytes().into()).unwrap())
}

fn kind(response: &Response) -> Option<RejectionKind> {
    response.extensions().get::<Rejection>().map(Rejection::kind)
}

#[track_caller]
fn is_problem(response: &Response, status: u16) {
    assert_eq!(response.status(), status);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
}
