//! Runs the service on a verified delivery: here, or under a lease in a separate task.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use countersign_core::{
    Rejection,
    adapter::Answer,
    dedupe::{Dedupe, Lease, Outcome},
    provider::Provider,
};
use http::{Request, Response};
use pin_project_lite::pin_project;
use tokio::task::JoinHandle;
use tower_service::Service;
use tracing::Instrument;

/// The way in which a service is run. It must be `Send` only if it can run in a separate task.
#[doc(hidden)]
pub trait Run<S: Service<Request<B>>, B, ResBody> {
    fn run(service: S, request: Request<B>, lease: Option<Lease>) -> Running<S::Future, S::Response, S::Error>;

    /// The response to a duplicate.
    fn duplicate(answer: &Answer) -> Response<ResBody>;
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
    fn run(mut service: S, request: Request<B>, _: Option<Lease>) -> Running<S::Future, S::Response, S::Error> {
        Running::Here { response: service.call(request) }
    }

    fn duplicate(_: &Answer) -> Response<ResBody> {
        unreachable!("nothing is claimed, and so nothing is a duplicate")
    }
}

impl<S, B, ResBody> Run<S, B, ResBody> for Dedupe
where
    S: Service<Request<B>, Response = Response<ResBody>> + Send + 'static,
    S::Future: Send,
    S::Error: Send,
    B: Send + 'static,
    ResBody: Default + Send + 'static,
{
    fn run(mut service: S, request: Request<B>, lease: Option<Lease>) -> Running<S::Future, S::Response, S::Error> {
        // Without a lease it is a test event, or one that is handled although the store cannot answer.
        let Some(lease) = lease else { return Running::Here { response: service.call(request) } };
        let handler = async move { service.call(request).await };
        let outcome = |answer: &Result<Response<ResBody>, S::Error>| match answer {
            Ok(response) => Outcome::of(response.status().as_u16(), response.extensions().get()),
            Err(_) => Outcome::NotDone,
        };
        let held = lease.hold(handler, outcome, tokio::time::sleep);
        Running::InTask { task: tokio::spawn(held.in_current_span()) }
    }

    fn duplicate(answer: &Answer) -> Response<ResBody> {
        Response::from(answer).map(|_| ResBody::default())
    }
}

pin_project! {
    /// A running service.
    #[doc(hidden)]
    #[project = RunningProj]
    pub enum Running<F, T, E> {
        Here { #[pin] response: F },
        InTask { task: JoinHandle<Result<Result<T, E>, Rejection>> },
    }
}

impl<F: Future<Output = Result<T, E>>, T, E> Running<F, T, E> {
    /// `Err` is the answer to a handler that was stopped.
    pub(crate) fn poll<P: Provider>(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<Result<T, E>, Answer>> {
        match self.project() {
            RunningProj::Here { response } => response.poll(cx).map(Ok),
            RunningProj::InTask { task } => Pin::new(task)
                .poll(cx)
                .map(|held| Answer::of_task::<P, _>(held.map_err(|stopped| stopped.try_into_panic().ok()))),
        }
    }
}
