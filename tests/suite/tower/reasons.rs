//! Rejections for what somebody else says, or does not say.

use countersign_test_support::{headers as answer_headers, problem};
use std::error::Error;

use bytes::Bytes;
use countersign::{Rejection, RejectionKind};
use http_body_util::{BodyExt, Full};
use tower::{Layer, ServiceExt};

use crate::tower::{Count, Response, convert::to_http, counting, kind, others::rejected_by_others};

/// Whether the layer answers it. A body that cannot be read is the service's to answer.
fn is_layers<A, B, C>(row: &(RejectionKind, A, B, C)) -> bool {
    row.0 != RejectionKind::Undecodable
}

#[tokio::test]
async fn t20_rejections_are_the_errors_status_headers_and_problem() {
    for (reason, verify, request, cause) in
        rejected_by_others!(countersign::tower::VerifyWebhook).into_iter().filter(is_layers)
    {
        let calls = Count::default();
        let service = verify.layer(counting::<Full<Bytes>>(&calls));
        let response = service.oneshot(to_http(&request)).await.unwrap();
        let error = response.extensions().get::<Rejection>().expect("the true reason").clone();
        assert_eq!((error.kind(), calls.get()), (reason, 0));
        match cause {
            None => assert!(error.source().is_none(), "{error:?}"),
            Some(text) => assert!(error.source().unwrap().to_string().starts_with(text), "{error:?}"),
        }
        assert_eq!(response.status(), error.status());
        let headers = response.headers().iter();
        let headers: Vec<_> = headers.map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        assert_eq!(headers, answer_headers(&error));
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), problem(&error));
    }
}

#[tokio::test]
async fn a_rejection_response_replaces_them() {
    for (reason, verify, request, _) in
        rejected_by_others!(countersign::tower::VerifyWebhook).into_iter().filter(is_layers)
    {
        let calls = Count::default();
        let verify = verify.with_rejection_response(|error: &Rejection| -> Response {
            let mut response = Response::new(error.kind().code().into());
            *response.status_mut() = http::StatusCode::FORBIDDEN;
            response
        });
        let service = verify.layer(counting::<Full<Bytes>>(&calls));
        let response = service.oneshot(to_http(&request)).await.unwrap();
        assert_eq!((response.status().as_u16(), kind(&response), calls.get()), (403, Some(reason), 0));
        assert!(response.headers().is_empty());
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), reason.code());
    }
}
