//! The future of a response: pumps the body, waits if the receiver has to, and runs the service.

use std::{
    future::Future,
    iter::successors,
    marker::PhantomData,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use countersign_core::{
    Rejection, RejectionKind,
    adapter::{Answer, Deciding, Next, Receiving, Unreadable, Why},
    provider::Provider,
};
use http::{Request, Response, request::Parts};
use http_body::Body;
use http_body_util::LengthLimitError;
use pin_project_lite::pin_project;
use tokio::{
    task::{JoinHandle, Unconstrained},
    time::Sleep,
};
use tower_service::Service;

use crate::{
    rejection::{RejectionResponse, rejected},
    run::{Run, sleep},
};

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The number of frames taken in one poll, before other tasks run and the deadline is checked.
const FRAMES_A_TURN: u32 = 128;

pin_project! {
    /// The future of [`VerifyWebhookService`](crate::VerifyWebhookService).
    pub struct ResponseFuture<S, P, R, D, ReqBody>
    where
        S: Service<Request<ReqBody>>,
        P: Provider,
    {
        #[pin]
        state: State<S, P, ReqBody>,
        unreadable: Option<Arc<Unreadable<P>>>,
        rejection: R,
        dedupe: PhantomData<fn() -> D>,
    }
}

pin_project! {
    #[doc(hidden)]
    #[project = StateProj]
    pub enum State<S, P, B>
    where
        S: Service<Request<B>>,
        P: Provider,
    {
        Answered { answer: Answer },
        Deciding {
            #[pin]
            next: Deciding<P, B, Unconstrained<Sleep>>,
            // Taken once, when the delivery is verified: the rest of the request, and the service.
            rest: Option<(Parts, S)>,
        },
        // Taken once, when the service is ready.
        Readying { service: S, request: Option<Request<B>> },
        Here { #[pin] response: S::Future },
        InTask { task: JoinHandle<Result<Result<S::Response, S::Error>, Rejection>> },
    }
}

impl<S, P, R, D, ReqBody> ResponseFuture<S, P, R, D, ReqBody>
where
    S: Service<Request<ReqBody>>,
    P: Provider,
{
    pub(crate) fn answered(answer: Answer, rejection: R) -> Self {
        Self { state: State::Answered { answer }, unreadable: None, rejection, dedupe: PhantomData }
    }

    pub(crate) fn reading(request: Request<ReqBody>, receiving: Receiving<P>, service: S, rejection: R) -> Self
    where
        ReqBody: Body,
        ReqBody::Error: Into<BoxError>,
    {
        let (parts, body) = request.into_parts();
        let next = receiving.decide(body, poll_frame, FRAMES_A_TURN, sleep);
        let state = State::Deciding { next, rest: Some((parts, service)) };
        Self { state, unreadable: None, rejection, dedupe: PhantomData }
    }
}

impl<S, P, R, D, ReqBody, ResBody> Future for ResponseFuture<S, P, R, D, ReqBody>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    P: Provider,
    ResBody: From<Bytes>,
    R: RejectionResponse<ResBody>,
    D: Run<S, ReqBody, ResBody>,
    ReqBody: Body + From<Bytes>,
    ReqBody::Error: Into<BoxError>,
{
    type Output = Result<Response<ResBody>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let response = loop {
            let next = match this.state.as_mut().project() {
                StateProj::Answered { answer } => {
                    return Poll::Ready(Ok(match answer.why() {
                        Why::Rejected(rejection) => rejected(this.rejection, rejection),
                        _ => Response::from(&*answer).map(ResBody::from),
                    }));
                }
                StateProj::Deciding { next, rest } => match (ready!(next.poll(cx)), rest.take()) {
                    (Next::Handle(received, lease), Some((mut parts, service))) => {
                        let body = received.body().clone();
                        *this.unreadable = received.unreadable();
                        parts.extensions.insert(received);
                        D::run(service, Request::from_parts(parts, body.into()), lease)
                    }
                    (Next::Answer(answer), _) => State::Answered { answer },
                    (Next::Handle(..), None) => unreachable!("a delivery is handled once"),
                },
                StateProj::Readying { service, request } => match (ready!(service.poll_ready(cx)), request.take()) {
                    (Ok(()), Some(request)) => State::Here { response: service.call(request) },
                    (Ok(()), None) => unreachable!("a service is called once"),
                    (Err(error), _) => return Poll::Ready(Err(error)),
                },
                StateProj::Here { response } => break ready!(response.poll(cx))?,
                StateProj::InTask { task } => {
                    let held = ready!(Pin::new(task).poll(cx)).map_err(|stopped| stopped.try_into_panic().ok());
                    match Answer::of_task::<P, _>(held) {
                        Ok(response) => break response?,
                        Err(answer) => State::Answered { answer },
                    }
                }
            };
            this.state.set(next);
        };
        let status = response.status().as_u16();
        Poll::Ready(Ok(match this.unreadable.as_ref().and_then(|unreadable| unreadable.answered(status)) {
            Some(rejection) => rejected(this.rejection, rejection),
            None => response,
        }))
    }
}

/// Polls for the data of the next frame. Trailers have none.
fn poll_frame<B>(body: Pin<&mut B>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, RejectionKind>>>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    body.poll_frame(cx)
        .map_ok(|frame| {
            frame.into_data().map_or_else(|_| Bytes::new(), |mut data| data.copy_to_bytes(data.remaining()))
        })
        .map_err(|error| body_error(error.into().as_ref()))
}

/// An outer limit means 413. Anything else is a body that ended early or is malformed.
fn body_error(error: &(dyn std::error::Error + 'static)) -> RejectionKind {
    let is_limit = successors(Some(error), |error| error.source()).any(|error| error.is::<LengthLimitError>());
    if is_limit { RejectionKind::BodyTooLarge } else { RejectionKind::BodyIncomplete }
}
