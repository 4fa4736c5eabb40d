//! Our body limit, axum's own, and a limit outside.

use axum::{
    Router,
    body::Body,
    extract::DefaultBodyLimit,
    routing::{MethodRouter, post},
};
use bytes::Bytes;
use countersign::{RejectionKind, axum::Webhook, providers::Zeodyn};
use http_body_util::Limited;
use tower::ServiceExt;

use crate::axum::{
    call,
    convert::{odd, of, to_http, with_body},
    is_problem, kind, layer, on_event, status,
    support::http::Request,
};

const MIB: usize = 1024 * 1024;

fn app(route: MethodRouter) -> Router {
    Router::new().route("/webhooks/zeodyn", route.layer(layer::<Zeodyn>().with_body_limit(3 * MIB)))
}

fn genuine(padding: usize) -> Request {
    of::<Zeodyn>().genuine(odd::<Zeodyn>(padding))
}

#[tokio::test]
async fn t15_a_body_over_axums_own_limit_reaches_the_webhook_and_not_bytes() {
    let large = genuine(2_500_000);
    assert_eq!(status(&app(post(on_event::<Zeodyn>)), &large).await, 200);
    let bytes = post(|_: Webhook<Zeodyn>, _: Bytes| async {});
    assert_eq!(status(&app(bytes.clone()), &large).await, 413);
    assert_eq!(status(&app(bytes.clone()), &genuine(1_900_000)).await, 200);
    let response = call(&app(bytes.clone()), &large).await;
    assert_eq!(kind(&response), None, "the rejection is axum's");

    let raised = app(bytes).layer(DefaultBodyLimit::max(3 * MIB));
    assert_eq!(status(&raised, &large).await, 200);
}

#[tokio::test]
async fn t15_axums_own_limit_does_not_bound_ours() {
    let app = Router::new()
        .route("/webhooks/zeodyn", post(on_event::<Zeodyn>).layer(layer::<Zeodyn>()))
        .layer(DefaultBodyLimit::max(10));
    assert_eq!(status(&app, &genuine(1000)).await, 200, "it is for extractors that read the body");
    let response = call(&app, &genuine(MIB)).await;
    is_problem(&response, 413);
    assert_eq!(kind(&response), Some(RejectionKind::BodyTooLarge));
}

#[tokio::test]
async fn t15_a_limit_outside_says_413_as_ours_does() {
    let app = Router::new().route("/webhooks/zeodyn", post(on_event::<Zeodyn>).layer(layer::<Zeodyn>()));
    let request = genuine(1000);
    let length = request.body.len();
    for (limit, expected) in [(length, None), (length - 1, Some(RejectionKind::BodyTooLarge))] {
        let limited = Limited::new(to_http::<Body>(&request).into_body(), limit);
        // axum wraps the error once more each time.
        let limited = with_body(&request, Body::new(Body::new(limited)));
        let response = app.clone().oneshot(limited).await.unwrap();
        assert_eq!(kind(&response), expected);
        assert_eq!(response.status(), if expected.is_some() { 413 } else { 200 });
    }
}
