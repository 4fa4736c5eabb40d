//! How the receiver's answers become responses.

use actix_web::{
    HttpResponse,
    body::BoxBody,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
};
use countersign_core::{Rejection, adapter::Answer};

/// The response of an answer.
pub(crate) fn of_answer(answer: &Answer) -> HttpResponse {
    let mut response = HttpResponse::new(status(answer.status()));
    for &(name, value) in answer.headers() {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response.set_body(BoxBody::new(answer.body()))
}

/// The response to a rejected delivery. The reason goes into the extensions, for outer middleware.
pub(crate) fn rejected(mut response: HttpResponse, rejection: &Rejection) -> HttpResponse {
    *response.status_mut() = status(rejection.status_of(response.status().as_u16()));
    response.extensions_mut().insert(rejection.clone());
    response
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
