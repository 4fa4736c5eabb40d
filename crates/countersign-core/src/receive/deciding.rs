//! A delivery from the first frame of its body to the decision, as one future.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use pin_project_lite::pin_project;

use super::{
    answer::Answer,
    receiving::{Finish, Next, Receiving},
};
use crate::{error::RejectionKind, provider::Provider, wait::poll_within};

/// Polls a body for its next frame, and returns `None` at its end. For trailers, return an empty
/// frame.
///
/// The error is [`BodyTooLarge`](RejectionKind::BodyTooLarge) if the body exceeds the limit of an
/// outer layer, and [`BodyIncomplete`](RejectionKind::BodyIncomplete) if it ended early or is
/// malformed.
pub type PollFrame<B> = fn(Pin<&mut B>, &mut Context<'_>) -> Poll<Option<Result<Bytes, RejectionKind>>>;

pin_project! {
    /// A delivery from the first frame of its body to the decision: the future of
    /// [`Receiving::decide`].
    #[must_use = "futures do nothing unless polled"]
    pub struct Deciding<P, B, S>
    where
        P: Provider,
    {
        #[pin]
        state: State<P, B, S>,
        sleep: fn(Duration) -> S,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<P, B, S>
    where
        P: Provider,
    {
        Reading {
            #[pin]
            body: B,
            poll_frame: PollFrame<B>,
            frames_a_turn: u32,
            // Taken once, when the body is complete.
            receiving: Option<Receiving<P>>,
            timeout: Duration,
            // Set when the body is first not ready: most bodies come at once and cost no timer.
            #[pin]
            deadline: Option<S>,
        },
        Waiting { next: Pin<Box<dyn Future<Output = Next<P>> + Send>> },
    }
}

impl<P: Provider> Receiving<P> {
    /// Reads the body, within the [timeout](crate::adapter::Receiver::body_timeout), and then
    /// decides like [`finish`](Self::finish). A rejection is logged.
    ///
    /// It takes up to `frames_a_turn` frames in one poll, before other tasks run and the deadline
    /// is checked. `sleep` returns a future that completes after a duration, like
    /// `tokio::time::sleep`.
    pub fn decide<B, S>(
        self,
        body: B,
        poll_frame: PollFrame<B>,
        frames_a_turn: u32,
        sleep: fn(Duration) -> S,
    ) -> Deciding<P, B, S> {
        let timeout = self.0.settings.body_timeout;
        let state = State::Reading { body, poll_frame, frames_a_turn, receiving: Some(self), timeout, deadline: None };
        Deciding { state, sleep }
    }
}

impl<P, B, S> Future for Deciding<P, B, S>
where
    P: Provider,
    S: Future<Output = ()> + Send + 'static,
{
    type Output = Next<P>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Next<P>> {
        let mut this = self.project();
        loop {
            match this.state.as_mut().project() {
                StateProj::Reading { body, poll_frame, frames_a_turn, receiving, timeout, deadline } => {
                    let start = || Some((this.sleep)(*timeout));
                    let read =
                        poll_within(deadline, start, cx, |cx| read(body, *poll_frame, *frames_a_turn, receiving, cx));
                    #[expect(clippy::expect_used, reason = "it is taken when the body is complete")]
                    let read = ready!(read)
                        .unwrap_or_else(|| Err(receiving.as_ref().expect("the body is not complete").timed_out()));
                    match read.map(|receiving| receiving.finish(*this.sleep)) {
                        Ok(Finish::Ready(next)) => return Poll::Ready(next),
                        Ok(Finish::Wait(next)) => this.state.set(State::Waiting { next }),
                        Err(answer) => return Poll::Ready(Next::Answer(answer)),
                    }
                }
                StateProj::Waiting { next } => return next.as_mut().poll(cx),
            }
        }
    }
}

/// Pushes the frames received so far.
fn read<P: Provider, B>(
    mut body: Pin<&mut B>,
    poll_frame: PollFrame<B>,
    frames_a_turn: u32,
    receiving: &mut Option<Receiving<P>>,
    cx: &mut Context<'_>,
) -> Poll<Result<Receiving<P>, Answer>> {
    for _ in 0..frames_a_turn {
        match (ready!(poll_frame(body.as_mut(), cx)), receiving.as_mut()) {
            (Some(Ok(frame)), Some(receiving)) => receiving.push(frame)?,
            (Some(Err(RejectionKind::BodyTooLarge)), Some(receiving)) => {
                return Poll::Ready(Err(receiving.too_large()));
            }
            (Some(Err(_)), Some(receiving)) => return Poll::Ready(Err(receiving.incomplete())),
            #[expect(clippy::expect_used, reason = "the state changes as soon as the body is complete")]
            (None, _) | (_, None) => return Poll::Ready(Ok(receiving.take().expect("a body ends once"))),
        }
    }
    // A sender of so many frames must neither keep the thread nor outrun the deadline.
    cx.waker().wake_by_ref();
    Poll::Pending
}
