//! axum: the extractor and its rejection.

use axum::{
    body::Body,
    extract::FromRequestParts,
    http::request::Parts,
    response::{IntoResponse, Response},
};
use countersign_core::{Event, provider::Provider};

use crate::webhook::{Webhook, WebhookRejection};

impl<P: Provider, E: Event, S: Send + Sync> FromRequestParts<S> for Webhook<P, E> {
    type Rejection = WebhookRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, WebhookRejection> {
        Self::extract(parts.extensions.get())
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
