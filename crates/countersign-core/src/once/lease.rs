//! The claim's state machine: claimed, then committed or released.

use std::{
    any::Any,
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::pin,
    task::Poll,
    time::Duration,
};

use super::{Claim, Dedupe, DeliveryKey, LeaseState, LeaseToken, Outcome, StoreResult, WhenUnavailable};
use crate::{
    delivery::Delivery,
    error::{VerifyError, VerifyErrorKind},
    provider::Provider,
    wait::ask,
};

/// What to do with a verified delivery. More may be added.
#[derive(Debug)]
#[non_exhaustive]
pub enum Admission {
    /// Handle it, by [`Lease::hold`].
    Claimed(Lease),
    /// Handle it: it is one that is never a duplicate, or the store could not answer and that is to be risked.
    Unclaimed,
    /// Answer with success, without its handler: it was handled before.
    Duplicate,
    /// Refuse it: it is being handled, or the store cannot answer.
    Rejected(VerifyError),
}

impl Dedupe {
    /// Claims a verified delivery. `sleep` makes a future that is ready after a time: `tokio::time::sleep`.
    pub async fn admit<P: Provider, S: Future<Output = ()>>(
        &self,
        delivery: &Delivery<P>,
        sleep: impl Fn(Duration) -> S,
    ) -> Admission {
        let Some(id) = delivery.delivery_id() else { return Admission::Unclaimed };
        let lease = Lease {
            dedupe: self.clone(),
            key: DeliveryKey::new(&self.namespace, delivery.matched_secret().tenant(), P::NAME, &id),
            token: LeaseToken::unique(),
            provider: P::NAME,
        };
        let claim = async { self.store.claim(lease.key, lease.token, self.lease).await };
        let unavailable = VerifyErrorKind::StoreUnavailable;
        match ask(claim, sleep(self.store_timeout), unavailable, unavailable).await {
            Ok(Claim::New) => Admission::Claimed(lease),
            Ok(Claim::InFlight) => {
                self.counters.add(|counters| &counters.in_flight);
                Admission::Rejected(VerifyErrorKind::InFlight.into())
            }
            Ok(Claim::Done) => {
                self.counters.add(|counters| &counters.duplicates);
                tracing::debug!(target: "countersign", provider = P::NAME, "a duplicate is answered without its handler");
                Admission::Duplicate
            }
            Err(error) => {
                self.counters.add(|counters| &counters.unavailable);
                if self.when_unavailable == WhenUnavailable::Reject {
                    return Admission::Rejected(error);
                }
                tracing::error!(
                    target: "countersign", provider = P::NAME, reason = unavailable.code(), detail = detail(&error),
                    "the store cannot answer: a delivery is handled even though it may have been before"
                );
                Admission::Unclaimed
            }
        }
    }
}

/// A delivery that is claimed. Dropped without [`hold`](Self::hold), it can be claimed again when its lease is over.
#[derive(Debug)]
#[must_use = "the delivery stays claimed until the lease is over"]
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
    /// Runs `handler` to its end and renews the lease meanwhile; then commits it if the handler's answer is `done`, and
    /// releases it if not. To be run in a task of its own, so that nobody can stop it half way.
    ///
    /// A panic of the handler goes on from here, after the release. If the store fails now, the answer stands: what was
    /// done and is not remembered may run again.
    ///
    /// # Errors
    ///
    /// [`HandlerTimeout`](VerifyErrorKind::HandlerTimeout), once the handler is dropped.
    pub async fn hold<T, S: Future<Output = ()>>(
        self,
        handler: impl Future<Output = T>,
        outcome: impl FnOnce(&T) -> Outcome,
        sleep: impl Fn(Duration) -> S,
    ) -> Result<T, VerifyError> {
        // It is dropped in there: a handler that still runs must not find its delivery claimed by another.
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
                Err(VerifyErrorKind::HandlerTimeout.into())
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

    /// Renews the lease until it is lost. What the store cannot say now it may say next time.
    async fn renew<S: Future<Output = ()>>(&self, sleep: impl Fn(Duration) -> S) {
        loop {
            sleep(self.dedupe.renewal).await;
            let renewal = async { self.dedupe.store.renew(self.key, self.token, self.dedupe.lease).await };
            match self.answer(renewal, &sleep).await {
                Ok(LeaseState::Held) => {}
                Ok(LeaseState::Lost) => {
                    return self.warn("the lease of a delivery was lost while its handler runs", None);
                }
                Err(error) => self.warn("the lease of a delivery could not be renewed", Some(&error)),
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
                    "a delivery was handled and could not be remembered: it may be handled again"
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
                self.warn("a delivery could not be given up: it stays claimed until its lease is over", Some(&error));
            }
        }
    }

    fn lost(&self) {
        self.dedupe.counters.add(|counters| &counters.lost);
        self.warn("the lease of a delivery ran out before it was handled: it may have been handled twice", None);
    }

    fn warn(&self, message: &str, error: Option<&VerifyError>) {
        tracing::warn!(target: "countersign", provider = self.provider, detail = error.and_then(detail), "{message}");
    }

    async fn answer<S: Future<Output = ()>>(
        &self,
        answer: impl Future<Output = StoreResult<LeaseState>>,
        sleep: impl Fn(Duration) -> S,
    ) -> Result<LeaseState, VerifyError> {
        let unavailable = VerifyErrorKind::StoreUnavailable;
        ask(answer, sleep(self.dedupe.store_timeout), unavailable, unavailable).await
    }
}

/// What the store says. It is given a digest, a token and a time, so that it cannot quote the delivery.
fn detail(error: &VerifyError) -> Option<String> {
    std::error::Error::source(error).map(ToString::to_string)
}
