//! Rejections for what somebody else says, or does not say.

use countersign_test_support::{headers as answer_headers, problem};
use std::error::Error;

use axum::{
    Router,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use countersign::{Rejection, axum::VerifyWebhook, providers::ScreenshotRun};

use crate::axum::{body, call, kind, on_event, others::rejected_by_others};

const PATH: &str = "/webhooks/screenshotrun";

#[tokio::test]
async fn t20_rejections_are_the_errors_status_headers_and_problem() {
    for (reason, verify, request, cause) in rejected_by_others!(countersign::axum::VerifyWebhook) {
        let app = Router::new().route(PATH, post(on_event::<ScreenshotRun>).layer(verify));
        let response = call(&app, &request).await;
        let error = response.extensions().get::<Rejection>().expect("the true reason").clone();
        assert_eq!(error.kind(), reason);
        match cause {
            None => assert!(error.source().is_none(), "{error:?}"),
            Some(text) => assert!(error.source().unwrap().to_string().starts_with(text), "{error:?}"),
        }
        assert_eq!(response.status(), error.status());
        // axum itself adds the length.
        let headers = response.headers().iter().filter(|(name, _)| *name != "content-length");
        let headers: Vec<_> = headers.map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        assert_eq!(headers, answer_headers(&error));
        assert_eq!(body(response).await, problem(&error));
    }
}

#[tokio::test]
async fn a_rejection_response_replaces_them() {
    fn no(error: &Rejection) -> Response {
        (StatusCode::FORBIDDEN, error.kind().code()).into_response()
    }
    for (reason, verify, request, _) in rejected_by_others!(countersign::axum::VerifyWebhook) {
        let verify: VerifyWebhook<ScreenshotRun, _> = verify.with_rejection_response(no);
        let app = Router::new().route(PATH, post(on_event::<ScreenshotRun>).layer(verify));
        let response = call(&app, &request).await;
        assert_eq!((response.status().as_u16(), kind(&response)), (403, Some(reason)));
        assert_eq!(response.headers().get("retry-after"), None);
        assert_eq!(body(response).await, reason.code());
    }
}
