//! How the receiver's answers become responses.

use bytes::Bytes;
use countersign_core::{Rejection, adapter::Answer};
use http::{HeaderValue, Response, StatusCode, header::HeaderName};

/// Builds the response to a rejected delivery. It is implemented for closures that take a
/// [`&Rejection`](Rejection); see
/// [`with_rejection_response`](crate::VerifyWebhook::with_rejection_response).
///
/// The layer puts the [`Rejection`] into the response's extensions, for outer layers. Do not send
/// the reason to the sender unless you must: an attacker can use it.
pub trait RejectionResponse<B> {
    /// Returns the response.
    fn response(&self, rejection: &Rejection) -> Response<B>;
}

impl<F, B> RejectionResponse<B> for F
where
    F: Fn(&Rejection) -> Response<B>,
{
    fn response(&self, rejection: &Rejection) -> Response<B> {
        self(rejection)
    }
}

/// The default response to a rejected delivery: the status and headers of the rejection, and an
/// `application/problem+json` body that depends only on the status.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Problem;

impl<B: From<Bytes>> RejectionResponse<B> for Problem {
    fn response(&self, rejection: &Rejection) -> Response<B> {
        let answer = Answer::from(rejection.clone());
        of_answer(&answer, answer.body().into())
    }
}

/// The response of an answer, with another body.
pub(crate) fn of_answer<B>(answer: &Answer, body: B) -> Response<B> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(answer.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for &(name, value) in answer.headers() {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}

/// The response to a rejected delivery. The reason goes into the extensions, for outer layers.
pub(crate) fn rejected<B>(responder: &impl RejectionResponse<B>, rejection: &Rejection) -> Response<B> {
    let mut response = responder.response(rejection);
    let status = rejection.status_of(response.status().as_u16());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    response.extensions_mut().insert(rejection.clone());
    response
}
