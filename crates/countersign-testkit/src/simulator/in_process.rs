//! A receiver in the same process.

use std::{error::Error, fmt, future::poll_fn};

use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use super::{
    body::SimulatedBody,
    target::{Answer, SendError, SendErrorKind, Target},
};

/// A tower service as the receiver: an axum `Router`, or any service behind a `VerifyWebhook`.
///
/// Each request gets a clone of the service. Concurrent requests run in the same task.
#[derive(Clone, Copy)]
pub struct InProcess<S, F> {
    service: S,
    body: F,
}

impl<S, F> InProcess<S, F> {
    /// Creates a target of a service, and of a function that makes its request body, such as
    /// `axum::body::Body::new`, or `std::convert::identity` if it accepts any body.
    pub fn new<B>(service: S, body: F) -> Self
    where
        S: Service<Request<B>>,
        F: Fn(SimulatedBody) -> B,
    {
        Self { service, body }
    }
}

impl<S: fmt::Debug, F> fmt::Debug for InProcess<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InProcess").field("service", &self.service).finish_non_exhaustive()
    }
}

impl<S, F, B, ResBody> Target for InProcess<S, F>
where
    S: Service<Request<B>, Response = Response<ResBody>> + Clone,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    F: Fn(SimulatedBody) -> B,
    ResBody: Body,
    ResBody::Error: Into<Box<dyn Error + Send + Sync>>,
{
    async fn send(&self, request: Request<SimulatedBody>) -> Result<Answer, SendError> {
        let failed = |error: S::Error| SendError::new(SendErrorKind::NoAnswer, error);
        let mut service = self.service.clone();
        poll_fn(|cx| service.poll_ready(cx)).await.map_err(failed)?;
        let response = service.call(request.map(&self.body)).await.map_err(failed)?;
        Answer::read(response).await
    }
}
