//! The states of a delivery: claimed, then committed or released.

use std::{
    any::Any,
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::pin,
    task::Poll,
    time::Duration,
};

use super::{Claim, Dedupe, DeliveryId, DeliveryKey, LeaseState, LeaseToken, Outcome, StoreResult, WhenUnavailable};
use crate::{
    error::{Rejection, RejectionKind},
    provider::Provider,
    secret::MatchedSecret,
    wait::ask,
};

/// The decision about a verified delivery. More may be added.
#[derive(Debug)]
#[non_exhaustive]
pub enum Admission {
    /// Handle it with [`Lease::hold`].
    Claimed(Lease),
    /// Handle it without a lease. Either it is a test event, which is never a duplicate, or the
    /// store cannot answer and [`RiskHandlingTwice`](WhenUnavailable::RiskHandlingTwice) is set.
    Unclaimed,
    /// Answer it with 200 without running the handler: it was handled before.
    Duplicate,
    /// Reject it: an equal delivery is in flight, or the store cannot answer.
    Rejected(Rejection),
}

impl Dedupe {
    /// Claims the verified delivery `id`.
    pub(crate) async fn claim<P: Provider, S: Future<Output = ()>>(
        &self,
        id: &DeliveryId,
        matched: &MatchedSecret,
        sleep: impl Fn(Duration) -> S,
    ) -> Admission {
        let lease = Lease {
            dedupe: self.clone(),
            key: self.key_of(P::NAME, matched, id),
            token: LeaseToken::unique(),
            provider: P::NAME,
        };
        let claim = async { self.store.claim(lease.key, lease.token, self.lease).await };
        let unavailable = RejectionKind::StoreUnavailable;
        match ask(claim, sleep(self.store_timeout), unavailable, unavailable).await {
            Ok(Claim::New) => Admission::Claimed(lease),
            Ok(Claim::InFlight) => {
                self.counters.add(|counters| &counters.in_flight);
                Admission::Rejected(Rejection::new(RejectionKind::InFlight))
            }
            Ok(Claim::Done) => {
                self.counters.add(|counters| &counters.duplicates);
                tracing::info!(
                    target: "countersign", provider = P::NAME, delivery_id = %id.for_log(),
                    "duplicate answered without running the handler"
                );
                Admission::Duplicate
            }
            Err(error) => {
                self.counters.add(|counters| &counters.unavailable);
                if self.when_unavailable == WhenUnavailable::Reject {
                    return Admission::Rejected(error);
                }
                tracing::error!(
                    target: "countersign", provider = P::NAME, reason = unavailable.code(), detail = detail(&error),
                    "the store cannot answer: the delivery is handled, although it may have been handled before"
                );
                Admission::Unclaimed
            }
        }
    }
}

/// A claimed delivery.
///
/// If it is dropped without [`hold`](Self::hold), the delivery can be claimed again once the lease
/// has expired.
#[derive(Debug)]
#[must_use = "the delivery stays claimed until the lease expires"]
pub struct Lease {
    dedupe: Dedupe,
    key: DeliveryKey,
    token: LeaseToken,
    provider: &'static str,
}

/// How a handler ended.
enum End<T> {
    Answered(T),
    Panicked(Box<dyn Any + Send>),
    TimedOut,
}

impl Lease {
    /// Runs `handler` and renews the lease while it runs. Then commits the delivery if `outcome`
    /// returns [`Done`](Outcome::Done), and releases it otherwise.
    ///
    /// Run it in a separate task, so that a sender that disconnects does not stop the handler
    /// midway. A panic of the handler is resumed after the release. If the store fails after the
    /// handler has run, the handler's response is still sent, and a retry may run the handler
    /// again.
    ///
    /// # Errors
    ///
    /// Returns [`HandlerTimeout`](RejectionKind::HandlerTimeout) if the handler misses its
    /// deadline. The handler is then dropped.
    pub async fn hold<T, S: Future<Output = ()>>(
        self,
        handler: impl Future<Output = T>,
        outcome: impl FnOnce(&T) -> Outcome,
        sleep: impl Fn(Duration) -> S,
    ) -> Result<T, Rejection> {
        // The handler is dropped inside `run`: while it runs, no other caller may claim its
        // delivery.
        let end = self.run(handler, &sleep).await;
        match end {
            End::Answered(answer) => {
                match outcome(&answer) {
                    Outcome::Done => self.commit(&sleep).await,
                    Outcome::NotDone => self.release(&sleep).await,
                }
                Ok(answer)
            }
            End::Panicked(panic) => {
                self.release(&sleep).await;
                resume_unwind(panic)
            }
            End::TimedOut => {
                self.dedupe.counters.add(|counters| &counters.timed_out);
                self.release(&sleep).await;
                Err(Rejection::new(RejectionKind::HandlerTimeout))
            }
        }
    }

    async fn run<T, S: Future<Output = ()>>(
        &self,
        handler: impl Future<Output = T>,
        sleep: impl Fn(Duration) -> S,
    ) -> End<T> {
        let (mut handler, mut deadline) = (pin!(handler), pin!(sleep(self.dedupe.handler_timeout)));
        let mut renewals = pin!(self.renew(&sleep));
        let mut is_renewing = true;
        poll_fn(|cx| {
            match catch_unwind(AssertUnwindSafe(|| handler.as_mut().poll(cx))) {
                Ok(Poll::Ready(answer)) => return Poll::Ready(End::Answered(answer)),
                Err(panic) => return Poll::Ready(End::Panicked(panic)),
                Ok(Poll::Pending) => {}
            }
            if is_renewing && renewals.as_mut().poll(cx).is_ready() {
                is_renewing = false;
            }
            deadline.as_mut().poll(cx).map(|()| End::TimedOut)
        })
        .await
    }

    /// Renews the lease until it is lost. After a failure of the store it tries again at the next
    /// renewal.
    async fn renew<S: Future<Output = ()>>(&self, sleep: impl Fn(Duration) -> S) {
        loop {
            sleep(self.dedupe.renewal).await;
            let renewal = async { self.dedupe.store.renew(self.key, self.token, self.dedupe.lease).await };
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

    async fn commit<S: Future<Output = ()>>(&self, sleep: impl Fn(Duration) -> S) {
        let commit = async { self.dedupe.store.commit(self.key, self.token, self.dedupe.retention).await };
        let counters = &self.dedupe.counters;
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

    async fn release<S: Future<Output = ()>>(&self, sleep: impl Fn(Duration) -> S) {
        let release = async { self.dedupe.store.release(self.key, self.token).await };
        let counters = &self.dedupe.counters;
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
        self.dedupe.counters.add(|counters| &counters.lost);
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
        ask(answer, sleep(self.dedupe.store_timeout), unavailable, unavailable).await
    }
}

/// The store's own error. A store gets a digest, a token and a time, so it cannot quote the
/// delivery.
fn detail(error: &Rejection) -> Option<String> {
    std::error::Error::source(error).map(ToString::to_string)
}
