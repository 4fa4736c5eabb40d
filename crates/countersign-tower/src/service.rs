//! The service.

use std::{
    fmt,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use countersign_core::{Provider, Verifier};
use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use crate::{
    conceal::conceal_proof,
    future::{BoxError, ResponseFuture},
    head::Head,
    rejection::{Problem, RejectionResponse},
};

/// The service of [`VerifyWebhook`](crate::VerifyWebhook).
///
/// It leaves the types of request, response and error as they are: a refusal is a response.
pub struct VerifyWebhookService<S, P: Provider, R = Problem> {
    pub(crate) inner: S,
    pub(crate) verifier: Arc<Verifier<P>>,
    pub(crate) body_timeout: Duration,
    pub(crate) rejection: R,
}

impl<S, P, R, ReqBody, ResBody> Service<Request<ReqBody>> for VerifyWebhookService<S, P, R>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone,
    P: Provider,
    R: RejectionResponse<ResBody> + Clone,
    ReqBody: Body + From<Bytes>,
    ReqBody::Error: Into<BoxError>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S, P, R, ReqBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        match self.verifier.check_head(&Head::from(&request)) {
            Ok(verification) => {
                conceal_proof::<P, _>(&mut request);
                let next = self.inner.clone();
                // The one that was polled ready is the one that is called.
                let ready = std::mem::replace(&mut self.inner, next);
                ResponseFuture::reading(request, verification, self.body_timeout, ready, self.rejection.clone())
            }
            Err(error) => ResponseFuture::refused(error, self.rejection.clone()),
        }
    }
}

impl<S: Clone, P: Provider, R: Clone> Clone for VerifyWebhookService<S, P, R> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            verifier: Arc::clone(&self.verifier),
            body_timeout: self.body_timeout,
            rejection: self.rejection.clone(),
        }
    }
}

impl<S: fmt::Debug, P: Provider, R> fmt::Debug for VerifyWebhookService<S, P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyWebhookService")
            .field("inner", &self.inner)
            .field("verifier", &self.verifier)
            .field("body_timeout", &self.body_timeout)
            .finish_non_exhaustive()
    }
}
