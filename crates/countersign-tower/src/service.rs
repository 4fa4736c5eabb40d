//! The service.

use std::{
    fmt,
    task::{Context, Poll},
};

use bytes::Bytes;
use countersign_core::provider::Provider;
use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use crate::{
    conceal::conceal_proof,
    future::{BoxError, ResponseFuture},
    head::Head,
    layer::VerifyWebhook,
    rejection::{Problem, RejectionResponse},
    run::{NoDedupe, Run},
};

/// The service of [`VerifyWebhook`].
///
/// The types of request, response and error are those of the inner service: a rejection is a
/// response.
///
/// It is always ready. Once a delivery is verified, a clone of the inner service is made ready and
/// called, so only verified deliveries take its permits. To limit unverified ones, add an outer
/// limit.
pub struct VerifyWebhookService<S, P: Provider, R = Problem, D = NoDedupe> {
    inner: S,
    layer: VerifyWebhook<P, R, D>,
}

impl<S, P: Provider, R, D> VerifyWebhookService<S, P, R, D> {
    /// Wraps `inner`, as `layer` does.
    #[must_use]
    pub fn new(inner: S, layer: VerifyWebhook<P, R, D>) -> Self {
        Self { inner, layer }
    }

    /// Returns a reference to the inner service.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// Returns a mutable reference to the inner service.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Returns the inner service.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, P, R, D, ReqBody, ResBody> Service<Request<ReqBody>> for VerifyWebhookService<S, P, R, D>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone,
    P: Provider,
    ResBody: From<Bytes>,
    R: RejectionResponse<ResBody> + Clone,
    D: Run<S, ReqBody, ResBody>,
    ReqBody: Body + From<Bytes>,
    ReqBody::Error: Into<BoxError>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S, P, R, D, ReqBody>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let rejection = self.layer.rejection.clone();
        match self.layer.receiver.begin(&Head(&request)) {
            Ok(receiving) => {
                conceal_proof::<P, _>(&mut request);
                ResponseFuture::reading(request, receiving, self.inner.clone(), rejection)
            }
            Err(answer) => ResponseFuture::answered(answer, rejection),
        }
    }
}

impl<S: Clone, P: Provider, R: Clone, D> Clone for VerifyWebhookService<S, P, R, D> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), layer: self.layer.clone() }
    }
}

impl<S: fmt::Debug, P: Provider, R, D> fmt::Debug for VerifyWebhookService<S, P, R, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyWebhookService").field("inner", &self.inner).field("layer", &self.layer).finish()
    }
}
