//! Runs the service on a verified delivery: here, or under a lease in a separate task.

use std::{future::poll_fn, time::Duration};

use countersign_core::{
    dedupe::{Dedupe, Lease, Outcome},
    provider::Provider,
};
use http::{Request, Response};
use tokio::{
    task::{Unconstrained, unconstrained},
    time::Sleep,
};
use tower_service::Service;
use tracing::Instrument;

use crate::future::State;

/// The way in which a service is run. It must be `Send` only if it can run in a separate task.
#[doc(hidden)]
pub trait Run<S: Service<Request<B>>, B, ResBody> {
    fn run<P: Provider>(service: S, request: Request<B>, lease: Option<Lease>) -> State<S, P, B>;
}

/// Marks a [`VerifyWebhook`](crate::VerifyWebhook) without
/// [`with_dedupe`](crate::VerifyWebhook::with_dedupe): a delivery may be handled more than once.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct NoDedupe;

impl<S, B, ResBody> Run<S, B, ResBody> for NoDedupe
where
    S: Service<Request<B>, Response = Response<ResBody>>,
{
    fn run<P: Provider>(service: S, request: Request<B>, _: Option<Lease>) -> State<S, P, B> {
        State::Readying { service, request: Some(request) }
    }
}

impl<S, B, ResBody> Run<S, B, ResBody> for Dedupe
where
    S: Service<Request<B>, Response = Response<ResBody>> + Send + 'static,
    S::Future: Send,
    S::Error: Send,
    B: Send + 'static,
    ResBody: Send + 'static,
{
    fn run<P: Provider>(mut service: S, request: Request<B>, lease: Option<Lease>) -> State<S, P, B> {
        let Some(lease) = lease else { return State::Readying { service, request: Some(request) } };
        let handler = async move {
            poll_fn(|cx| service.poll_ready(cx)).await?;
            service.call(request).await
        };
        let outcome = |answer: &Result<Response<ResBody>, S::Error>| match answer {
            Ok(response) => Outcome::of(response.status().as_u16(), response.extensions().get()),
            Err(_) => Outcome::NotDone,
        };
        let held = lease.hold(handler, outcome, sleep);
        State::InTask { task: tokio::spawn(held.in_current_span()) }
    }
}

/// A timer that does not depend on what else in its task uses up the task's budget.
pub(crate) fn sleep(duration: Duration) -> Unconstrained<Sleep> {
    unconstrained(tokio::time::sleep(duration))
}
