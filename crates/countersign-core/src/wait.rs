//! Waiting for code that is not ours: within a time, and through its panics.

use std::{
    error::Error,
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
};

use crate::error::{VerifyError, VerifyErrorKind};

/// Waits for `answer` until `time` is over. A panic ends the answer alone: the delivery is refused as if it had failed,
/// and the process lives on.
pub(crate) async fn ask<T>(
    answer: impl Future<Output = Result<T, Box<dyn Error + Send + Sync>>>,
    time: impl Future<Output = ()>,
    failed: VerifyErrorKind,
    timed_out: VerifyErrorKind,
) -> Result<T, VerifyError> {
    let (mut answer, mut time) = (pin!(answer), pin!(time));
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(cx))) {
        Ok(Poll::Ready(Ok(answer))) => Poll::Ready(Ok(answer)),
        Ok(Poll::Ready(Err(error))) => Poll::Ready(Err(VerifyError::theirs(failed, error))),
        Ok(Poll::Pending) => time.as_mut().poll(cx).map(|()| Err(timed_out.into())),
        Err(_) => Poll::Ready(Err(failed.into())),
    })
    .await
}
