//! axum: the extractor and its rejection.

use axum::{
    body::Body,
    extract::FromRequestParts,
    http::{HeaderValue, StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use countersign_core::{ExtractionError, Provider};

use crate::{
    rejection::{Problem, RejectionResponse},
    webhook::{Webhook, WebhookRejection},
};

impl<P: Provider, S: Send + Sync> FromRequestParts<S> for Webhook<P> {
    type Rejection = WebhookRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, WebhookRejection> {
        Self::from_extensions(&parts.extensions)
    }
}

impl IntoResponse for WebhookRejection {
    fn into_response(self) -> Response {
        match &*self {
            ExtractionError::Undecodable(error) => {
                let mut response = Problem.response(error);
                response.extensions_mut().insert(error.clone());
                response
            }
            error => {
                let mut response = Body::from(error.problem()).into_response();
                *response.status_mut() =
                    StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                for &(name, value) in error.headers() {
                    response.headers_mut().insert(name, HeaderValue::from_static(value));
                }
                response
            }
        }
    }
}
