//! How refusals are answered.

use bytes::Bytes;
use countersign_core::VerifyError;
use http::{HeaderValue, Response, StatusCode, header::HeaderName};

/// Makes the response to a delivery that is refused. Functions of the error are such; see
/// [`with_rejection_response`](crate::VerifyWebhook::with_rejection_response).
///
/// Whatever the response is, the [`VerifyError`] is put into its extensions afterwards, for layers outside. Say no more
/// to the sender than you must: what failed is of use to a forger.
pub trait RejectionResponse<B> {
    /// The response.
    fn response(&self, error: &VerifyError) -> Response<B>;

    /// The response where the [`Webhook`](crate::Webhook) extractor has answered a genuine but undecodable delivery
    /// with `answer` already. Unless overridden it is made anew like that of any other refusal.
    fn replace(&self, answer: Response<B>, error: &VerifyError) -> Response<B> {
        drop(answer);
        self.response(error)
    }
}

impl<F, B> RejectionResponse<B> for F
where
    F: Fn(&VerifyError) -> Response<B>,
{
    fn response(&self, error: &VerifyError) -> Response<B> {
        self(error)
    }
}

/// The answer unless another is set: the error's status and headers, and a constant `application/problem+json` body.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Problem;

impl<B: From<Bytes>> RejectionResponse<B> for Problem {
    fn response(&self, error: &VerifyError) -> Response<B> {
        let mut response = Response::new(Bytes::from_static(error.problem().as_bytes()).into());
        *response.status_mut() = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::UNAUTHORIZED);
        for &(name, value) in error.headers() {
            response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        response
    }

    fn replace(&self, answer: Response<B>, _: &VerifyError) -> Response<B> {
        answer
    }
}
