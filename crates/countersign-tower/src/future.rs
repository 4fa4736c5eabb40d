//! The future of a response: pumps the body, waits if the receiver has to, and runs the service.

use std::{
    future::Future,
    marker::PhantomData,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Buf, Bytes};
use countersign_core::{
    adapter::{Answer, Finish, Next, Receiving, Unreadable, Why},
    provider::Provider,
};
use http::{Request, Response, request::Parts};
use http_body::Body;
use http_body_util::LengthLimitError;
use pin_project_lite::pin_project;
use tokio::time::Sleep;
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
        Reading {
            #[pin]
            body: B,
            // Taken once, when the body is complete.
            receiving: Option<Receiving<P>>,
            timeout: Duration,
            // Set when the body is first not ready: most bodies come at once and cost no timer.
            #[pin]
            deadline: Option<Sleep>,
        },
        Waiting { next: Pin<Box<dyn Future<Output = Next<P>> + Send>> },
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

    pub(crate) fn reading(
        request: Request<ReqBody>,
        receiving: Receiving<P>,
        timeout: Duration,
        service: S,
        rejection: R,
    ) -> Self {
        let (parts, body) = request.into_parts();
        let state = State::Reading { body, receiving: Some(receiving), timeout, deadline: None };
        Self { state, ready: Some((parts, service)), rejection, dedupe: PhantomData }
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
                StateProj::Reading { body, receiving, timeout, deadline } => {
                    let read = match pump(body, receiving, cx) {
                        Poll::Ready(read) => read,
                        Poll::Pending => Err(ready!(expired::<P>(deadline, *timeout, cx))),
                    };
                    match read.map(|receiving| receiving.finish(tokio::time::sleep)) {
                        Ok(Finish::Ready(next)) => next,
                        Ok(Finish::Wait(next)) => {
                            this.state.set(State::Waiting { next });
                            continue;
                        }
                        Err(answer) => Next::Answer(answer),
                    }
                }
                StateProj::Waiting { next } => ready!(next.as_mut().poll(cx)),
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

/// Passes the frames received so far to the receiver.
fn pump<P: Provider, B>(
    mut body: Pin<&mut B>,
    receiving: &mut Option<Receiving<P>>,
    cx: &mut Context<'_>,
) -> Poll<Result<Receiving<P>, Answer>>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    for _ in 0..FRAMES_A_TURN {
        match (ready!(body.as_mut().poll_frame(cx)), receiving.as_mut()) {
            (Some(Ok(frame)), Some(receiving)) => {
                if let Ok(mut data) = frame.into_data() {
                    receiving.push(data.copy_to_bytes(data.remaining()))?;
                }
            }
            (Some(Err(error)), _) => return Poll::Ready(Err(body_error::<P>(error.into().as_ref()))),
            #[expect(clippy::expect_used, reason = "the state changes as soon as the body is complete")]
            (None | Some(Ok(_)), _) => return Poll::Ready(Ok(receiving.take().expect("a body ends once"))),
        }
    }
    // A sender of so many frames must neither keep the thread nor outrun the deadline.
    cx.waker().wake_by_ref();
    Poll::Pending
}

/// Completes with the answer when the deadline has passed.
fn expired<P: Provider>(
    mut deadline: Pin<&mut Option<Sleep>>,
    timeout: Duration,
    cx: &mut Context<'_>,
) -> Poll<Answer> {
    if deadline.is_none() {
        deadline.set(Some(tokio::time::sleep(timeout)));
    }
    match deadline.as_pin_mut() {
        Some(sleep) => sleep.poll(cx).map(|()| Receiving::<P>::timed_out()),
        None => Poll::Pending,
    }
}

/// An outer limit means 413. Anything else is a body that ended early or is malformed.
fn body_error<P: Provider>(error: &(dyn std::error::Error + 'static)) -> Answer {
    let mut causes = std::iter::successors(Some(error), |error| error.source());
    if causes.any(|error| error.is::<LengthLimitError>()) {
        Receiving::<P>::too_large()
    } else {
        Receiving::<P>::incomplete()
    }
}
