//! How deliveries are remembered.

use std::{fmt, sync::Arc, time::Duration};

use super::{ClaimStore, counters::Counters, store::Erased};
use crate::{error::DedupeError, provider::Provider};

/// How deliveries are remembered: the store, and for how long.
///
/// A store alone becomes one, with everything as it is unless set.
///
/// | | unless set |
/// |---|---|
/// | namespace | empty |
/// | lease, renewed all the while the handler runs | 10 s, renewed every 3 s |
/// | retention of what was handled | 24 h |
/// | time limit of the store | 1 s |
/// | deadline of the handler | 8 s |
/// | if the store cannot answer | refuse, with 503 |
#[derive(Clone)]
pub struct Dedupe {
    pub(super) store: Arc<dyn Erased>,
    pub(super) namespace: Arc<str>,
    pub(super) lease: Duration,
    pub(super) renewal: Duration,
    pub(super) retention: Duration,
    pub(super) store_timeout: Duration,
    pub(super) handler_timeout: Duration,
    pub(super) when_unavailable: WhenUnavailable,
    pub(super) counters: Counters,
}

/// What becomes of a delivery whose claim the store cannot decide. More may be added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WhenUnavailable {
    /// It is answered with 503 and `Retry-After`, and comes again.
    #[default]
    Reject,
    /// It is handled, even though it may have been handled before.
    RiskHandlingTwice,
}

impl<S: ClaimStore> From<S> for Dedupe {
    fn from(store: S) -> Self {
        Self::new(store)
    }
}

impl Dedupe {
    /// Remembers deliveries in `store`.
    pub fn new(store: impl ClaimStore) -> Self {
        Self {
            store: Arc::new(store),
            namespace: "".into(),
            lease: Duration::from_secs(10),
            renewal: Duration::from_secs(3),
            retention: Duration::from_secs(24 * 60 * 60),
            store_timeout: Duration::from_secs(1),
            handler_timeout: Duration::from_secs(8),
            when_unavailable: WhenUnavailable::Reject,
            counters: Counters::default(),
        }
    }

    /// Keeps what is remembered apart from what others remember in the same store: tenants, environments, endpoints that
    /// each have to handle every delivery.
    #[must_use]
    pub fn with_namespace(mut self, namespace: impl Into<Arc<str>>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// Remembers what was handled for `retention`: what comes later is handled again. It has to be longer than the
    /// provider may repeat a delivery.
    #[must_use]
    pub fn with_retention(mut self, retention: Duration) -> Self {
        self.retention = retention;
        self
    }

    /// Claims a delivery for `lease` at a time, and renews it every three tenths of that for as long as the handler runs.
    ///
    /// It is how long a delivery stays claimed when the process that handles it is killed: keep it under the time until
    /// the provider's last attempt, and well over the store's time limit. It is renewed by the handler's own task: a
    /// handler that blocks its thread, and is not `spawn_blocking`, loses it.
    #[must_use]
    pub fn with_lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self.renewal = lease.mul_f64(0.3);
        self
    }

    /// Waits up to `timeout` for each answer of the store.
    #[must_use]
    pub fn with_store_timeout(mut self, timeout: Duration) -> Self {
        self.store_timeout = timeout;
        self
    }

    /// Stops a handler that takes longer than `timeout`, answers with 503, and gives the delivery up. Keep it under what
    /// the provider waits for an answer.
    #[must_use]
    pub fn with_handler_timeout(mut self, timeout: Duration) -> Self {
        self.handler_timeout = timeout;
        self
    }

    /// What to do if the store cannot answer.
    #[must_use]
    pub fn with_unavailable_store(mut self, then: WhenUnavailable) -> Self {
        self.when_unavailable = then;
        self
    }

    /// What became of the deliveries so far, also of those of clones with other settings.
    pub fn counters(&self) -> Counters {
        self.counters.clone()
    }

    /// The same settings, for the adapters.
    ///
    /// # Panics
    ///
    /// Where [`check`](Self::check) returns an error.
    #[doc(hidden)]
    #[must_use]
    pub fn checked<P: Provider>(self) -> Self {
        match self.check::<P>() {
            Ok(()) => self,
            #[allow(clippy::panic, reason = "documented by the adapters; at start-up, never on a request")]
            Err(error) => panic!("{error}"),
        }
    }

    /// Whether the settings suit the deliveries of `P`.
    ///
    /// # Errors
    ///
    /// If `P` documents that it repeats deliveries for longer than they are remembered, or that it waits less before its
    /// last attempt than a lease takes to run out.
    pub fn check<P: Provider>(&self) -> Result<(), DedupeError> {
        if let Some(span) = P::RETRIES.span().filter(|span| self.retention < *span) {
            return Err(DedupeError::retention_too_short(P::TITLE, span, self.retention));
        }
        if let Some(&delay) = P::RETRIES.delays.last().filter(|delay| self.lease >= **delay) {
            return Err(DedupeError::lease_too_long(P::TITLE, delay, self.lease));
        }
        Ok(())
    }
}

impl fmt::Debug for Dedupe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dedupe")
            .field("namespace", &self.namespace)
            .field("lease", &self.lease)
            .field("retention", &self.retention)
            .field("store_timeout", &self.store_timeout)
            .field("handler_timeout", &self.handler_timeout)
            .field("when_unavailable", &self.when_unavailable)
            .finish_non_exhaustive()
    }
}
