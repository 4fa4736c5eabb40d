//! The settings of deduplication.

use std::{fmt, sync::Arc, time::Duration};

use super::{ClaimStore, DeliveryId, DeliveryKey, counters::Counters, key::Parts, store::Erased};
use crate::{error::DedupeError, provider::Provider, secret::MatchedSecret};

/// The settings of deduplication: the store of claims, the durations, and the reaction to a store
/// that fails.
///
/// A store converts into a `Dedupe` with the defaults below.
///
/// | setting | default |
/// |---|---|
/// | namespace, endpoint | empty |
/// | lease, renewed while the handler runs | 10 s, renewed every 3 s |
/// | retention of handled deliveries | 24 h |
/// | time limit of each call to the store | 1 s |
/// | deadline of the handler | 8 s |
/// | if the store cannot answer | reject with 503 |
#[derive(Clone)]
pub struct Dedupe {
    pub(super) store: Arc<dyn Erased>,
    pub(super) names: Arc<Names>,
    pub(super) lease: Duration,
    pub(super) renewal: Duration,
    pub(super) retention: Duration,
    pub(super) store_timeout: Duration,
    pub(super) handler_timeout: Duration,
    pub(super) when_unavailable: WhenUnavailable,
    pub(super) counters: Counters,
}

/// What tells equal deliveries apart, as the user says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    pub(super) namespace: Arc<str>,
    pub(super) endpoint: Arc<str>,
}

/// The reaction to a store that cannot answer a claim. More may be added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WhenUnavailable {
    /// Reject it with 503 and `Retry-After`, so that the provider retries (the default).
    #[default]
    Reject,
    /// Handle it, although it may have been handled before.
    RiskHandlingTwice,
}

impl<S: ClaimStore> From<S> for Dedupe {
    fn from(store: S) -> Self {
        Self::new(store)
    }
}

impl Dedupe {
    /// Creates a `Dedupe` on `store` with the default settings.
    pub fn new(store: impl ClaimStore) -> Self {
        Self {
            store: Arc::new(store),
            names: Arc::default(),
            lease: Duration::from_secs(10),
            renewal: Duration::from_secs(3),
            retention: Duration::from_secs(24 * 60 * 60),
            store_timeout: Duration::from_secs(1),
            handler_timeout: Duration::from_secs(8),
            when_unavailable: WhenUnavailable::Reject,
            counters: Counters::default(),
        }
    }

    /// Sets a namespace (default: empty). Environments and services that share a store need
    /// different namespaces.
    #[must_use]
    pub fn with_namespace(mut self, namespace: impl Into<Arc<str>>) -> Self {
        Arc::make_mut(&mut self.names).namespace = namespace.into();
        self
    }

    /// Names the endpoint (default: empty). Endpoints of one provider that share a store and a
    /// secret need different names. Otherwise a delivery to one of them is a duplicate for the
    /// other, and a warning is logged when the second layer is created.
    ///
    /// Endpoints with different secrets need no names. A change of a name is like an empty store: a
    /// retry of a delivery that was handled before is handled again.
    ///
    /// ```
    /// # fn example(store: impl countersign_core::dedupe::ClaimStore) {
    /// use countersign_core::dedupe::Dedupe;
    ///
    /// let dedupe = Dedupe::new(store);
    /// let billing = dedupe.clone().with_endpoint("billing");
    /// let alerts = dedupe.with_endpoint("alerts");
    /// # }
    /// ```
    #[must_use]
    pub fn with_endpoint(mut self, endpoint: impl Into<Arc<str>>) -> Self {
        Arc::make_mut(&mut self.names).endpoint = endpoint.into();
        self
    }

    /// Remembers a handled delivery for `retention` (default: 24 h). A later equal delivery is
    /// handled again, so the retention must be longer than the provider's retry window.
    #[must_use]
    pub fn with_retention(mut self, retention: Duration) -> Self {
        self.retention = retention;
        self
    }

    /// Claims a delivery for `lease` (default: 10 s). While the handler runs, the lease is renewed
    /// each time 30 % of it has passed.
    ///
    /// If the process is killed, the delivery stays claimed until the lease expires. Keep the lease
    /// shorter than the delay before the provider's last attempt, and much longer than the store's
    /// timeout. The handler's task also renews the lease, so a handler that blocks its thread loses
    /// it: use `spawn_blocking`.
    #[must_use]
    pub fn with_lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self.renewal = lease.mul_f64(0.3);
        self
    }

    /// Waits up to `timeout` for each answer of the store (default: 1 s).
    #[must_use]
    pub fn with_store_timeout(mut self, timeout: Duration) -> Self {
        self.store_timeout = timeout;
        self
    }

    /// Stops a handler that takes longer than `timeout` (default: 8 s), answers 503 and releases
    /// the delivery. Keep it shorter than the time that the provider waits for a response.
    #[must_use]
    pub fn with_handler_timeout(mut self, timeout: Duration) -> Self {
        self.handler_timeout = timeout;
        self
    }

    /// Sets what to do if the store cannot answer (default: [`Reject`](WhenUnavailable::Reject)).
    #[must_use]
    pub fn with_unavailable_store(mut self, then: WhenUnavailable) -> Self {
        self.when_unavailable = then;
        self
    }

    /// Returns the counters. Clones share them, even if their settings differ.
    pub fn counters(&self) -> Counters {
        self.counters.clone()
    }

    /// The key of a delivery of `provider`.
    pub(crate) fn key_of(&self, provider: &str, matched: &MatchedSecret, id: &DeliveryId) -> DeliveryKey {
        let Names { namespace, endpoint } = &*self.names;
        DeliveryKey::new(Parts { namespace, endpoint, provider, matched, id })
    }

    /// Returns the settings if they suit `P`, for the adapters.
    ///
    /// # Panics
    ///
    /// Panics if [`check`](Self::check) returns an error.
    #[doc(hidden)]
    #[must_use]
    pub fn checked<P: Provider>(self) -> Self {
        match self.check::<P>() {
            Ok(()) => self,
            #[allow(clippy::panic, reason = "documented by the adapters; at start-up, never on a request")]
            Err(error) => panic!("{error}"),
        }
    }

    /// Checks the settings against the retries that `P` documents.
    ///
    /// # Errors
    ///
    /// Returns an error if the retention is shorter than `P`'s retry window. Also returns an error
    /// if the lease is not shorter than the delay before `P`'s last retry.
    pub fn check<P: Provider>(&self) -> Result<(), DedupeError> {
        if let Some(span) = P::RETRIES.total().filter(|span| self.retention < *span) {
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
            .field("namespace", &self.names.namespace)
            .field("endpoint", &self.names.endpoint)
            .field("lease", &self.lease)
            .field("retention", &self.retention)
            .field("store_timeout", &self.store_timeout)
            .field("handler_timeout", &self.handler_timeout)
            .field("when_unavailable", &self.when_unavailable)
            .finish_non_exhaustive()
    }
}
