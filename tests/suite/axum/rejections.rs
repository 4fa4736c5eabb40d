//! Handlers that do not get their webhook, word for word.

use axum::{
    Router,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use bytes::Bytes;
use countersign::{
    Rejection, RejectionKind,
    axum::{VerifyWebhook, Webhook, WebhookRejection},
    providers::{GeoScored, ScreenScore, ScreenshotRun, Zeodyn},
};
use serde_json::json;

use crate::axum::{
    answer, body, call,
    convert::{documented, of},
    is_problem, kind, layer, on_event, status,
};

const PATH: &str = "/webhooks/zeodyn";
const UNDECODABLE: &str = r#"{"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"The delivery was verified, but its body could not be decoded."}"#;

async fn is_missing(app: Router, request: &crate::axum::support::http::Request, detail: &str) {
    let response = call(&app, request).await;
    is_problem(&response, 500);
    assert_eq!(kind(&response), None);
    let problem: serde_json::Value = serde_json::from_slice(&body(response).await).unwrap();
    let expected = json!({"type": "about:blank", "title": "Internal Server Error", "status": 500, "detail": detail});
    assert_eq!(problem, expected);
}

const MISSING: &str = "no delivery of Zeodyn was verified before this handler: put `VerifyWebhook` for Zeodyn around \
                       its route. A `VerifyWebhook` for another provider, or around another route, does not count";

#[tokio::test]
async fn t30_a_handler_without_the_layer_says_what_is_missing() {
    let bare = || Router::new().route(PATH, post(on_event::<Zeodyn>));
    let genuine = documented::<Zeodyn>();
    is_missing(bare(), &genuine, MISSING).await;
    let forged = of::<Zeodyn>().proven_with(b"guessed", "{}");
    is_missing(bare(), &forged, MISSING).await;

    let another_route = bare().route("/other", post(on_event::<Zeodyn>).layer(layer::<Zeodyn>()));
    is_missing(another_route, &genuine, MISSING).await;
    let added_later = Router::new().route("/first", post(|| async {})).layer(layer::<Zeodyn>()).merge(bare());
    is_missing(added_later, &genuine, MISSING).await;

    let titled = "no delivery of ScreenScore AI was verified before this handler: put `VerifyWebhook` for \
                  ScreenScore AI around its route. A `VerifyWebhook` for another provider, or around another route, \
                  does not count";
    let screenscore = Router::new().route(PATH, post(on_event::<ScreenScore>));
    is_missing(screenscore, &genuine, titled).await;
}

#[tokio::test]
async fn t30_a_handler_behind_another_providers_layer_says_what_is_missing() {
    let app = Router::new().route(PATH, post(on_event::<Zeodyn>).layer(layer::<GeoScored>()));
    is_missing(app, &documented::<GeoScored>().with_target(PATH), MISSING).await;

    let both = post(on_event::<Zeodyn>).layer(layer::<ScreenshotRun>());
    let app = Router::new().route(PATH, both);
    let request = documented::<ScreenshotRun>();
    is_missing(app, &request.clone().with_target(request.target.replace("screenshotrun", "zeodyn")), MISSING).await;
}

#[tokio::test]
async fn t30_a_body_that_was_taken_before_the_layer_is_no_genuine_one() {
    async fn taken(request: axum::extract::Request, next: axum::middleware::Next) -> Response {
        let (parts, body) = request.into_parts();
        axum::body::to_bytes(body, usize::MAX).await.unwrap();
        next.run(axum::extract::Request::from_parts(parts, axum::body::Body::empty())).await
    }
    let app = Router::new()
        .route(PATH, post(on_event::<Zeodyn>).layer(layer::<Zeodyn>()))
        .layer(axum::middleware::from_fn(taken));
    assert_eq!(status(&app, &documented::<Zeodyn>()).await, 401);
}

#[tokio::test]
async fn a_genuine_body_that_is_no_event_is_undecodable() {
    let app = Router::new().route(PATH, post(on_event::<Zeodyn>).layer(layer::<Zeodyn>()));
    for no_event in ["{}", "", "[]", "null", "{", r#"{"event":7}"#, r#"{"event":"scan_complete","score":"high"}"#] {
        let response = call(&app, &of::<Zeodyn>().genuine(no_event)).await;
        is_problem(&response, 422);
        assert_eq!(kind(&response), Some(RejectionKind::Undecodable), "{no_event}");
        assert_eq!(body(response).await, UNDECODABLE);
    }
}

#[tokio::test]
async fn an_undecodable_delivery_keeps_its_cause_for_layers_outside() {
    let app = Router::new().route(PATH, post(on_event::<Zeodyn>).layer(layer::<Zeodyn>()));
    let response = call(&app, &of::<Zeodyn>().genuine(r#"{"event":"scan_complete","score":"high"}"#)).await;
    let error = response.extensions().get::<Rejection>().unwrap();
    let cause = std::error::Error::source(error).unwrap();
    assert_eq!(cause.to_string(), "the body does not match the documentation: expected f64 at line 1 column 39");
}

#[tokio::test]
async fn a_body_is_not_decoded_unless_the_handler_asks() {
    let app = Router::new().route(PATH, post(|bytes: Bytes| async { bytes }).layer(layer::<Zeodyn>()));
    let (status, body) = answer(&app, &of::<Zeodyn>().genuine("no event")).await;
    assert_eq!((status, &*body), (200, "no event"));
}

/// Takes what `RejectionResponse` may be: a function.
fn no(error: &Rejection) -> Response {
    (StatusCode::FORBIDDEN, error.kind().code()).into_response()
}

#[tokio::test]
async fn a_rejection_response_replaces_every_answer_of_ours() {
    let sender = of::<Zeodyn>();
    let verify = VerifyWebhook::zeodyn(sender.secret()).with_rejection_response(no);
    let app = Router::new().route(PATH, post(on_event::<Zeodyn>).layer(verify));
    for (request, reason) in [
        (sender.unproven("{}"), RejectionKind::MissingSignature),
        (sender.proven_with(b"guessed", "{}"), RejectionKind::SignatureMismatch),
        (documented::<Zeodyn>().with_method("GET"), RejectionKind::MethodNotAllowed),
        (sender.genuine("{}"), RejectionKind::Undecodable),
    ] {
        let response = call(&app, &request).await;
        assert_eq!((response.status().as_u16(), kind(&response)), (403, Some(reason)));
        assert_eq!(body(response).await, reason.code());
    }
    assert_eq!(status(&app, &documented::<Zeodyn>()).await, 200);
}

#[tokio::test]
async fn a_rejection_response_leaves_the_services_own_answers() {
    let verify = || layer::<Zeodyn>().with_rejection_response(no);
    let teapot = post(|_: Webhook<Zeodyn>| async { StatusCode::IM_A_TEAPOT });
    assert_eq!(status(&Router::new().route(PATH, teapot.layer(verify())), &documented::<Zeodyn>()).await, 418);

    let missing = Router::new().route(PATH, post(on_event::<GeoScored>).layer(verify()));
    is_problem(&call(&missing, &documented::<Zeodyn>()).await, 500);

    let decides = post(|hook: Result<Webhook<Zeodyn>, WebhookRejection>| async move {
        assert!(hook.is_err());
        StatusCode::ACCEPTED
    });
    let decides = Router::new().route(PATH, decides.layer(verify()));
    assert_eq!(status(&decides, &of::<Zeodyn>().genuine("{}")).await, 202);

    let unprocessable = post(|| async { StatusCode::UNPROCESSABLE_ENTITY });
    let unprocessable = Router::new().route(PATH, unprocessable.layer(verify()));
    assert_eq!(status(&unprocessable, &of::<Zeodyn>().genuine("{}")).await, 422);
}
