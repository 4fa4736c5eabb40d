//! axum: the extractor and its rejection.

use axum::{
    body::Body,
    extract::FromRequestParts,
    http::request::Parts,
    response::{IntoResponse, Response},
};
use countersign_core::provider::Provider;

use crate::webhook::{Webhook, WebhookRejection};

impl<P: Provider, S: Send + Sync> FromRequestParts<S> for Webhook<P> {
    type Rejection = WebhookRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, WebhookRejection> {
        Self::from_extensions(&parts.extensions)
    }
}

impl IntoResponse for WebhookRejection {
    fn into_response(self) -> Response {
        let mut response = Response::from(&self.error().answer()).map(Body::from);
        if let Some(rejection) = self.error().rejection() {
            response.extensions_mut().insert(rejection.clone());
        }
        response
    }
}
