//! An attempt to handle a delivery, from its claim to its end in the store.

use std::{sync::Arc, time::Duration};

use countersign_core::{
    Clock,
    dedupe::LeaseState,
    seal::{SealError, SealErrorKind},
};

use crate::{
    backoff::Backoff,
    counters::Counting,
    end::{End, Kind},
    handler::{Erased, unless_it_panics},
    inbox::{Core, Inbox},
    received::milliseconds,
    store::{Claimed, Settled},
};

/// How often the end is told to a store that fails.
const TELL_AGAIN: Duration = Duration::from_millis(500);

pub(super) struct Trial {
    core: Arc<Core>,
    /// `None` if the provider lost its handler, which the claim does not ask for.
    handler: Option<Arc<dyn Erased>>,
    claimed: Claimed,
    backoff: Backoff,
    timeout: Duration,
    keep_bodies: Option<Duration>,
    clock: Clock,
}

impl Trial {
    pub(super) fn new(inbox: &Inbox, claimed: Claimed) -> Self {
        let registered = inbox.handlers.get(claimed.sealed.columns().provider.as_str()).or(inbox.any.as_ref());
        let settings = &inbox.settings;
        Self {
            core: Arc::clone(&inbox.core),
            handler: registered.map(|registered| Arc::clone(&registered.handler)),
            claimed,
            backoff: registered.and_then(|registered| registered.backoff).unwrap_or(settings.backoff),
            timeout: settings.attempt_timeout,
            keep_bodies: settings.keep_bodies,
            clock: settings.clock.clone(),
        }
    }

    pub(super) async fn run(self) {
        let settled = self.settled().await;
        self.count(&settled);
        let (claim, mut has_failed) = (self.claimed.claim, false);
        // For as long as it takes: while this process lives, nobody else takes the row.
        loop {
            match self.core.store.settle(claim, settled.clone()).await {
                Ok(LeaseState::Held) => return,
                Ok(_) => {
                    tracing::warn!(
                        target: "countersign", row = %claim.id,
                        "the lease of a delivery was lost before its end could be stored: it may be handled again"
                    );
                    return;
                }
                Err(error) if !std::mem::replace(&mut has_failed, true) => {
                    tracing::error!(
                        target: "countersign", row = %claim.id, error = %error,
                        "the end of a delivery cannot be stored yet: if this process dies before it is, the delivery is \
                         handled again"
                    );
                }
                Err(_) => {}
            }
            tokio::time::sleep(TELL_AGAIN).await;
        }
    }

    /// Runs the handler, and decides what becomes of the row.
    async fn settled(&self) -> Settled {
        // A panic may come from the handler, from the page that reads the event, and from whatever is dropped.
        let ended = unless_it_panics(Box::pin(self.ended())).await;
        let end = match ended.unwrap_or_else(|why| Ok(End::retry(format!("the handler panicked: {why}")))) {
            Ok(End(end)) => end,
            Err(settled) => return settled,
        };
        let (now, attempt) = (milliseconds(self.clock.now()), self.claimed.claim.attempt);
        match end {
            Kind::Done => Settled::Done { now, keep_body_until: self.keep_bodies.map(|keep| later(now, keep)) },
            Kind::Retry { why, .. } if self.is_last() => Settled::Dead { now, why },
            Kind::Retry { after, why } => {
                let delay = after.unwrap_or_else(|| self.backoff.delay(attempt, random()));
                Settled::Retry { now, due: later(now, delay), why }
            }
            Kind::GiveUp { why } => Settled::Dead { now, why },
        }
    }

    /// Runs the handler, if the row becomes a delivery.
    async fn ended(&self) -> Result<End, Settled> {
        let Some(handler) = &self.handler else { return Err(Settled::Returned) };
        let attempt = handler.begin(&self.claimed, &self.core.keys, self.backoff.attempts());
        let attempt = attempt.map_err(|error| self.unopened(&error))?;
        Ok(tokio::time::timeout(self.timeout, attempt).await.unwrap_or_else(|_| {
            End::retry(format!("the handler missed its deadline of {} ms", self.timeout.as_millis()))
        }))
    }

    fn is_last(&self) -> bool {
        self.claimed.claim.attempt >= self.backoff.attempts()
    }

    /// A row that does not become a delivery.
    fn unopened(&self, error: &SealError) -> Settled {
        let (now, row) = (milliseconds(self.clock.now()), self.claimed.claim.id);
        let why = match std::error::Error::source(error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        match error.kind() {
            // Another process may have sealed it: this one only has to be told the key, or upgraded.
            SealErrorKind::UnknownKey | SealErrorKind::UnknownVersion | SealErrorKind::Encrypted if !self.is_last() => {
                tracing::error!(target: "countersign", %row, "a stored delivery cannot be opened: {error}");
                let due = later(now, self.backoff.longest_delay(self.claimed.claim.attempt));
                Settled::Retry { now, due, why }
            }
            SealErrorKind::Forged | SealErrorKind::OtherProvider => {
                Counting::add(&self.core.counting.forged);
                tracing::error!(
                    target: "countersign", %row, reason = "forged",
                    "a stored delivery was changed, or was not stored by this service: it is not handled"
                );
                Settled::Dead { now, why }
            }
            _ => Settled::Dead { now, why },
        }
    }

    fn count(&self, settled: &Settled) {
        let (counting, columns) = (&self.core.counting, self.claimed.sealed.columns());
        let (provider, row, attempt) = (columns.provider.as_str(), self.claimed.claim.id, self.claimed.claim.attempt);
        // The error is in the store: it may quote the delivery.
        match settled {
            Settled::Done { .. } => {
                Counting::add(&counting.done);
                tracing::debug!(target: "countersign", provider, %row, attempt, "stored webhook delivery handled");
            }
            Settled::Retry { now, due, .. } => {
                Counting::add(&counting.retried);
                let delay = due.saturating_sub(*now);
                tracing::warn!(
                    target: "countersign", provider, %row, attempt, delay_ms = delay,
                    "stored webhook delivery not handled: it is tried again, and `countersign inbox show` says why"
                );
            }
            Settled::Dead { .. } => {
                Counting::add(&counting.dead);
                tracing::error!(
                    target: "countersign", provider, %row, attempt,
                    "stored webhook delivery given up: it is a dead letter, and `countersign inbox show` says why"
                );
            }
            Settled::Returned => {}
        }
    }
}

fn later(now: i64, by: Duration) -> i64 {
    now.saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX))
}

/// Without random numbers, deliveries that failed together are tried again together.
fn random() -> u64 {
    getrandom::u64().unwrap_or(u64::MAX)
}
