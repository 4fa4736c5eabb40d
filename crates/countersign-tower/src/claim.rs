//! Every delivery handled once: the service that stands behind the verification, where nothing unverified comes.

use std::{
    fmt,
    future::Future,
    panic::resume_unwind,
    pin::Pin,
    task::{Context, Poll},
};

use countersign_core::{
    Provider, VerifyError, VerifyErrorKind,
    dedupe::{Admission, DELIVERY_HEADER, DUPLICATE, Dedupe, Outcome},
};
use http::{HeaderName, HeaderValue, Request, Response};
use tower_service::Service;
use tracing::Instrument;

use crate::{
    future::explained,
    rejection::{Problem, RejectionResponse},
    webhook::Verified,
};

/// The service of a [`VerifyWebhook`](crate::VerifyWebhook) that remembers deliveries.
pub struct ClaimService<S, P, R = Problem> {
    pub(crate) inner: S,
    pub(crate) dedupe: Dedupe,
    pub(crate) rejection: R,
    pub(crate) provider: std::marker::PhantomData<fn() -> P>,
}

impl<S, P, R, ReqBody, ResBody> Service<Request<ReqBody>> for ClaimService<S, P, R>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
    P: Provider,
    R: RejectionResponse<ResBody> + Clone + Send + 'static,
    ReqBody: Send + 'static,
    ResBody: Default + Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let next = self.inner.clone();
        // The one that was polled ready is the one that is called.
        let mut ready = std::mem::replace(&mut self.inner, next);
        let (dedupe, rejection) = (self.dedupe.clone(), self.rejection.clone());
        Box::pin(async move {
            let refused = move |error: VerifyError| {
                error.trace(P::NAME);
                Ok(explained(rejection.response(&error), error))
            };
            let Some(Verified(delivery)) = request.extensions().get::<Verified<P>>().cloned() else {
                unreachable!("it stands behind the verification alone");
            };
            match dedupe.admit(&delivery, tokio::time::sleep).await {
                Admission::Claimed(lease) => {
                    drop(delivery);
                    let handler = async move { ready.call(request).await };
                    let held = lease.hold(handler, outcome::<ResBody, S::Error>, tokio::time::sleep);
                    match tokio::spawn(held.in_current_span()).await {
                        Ok(Ok(answer)) => answer,
                        Ok(Err(error)) => refused(error),
                        Err(stopped) => match stopped.try_into_panic() {
                            Ok(panic) => resume_unwind(panic),
                            // The runtime is shutting down.
                            Err(_) => refused(VerifyErrorKind::HandlerTimeout.into()),
                        },
                    }
                }
                Admission::Duplicate => {
                    let mut response = Response::new(ResBody::default());
                    response
                        .headers_mut()
                        .insert(HeaderName::from_static(DELIVERY_HEADER), HeaderValue::from_static(DUPLICATE));
                    Ok(response)
                }
                Admission::Rejected(error) => refused(error),
                _ => ready.call(request).await,
            }
        })
    }
}

fn outcome<B, E>(answer: &Result<Response<B>, E>) -> Outcome {
    match answer {
        Ok(response) => Outcome::of(response.status().as_u16(), response.extensions().get()),
        Err(_) => Outcome::NotDone,
    }
}

impl<S: Clone, P, R: Clone> Clone for ClaimService<S, P, R> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            dedupe: self.dedupe.clone(),
            rejection: self.rejection.clone(),
            provider: self.provider,
        }
    }
}

impl<S: fmt::Debug, P, R> fmt::Debug for ClaimService<S, P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClaimService").field("inner", &self.inner).field("dedupe", &self.dedupe).finish_non_exhaustive()
    }
}
