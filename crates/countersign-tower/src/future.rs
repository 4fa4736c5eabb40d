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
    RejectionKind,
    adapter::{Answer, Deciding, Next, Receiving, Unreadable, Why},
    provider::Provider,
};
use http::{Request, Response, request::Parts};
use http_body::Body;
use http_body_util::LengthLimitError;
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep};
use tower_service::Service;

use crate::{
    rejection::{RejectionResponse, rejected},
    run::{Run, Running},
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
        state: State<S::Future, S::Response, S::Error, P, ReqBody>,
        // Taken once, when the delivery is verified: the rest of the request, and the service that was polled ready.
        ready: Option<(Parts, S)>,
        rejection: R,
        dedupe: PhantomData<fn() -> D>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F, T, E, P, B>
    where
        P: Provider,
    {
        Answered { answer: Answer },
        Deciding {
            #[pin]
            next: Deciding<P, B, Sleep>,
        },
        Running {
            #[pin]
            running: Running<F, T, E>,
            unreadable: Option<Arc<Unreadable<P>>>,
        },
    }
}

impl<S, P, R, D, ReqBody> ResponseFuture<S, P, R, D, ReqBody>
where
    S: Service<Request<ReqBody>>,
    P: Provider,
{
    pub(crate) fn answered(answer: Answer, rejection: R) -> Self {
        Self { state: State::Answered { answer }, ready: None, rejection, dedupe: PhantomData }
    }

    pub(crate) fn reading(request: Request<ReqBody>, receiving: Receiving<P>, service: S, rejection: R) -> Self
    where
        ReqBody: Body,
        ReqBody::Error: Into<BoxError>,
    {
        let (parts, body) = request.into_parts();
        let next = receiving.decide(body, poll_frame, FRAMES_A_TURN, sleep);
        Self { state: State::Deciding { next }, ready: Some((parts, service)), rejection, dedupe: PhantomData }
    }
}

impl<S, P, R, D, ReqBody, ResBody> Future for ResponseFuture<S, P, R, D, ReqBody>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    P: Provider,
    R: RejectionResponse<ResBody>,
    D: Run<S, ReqBody, ResBody>,
    ReqBody: Body + From<Bytes>,
    ReqBody::Error: Into<BoxError>,
{
    type Output = Result<Response<ResBody>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let next = match this.state.as_mut().project() {
                StateProj::Answered { answer } => {
                    return Poll::Ready(Ok(match answer.why() {
                        Why::Rejected(rejection) => rejected(this.rejection, rejection),
                        _ => D::duplicate(answer),
                    }));
                }
                StateProj::Deciding { next } => ready!(next.poll(cx)),
                StateProj::Running { running, unreadable } => match ready!(running.poll::<P>(cx)) {
                    Ok(response) => {
                        return Poll::Ready(response.map(|response| {
                            let status = response.status().as_u16();
                            match unreadable.as_ref().and_then(|unreadable| unreadable.answered(status)) {
                                Some(rejection) => rejected(this.rejection, rejection),
                                None => response,
                            }
                        }));
                    }
                    Err(answer) => Next::Answer(answer),
                },
            };
            let next = match (next, this.ready.take()) {
                (Next::Handle(received, lease), Some((mut parts, service))) => {
                    let (body, unreadable) = (received.body().clone(), received.unreadable());
                    parts.extensions.insert(received);
                    let request = Request::from_parts(parts, body.into());
                    State::Running { running: D::run(service, request, lease), unreadable }
                }
                (Next::Answer(answer), _) => State::Answered { answer },
                (Next::Handle(..), None) => unreachable!("a delivery is handled once"),
            };
            this.state.set(next);
        }
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
