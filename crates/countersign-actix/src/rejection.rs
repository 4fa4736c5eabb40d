//! How refusals are answered.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
};
use countersign_core::VerifyError;

/// The answer unless another is set: the error's status and headers, and a constant `application/problem+json` body.
pub(crate) fn problem(error: &VerifyError) -> HttpResponse {
    let mut response = HttpResponse::new(StatusCode::from_u16(error.status()).unwrap_or(StatusCode::UNAUTHORIZED));
    for &(name, value) in error.headers() {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response.set_body(actix_web::body::BoxBody::new(error.problem()))
}

/// The true reason goes into the extensions, for middleware outside. What has to come again is never answered with
/// success, whatever makes the response.
pub(crate) fn explained(mut response: HttpResponse, error: VerifyError) -> HttpResponse {
    if error.asks_for_another_attempt() && response.status().is_success() {
        *response.status_mut() = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    }
    response.extensions_mut().insert(error);
    response
}
