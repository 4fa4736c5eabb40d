//! How the receiver's answers become responses.

use bytes::Bytes;
use countersign_core::{Rejection, adapter::Answer};
use http::{Response, StatusCode};

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
        Response::from(&Answer::from(rejection.clone())).map(B::from)
    }
}

/// The response to a rejected delivery. The reason goes into the extensions, for outer layers.
pub(crate) fn rejected<B>(responder: &impl RejectionResponse<B>, rejection: &Rejection) -> Response<B> {
    let mut response = responder.response(rejection);
    let status = rejection.status_of(response.status().as_u16());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    response.extensions_mut().insert(rejection.clone());
    response
}
