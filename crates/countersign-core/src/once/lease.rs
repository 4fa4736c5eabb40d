//! The states of a delivery: claimed, then committed or released.

use std::{fmt, future::Future, panic::resume_unwind, sync::Arc, time::Duration};

use super::{
    Claim, Dedupe, DeliveryId, DeliveryKey, LeaseToken, Outcome, WhenUnavailable,
    context::{Context, InContext},
    held::{End, Held, detail},
    running::Handler,
};
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
    /// Handle it with [`Lease::hold`], too. Nothing is claimed: either the delivery has no identity
    /// and is never a duplicate, such as a test event, or the store cannot answer and
    /// [`RiskHandlingTwice`](WhenUnavailable::RiskHandlingTwice) is set.
    Unclaimed(Lease),
    /// Answer it with 200 without running the handler: it was handled before.
    Duplicate,
    /// Reject it: an equal delivery is in flight, the store cannot answer, or the receiver is
    /// shutting down.
    Rejected(Rejection),
}

impl Dedupe {
    /// Claims the verified delivery `id`. A delivery without an ID is never a duplicate.
    pub(crate) async fn claim<P: Provider, S: Future<Output = ()>>(
        &self,
        id: Option<DeliveryId>,
        matched: &MatchedSecret,
        sleep: impl Fn(Duration) -> S,
    ) -> Admission {
        if self.0.running.is_stopping() {
            return Admission::Rejected(Rejection::new(RejectionKind::ShuttingDown));
        }
        // Before the claim: it may panic.
        let context = self.0.capture.as_ref().map(|capture| capture());
        // From now on, `idle` and `stop` wait for it.
        let running = self.0.running.enter();
        let key = id.as_ref().and_then(|id| self.key_of(P::NAME, matched, id));
        let Some((id, key)) = id.zip(key) else {
            return Admission::Unclaimed(self.lease::<P>(None, None, None, context, running));
        };
        let token = LeaseToken::unique();
        let claim = async { self.0.store.claim(key, token, self.0.lease).await };
        let unavailable = RejectionKind::StoreUnavailable;
        match ask(claim, sleep(self.0.store_timeout), unavailable, unavailable).await {
            Ok(Claim::New) => Admission::Claimed(self.lease::<P>(Some(key), Some(token), Some(id), context, running)),
            Ok(Claim::InFlight) => {
                self.0.counters.add(|counters| &counters.in_flight);
                Admission::Rejected(Rejection::new(RejectionKind::InFlight))
            }
            Ok(Claim::Done) => {
                self.0.counters.add(|counters| &counters.duplicates);
                tracing::info!(
                    target: "countersign", provider = P::NAME, delivery_id = %id.for_log(),
                    "duplicate answered without running the handler"
                );
                Admission::Duplicate
            }
            Err(error) => {
                self.0.counters.add(|counters| &counters.unavailable);
                if self.0.when_unavailable == WhenUnavailable::Reject {
                    return Admission::Rejected(error);
                }
                tracing::error!(
                    target: "countersign", provider = P::NAME, reason = unavailable.code(), detail = detail(&error),
                    "the store cannot answer: the delivery is handled, although it may have been handled before"
                );
                Admission::Unclaimed(self.lease::<P>(Some(key), None, Some(id), context, running))
            }
        }
    }

    fn lease<P: Provider>(
        &self,
        key: Option<DeliveryKey>,
        token: Option<LeaseToken>,
        id: Option<DeliveryId>,
        context: Option<Context>,
        running: Handler,
    ) -> Lease {
        let held = Held::new::<P>(Arc::clone(&self.0), key.zip(token), id);
        Lease { key, held, running, context }
    }
}

/// A delivery that is to be handled, usually a claimed one.
///
/// If it is dropped before [`hold`](Self::hold) has ended, such as by a runtime that shuts down, a
/// warning is logged. The delivery can then be claimed again once the lease has expired.
#[must_use = "the delivery stays claimed until the lease expires"]
pub struct Lease {
    /// `None` if it is never a duplicate.
    key: Option<DeliveryKey>,
    held: Held,
    running: Handler,
    context: Option<Context>,
}

impl Lease {
    pub(crate) fn key(&self) -> Option<DeliveryKey> {
        self.key
    }

    /// Runs `handler` and renews the lease while it runs. Then commits the delivery if `outcome`
    /// returns [`Done`](Outcome::Done), and releases it otherwise.
    ///
    /// Run it in a separate task, so that a sender that disconnects does not stop the handler
    /// midway. If the handler panics, also when it is dropped, the panic is resumed after the
    /// release. If the store fails after the handler has run, the handler's response is still
    /// sent, and a retry may run the handler again.
    ///
    /// # Errors
    ///
    /// Returns [`HandlerTimeout`](RejectionKind::HandlerTimeout) if the handler misses its
    /// deadline, and [`ShuttingDown`](RejectionKind::ShuttingDown) after [`Dedupe::stop`]. The
    /// handler is then dropped.
    pub async fn hold<T, S: Future<Output = ()>>(
        self,
        handler: impl Future<Output = T>,
        outcome: impl FnOnce(&T) -> Outcome,
        sleep: impl Fn(Duration) -> S,
    ) -> Result<T, Rejection> {
        // `running` is dropped last: the handler runs until its delivery is committed or released.
        let Self { running: mut handles, mut held, context, .. } = self;
        // The handler is dropped inside `run`: while it runs, no other caller may claim its
        // delivery.
        let end = held.run(InContext::new(handler, context), outcome, &mut handles, &sleep).await;
        held.has_ended();
        match end {
            End::Answered(answer, Outcome::Done) => {
                held.commit(&sleep).await;
                Ok(answer)
            }
            End::Answered(answer, Outcome::NotDone) => {
                held.release(&sleep).await;
                Ok(answer)
            }
            End::Panicked(panic) => {
                held.release(&sleep).await;
                resume_unwind(panic)
            }
            End::Stopped(kind) => {
                held.release(&sleep).await;
                Err(Rejection::new(kind))
            }
        }
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease").field("held", &self.held).finish_non_exhaustive()
    }
}
