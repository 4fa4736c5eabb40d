//! Waits for the user's own code: with a timeout, and through its panics.

use std::{
    error::Error,
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    task::{Context, Poll},
};

use crate::error::{Rejection, RejectionKind};

/// Waits for `answer` until `time` is ready. A panic ends only the answer: the delivery is rejected
/// as after an error, and the process lives on.
pub(crate) async fn ask<T>(
    answer: impl Future<Output = Result<T, Box<dyn Error + Send + Sync>>>,
    time: impl Future<Output = ()>,
    failed: RejectionKind,
    timed_out: RejectionKind,
) -> Result<T, Rejection> {
    let (mut answer, mut time) = (pin!(answer), Some(time));
    let mut started = pin!(None);
    poll_fn(|cx| {
        let poll = |cx: &mut Context<'_>| match catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(cx))) {
            Ok(answer) => answer.map_err(|error| Rejection::theirs(failed, error)),
            Err(_) => Poll::Ready(Err(Rejection::new(failed))),
        };
        poll_within(started.as_mut(), || time.take(), cx, poll)
            .map(|answer| answer.unwrap_or_else(|| Err(Rejection::new(timed_out))))
    })
    .await
}

/// Polls until `time` is ready, which is `None`. If it is not started, it is once `poll` has to
/// wait: most futures are ready at once, and then cost no timer.
///
/// Later, the time is polled first. A future may use up its task's budget (of tokio) at each poll,
/// and a timer that is polled after it would never pass.
pub(crate) fn poll_within<T, S: Future<Output = ()>>(
    mut time: Pin<&mut Option<S>>,
    start: impl FnOnce() -> Option<S>,
    cx: &mut Context<'_>,
    poll: impl FnOnce(&mut Context<'_>) -> Poll<T>,
) -> Poll<Option<T>> {
    let is_over = time.as_mut().as_pin_mut().map(|time| time.poll(cx).is_ready());
    match (poll(cx), is_over) {
        (Poll::Ready(output), _) => Poll::Ready(Some(output)),
        (Poll::Pending, Some(true)) => Poll::Ready(None),
        (Poll::Pending, Some(false)) => Poll::Pending,
        (Poll::Pending, None) => {
            time.set(start());
            time.as_pin_mut().map_or(Poll::Pending, |time| time.poll(cx).map(|()| None))
        }
    }
}
