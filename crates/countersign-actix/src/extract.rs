//! The extractor.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, ResponseError, dev::Payload, http::StatusCode};
use countersign_core::{Event, provider::Provider};

use crate::rejection::{of_answer, rejected};

countersign_core::__webhook! {
    /// Do not take an `Option<Webhook<P>>`: a forgotten middleware would look like "no webhook".
}

impl<P: Provider, E: Event> FromRequest for Webhook<P, E> {
    type Error = WebhookRejection;
    type Future = Ready<Result<Self, WebhookRejection>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::extract(request.extensions().get()))
    }
}

impl ResponseError for WebhookRejection {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.error().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let response = of_answer(&self.error().answer());
        match self.error().rejection() {
            Some(rejection) => rejected(response, rejection),
            None => response,
        }
    }
}
