//! The extractor.

use std::{
    fmt,
    future::{Ready, ready},
    ops::Deref,
    sync::Arc,
};

use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, ResponseError, dev::Payload, http::StatusCode};
use countersign_core::{Decoded, Delivery, ExtractionError, Provider};

use crate::rejection::{explained, problem};

/// A verified delivery and its typed event: what a handler behind [`VerifyWebhook`](crate::VerifyWebhook) takes.
///
/// It takes nothing from the request, so that `Bytes`, `Json` and others still work beside it. If the middleware is
/// missing, or is that of another provider, the answer is a 500 that says so; if the genuine body cannot be decoded, a
/// 422. Take a `Result<Webhook<P>, WebhookRejection>` to decide yourself. (actix-web makes an `Option` of any extractor:
/// do not use that one, or a forgotten middleware looks like "no webhook".)
pub struct Webhook<P: Provider>(Decoded<P>);

/// What the middleware leaves in the extensions. Nothing outside this crate can make one: its presence is the proof.
pub(crate) struct Verified<P: Provider>(pub(crate) Arc<Delivery<P>>);

impl<P: Provider> Webhook<P> {
    /// The typed event, by value.
    pub fn into_event(self) -> P::Event {
        self.0.into_event()
    }
}

impl<P: Provider> FromRequest for Webhook<P> {
    type Error = WebhookRejection;
    type Future = Ready<Result<Self, WebhookRejection>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let verified = request.extensions().get().map(|Verified(delivery)| Arc::clone(delivery));
        ready(Delivery::extract(verified).map(Self).map_err(WebhookRejection))
    }
}

/// From a delivery that core's verifier accepted: how a handler is tested alone, with `countersign-testkit` to sign one.
///
/// # Errors
///
/// If the genuine body cannot be decoded.
impl<P: Provider> TryFrom<Delivery<P>> for Webhook<P> {
    type Error = WebhookRejection;

    fn try_from(delivery: Delivery<P>) -> Result<Self, WebhookRejection> {
        Delivery::extract(Some(Arc::new(delivery))).map(Self).map_err(WebhookRejection)
    }
}

impl<P: Provider> Deref for Webhook<P> {
    type Target = Decoded<P>;

    fn deref(&self) -> &Decoded<P> {
        &self.0
    }
}

impl<P: Provider> Clone for Webhook<P> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<P: Provider> fmt::Debug for Webhook<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Webhook").field(&self.0).finish()
    }
}

/// Why there is no [`Webhook`]: a response, and the [`ExtractionError`] that says which.
#[derive(Clone, Debug, thiserror::Error)]
#[error(transparent)]
pub struct WebhookRejection(#[from] ExtractionError);

impl Deref for WebhookRejection {
    type Target = ExtractionError;

    fn deref(&self) -> &ExtractionError {
        &self.0
    }
}

impl ResponseError for WebhookRejection {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        match &self.0 {
            ExtractionError::Undecodable(error) => explained(problem(error), error.clone()),
            error => {
                let mut response = HttpResponse::build(self.status_code());
                for &header in error.headers() {
                    response.insert_header(header);
                }
                response.body(error.problem())
            }
        }
    }
}
