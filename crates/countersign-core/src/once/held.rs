//! A delivery while its handler runs.

use std::{
    any::Any,
    fmt,
    future::{Future, poll_fn},
    mem::forget,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};

use super::{
    DeliveryId, DeliveryKey, LeaseState, LeaseToken, Outcome, StoreResult, context::InContext, running::Handler,
    settings::Settings,
};
use crate::{
    error::{Rejection, RejectionKind},
    provider::Provider,
    wait::{ask, poll_within},
};

/// The end of a handler.
pub(super) enum End<T> {
    Answered(T, Outcome),
    Panicked(Box<dyn Any + Send>),
    Stopped(RejectionKind),
}

pub(super) struct Held {
    settings: Arc<Settings>,
    /// `None` if nothing is claimed.
    claim: Option<(DeliveryKey, LeaseToken)>,
    /// `None` if it is never a duplicate.
    id: Option<DeliveryId>,
    provider: &'static str,
    handler_timeout: Duration,
    retention: Duration,
    has_ended: bool,
}

impl Held {
    pub(super) fn new<P: Provider>(
        settings: Arc<Settings>,
        claim: Option<(DeliveryKey, LeaseToken)>,
        id: Option<DeliveryId>,
    ) -> Self {
        let (handler_timeout, retention) = (settings.handler_timeout_for::<P>(), settings.retention_for::<P>());
        Self { settings, claim, id, provider: P::NAME, handler_timeout, retention, has_ended: false }
    }

    /// Runs the handler, and drops it.
    pub(super) async fn run<T, S: Future<Output = ()>>(
        &self,
        handler: InContext<impl Future<Output = T>>,
        outcome: impl FnOnce(&T) -> Outcome,
        running: &mut Handler,
        sleep: impl Fn(Duration) -> S,
    ) -> End<T> {
        let (mut handler, mut deadline) = (pin!(handler), pin!(Some(sleep(self.handler_timeout))));
        let mut renewals = pin!(self.renew(&sleep));
        let mut outcome = Some(outcome);
        let mut is_renewing = true;
        let end = poll_fn(|cx| {
            if running.is_stopping() {
                return Poll::Ready(End::Stopped(RejectionKind::ShuttingDown));
            }
            // Before the handler, like the deadline: it may use up the task's budget.
            if is_renewing && renewals.as_mut().poll(cx).is_ready() {
                is_renewing = false;
            }
            let answered = poll_within(
                deadline.as_mut(),
                || None,
                cx,
                |cx| {
                    let polled = catch_unwind(AssertUnwindSafe(|| {
                        handler.as_mut().poll(cx).map(|answer| {
                            let outcome = outcome.take().map_or(Outcome::NotDone, |outcome| outcome(&answer));
                            End::Answered(answer, outcome)
                        })
                    }));
                    polled.unwrap_or_else(|panic| Poll::Ready(End::Panicked(panic)))
                },
            );
            match answered {
                Poll::Ready(end) => Poll::Ready(end.unwrap_or(End::Stopped(RejectionKind::HandlerTimeout))),
                Poll::Pending => running.poll_stop(cx).map(|()| End::Stopped(RejectionKind::ShuttingDown)),
            }
        })
        .await;
        let end = match (end, handler.as_mut().end()) {
            (end, Ok(())) => end,
            (End::Answered(answer, _), Err(panic)) => {
                // To drop it may panic, too.
                if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(answer))) {
                    forget(another);
                }
                End::Panicked(panic)
            }
            (end, Err(panic)) => {
                // To drop it may panic again.
                forget(panic);
                end
            }
        };
        if let End::Stopped(RejectionKind::HandlerTimeout) = end {
            self.settings.counters.add(|counters| &counters.timed_out);
        }
        end
    }

    pub(super) fn has_ended(&mut self) {
        self.has_ended = true;
    }

    /// Renews the lease until it is lost. After a failure of the store it tries again at the next
    /// renewal.
    async fn renew<S: Future<Output = ()>>(&self, sleep: impl Fn(Duration) -> S) {
        let Some((key, token)) = self.claim else { return };
        loop {
            sleep(self.settings.renewal()).await;
            let renewal = async { self.settings.store.renew(key, token, self.settings.lease).await };
            match self.answer(renewal, &sleep).await {
                Ok(LeaseState::Held) => {}
                Ok(LeaseState::Lost) => {
                    return self.warn(
                        "the lease was lost while the handler was running: the delivery may be handled twice",
                        None,
                    );
                }
                Err(error) => self.warn("the lease could not be renewed: the next renewal tries again", Some(&error)),
            }
        }
    }

    pub(super) async fn commit<S: Future<Output = ()>>(&self, sleep: impl Fn(Duration) -> S) {
        let Some((key, token)) = self.claim else { return };
        let commit = async { self.settings.store.commit(key, token, self.retention).await };
        let counters = &self.settings.counters;
        match self.answer(commit, sleep).await {
            Ok(LeaseState::Held) => counters.add(|counters| &counters.committed),
            Ok(LeaseState::Lost) => self.lost(),
            Err(error) => {
                counters.add(|counters| &counters.not_committed);
                tracing::error!(
                    target: "countersign", provider = self.provider, detail = detail(&error),
                    "the delivery was handled but could not be committed: it may be handled again"
                );
            }
        }
    }

    pub(super) async fn release<S: Future<Output = ()>>(&self, sleep: impl Fn(Duration) -> S) {
        let Some((key, token)) = self.claim else { return };
        let release = async { self.settings.store.release(key, token).await };
        let counters = &self.settings.counters;
        match self.answer(release, sleep).await {
            Ok(LeaseState::Held) => counters.add(|counters| &counters.released),
            Ok(LeaseState::Lost) => self.lost(),
            Err(error) => {
                counters.add(|counters| &counters.not_released);
                self.warn("the delivery could not be released: it stays claimed until its lease expires", Some(&error));
            }
        }
    }

    fn lost(&self) {
        self.settings.counters.add(|counters| &counters.lost);
        self.warn("the lease expired before the delivery was handled: it may have been handled twice", None);
    }

    fn warn(&self, message: &str, error: Option<&Rejection>) {
        tracing::warn!(target: "countersign", provider = self.provider, detail = error.and_then(detail), "{message}");
    }

    async fn answer<S: Future<Output = ()>>(
        &self,
        answer: impl Future<Output = StoreResult<LeaseState>>,
        sleep: impl Fn(Duration) -> S,
    ) -> Result<LeaseState, Rejection> {
        let unavailable = RejectionKind::StoreUnavailable;
        ask(answer, sleep(self.settings.store_timeout), unavailable, unavailable).await
    }
}

/// A runtime that shuts down drops its tasks, and nothing can be awaited then.
impl Drop for Held {
    fn drop(&mut self) {
        if self.has_ended {
            return;
        }
        let delivery_id = self.id.as_ref().map(DeliveryId::for_log).map(tracing::field::display);
        let message = match self.claim {
            Some(_) => "the handler was dropped before it ended: its delivery stays claimed until the lease expires",
            None => "the handler was dropped before it ended",
        };
        tracing::warn!(target: "countersign", provider = self.provider, delivery_id, "{message}");
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held").field("provider", &self.provider).field("claim", &self.claim).finish_non_exhaustive()
    }
}

/// The store's own error. A store gets a digest, a token and a time, so it cannot quote the
/// delivery.
pub(super) fn detail(error: &Rejection) -> Option<String> {
    std::error::Error::source(error).map(ToString::to_string)
}
