//! Waits for the user's own code: with a timeout, and through its panics.

use std::{
    error::Error,
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
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
    let (mut answer, mut time) = (pin!(answer), pin!(time));
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(cx))) {
        Ok(Poll::Ready(Ok(answer))) => Poll::Ready(Ok(answer)),
        Ok(Poll::Ready(Err(error))) => Poll::Ready(Err(Rejection::theirs(failed, error))),
        Ok(Poll::Pending) => time.as_mut().poll(cx).map(|()| Err(Rejection::new(timed_out))),
        Err(_) => Poll::Ready(Err(Rejection::new(failed))),
    })
    .await
}
