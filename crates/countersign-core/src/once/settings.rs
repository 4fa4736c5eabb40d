//! The settings of deduplication.

use std::{fmt, future::Future, sync::Arc, time::Duration};

use super::{
    ClaimStore, DeliveryId, DeliveryKey, context::Capture, counters::Counters, running::Running, store::Erased,
};
use crate::secret::MatchedSecret;

/// The settings of deduplication: the store of claims, the durations, and the reaction to a store
/// that fails.
///
/// A store converts into a `Dedupe` with the defaults below.
///
/// | setting | default |
/// |---|---|
/// | namespace, endpoint | empty |
/// | lease, renewed while the handler runs | 10 s, renewed every 3 s |
/// | retention of handled deliveries | 24 h, or as long as the provider retries |
/// | time limit of each call to the store | 1 s |
/// | deadline of the handler | the time that the provider waits, less a margin: 8 s of 10 s |
/// | if the store cannot answer | reject with 503 |
#[derive(Clone)]
pub struct Dedupe(pub(super) Arc<Settings>);

#[derive(Clone)]
pub(super) struct Settings {
    pub(super) store: Arc<dyn Erased>,
    pub(super) names: Arc<Names>,
    pub(super) lease: Duration,
    /// `None`: long enough for the provider.
    pub(super) retention: Option<Duration>,
    pub(super) store_timeout: Duration,
    /// `None`: as the provider documents.
    pub(super) handler_timeout: Option<Duration>,
    pub(super) when_unavailable: WhenUnavailable,
    pub(super) capture: Option<Capture>,
    pub(super) counters: Counters,
    pub(super) running: Running,
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
        Self(Arc::new(Settings {
            store: Arc::new(store),
            names: Arc::default(),
            lease: Duration::from_secs(10),
            retention: None,
            store_timeout: Duration::from_secs(1),
            handler_timeout: None,
            when_unavailable: WhenUnavailable::Reject,
            capture: None,
            counters: Counters::default(),
            running: Running::default(),
        }))
    }

    fn settings(&mut self) -> &mut Settings {
        Arc::make_mut(&mut self.0)
    }

    /// Sets a namespace (default: empty). Environments and services that share a store need
    /// different namespaces.
    #[must_use]
    pub fn with_namespace(mut self, namespace: impl Into<Arc<str>>) -> Self {
        Arc::make_mut(&mut self.settings().names).namespace = namespace.into();
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
        Arc::make_mut(&mut self.settings().names).endpoint = endpoint.into();
        self
    }

    /// Remembers a handled delivery for `retention` (default: 24 h, or the provider's retry window
    /// if that is longer; at least 1 s). A later equal delivery is handled again, so the retention
    /// must be longer than the provider's retry window.
    #[must_use]
    pub fn with_retention(mut self, retention: Duration) -> Self {
        self.settings().retention = Some(retention);
        self
    }

    /// Claims a delivery for `lease` (default: 10 s, at least 100 ms). While the handler runs, the
    /// lease is renewed each time 30 % of it has passed.
    ///
    /// If the process is killed, the delivery stays claimed until the lease expires. Keep the lease
    /// shorter than the delay before the provider's last attempt, and much longer than the store's
    /// timeout. The handler's task also renews the lease, so a handler that blocks its thread loses
    /// it: use `spawn_blocking`.
    #[must_use]
    pub fn with_lease(mut self, lease: Duration) -> Self {
        self.settings().lease = lease;
        self
    }

    /// Waits up to `timeout` for each answer of the store (default: 1 s).
    #[must_use]
    pub fn with_store_timeout(mut self, timeout: Duration) -> Self {
        self.settings().store_timeout = timeout;
        self
    }

    /// Stops a handler that takes longer than `timeout`, answers 503 and releases the delivery.
    ///
    /// The default is the time that the provider documents to wait for a response, less a margin
    /// of a fifth, and of at most 2 s: 28 s for a provider that waits 30 s, 8 s for one that waits
    /// 10 s, 800 ms for one that waits 1 s. It is 8 s if the provider does not document a time.
    ///
    /// A handler is stopped by dropping its future. This does not stop what the handler has started
    /// elsewhere: work in `spawn_blocking`, in a spawned task or in another service continues,
    /// beside the retry. Give such work its own deadline.
    #[must_use]
    pub fn with_handler_timeout(mut self, timeout: Duration) -> Self {
        self.settings().handler_timeout = Some(timeout);
        self
    }

    /// Runs each handler in a context that is captured from its request.
    ///
    /// Handlers run in a separate task. The current `tracing` span is passed on to it, but
    /// task-locals, Sentry's hub and OpenTelemetry's context are not. `capture` is called in the
    /// request's task, for a verified delivery, before it is claimed. The function that it returns
    /// is called for each poll of the handler, and once to drop it. It must enter the context, call
    /// its argument once, and leave the context.
    ///
    /// ```
    /// use countersign_core::dedupe::Dedupe;
    ///
    /// tokio::task_local! { static REQUEST_ID: u64; }
    ///
    /// # fn dedupe(store: impl countersign_core::dedupe::ClaimStore) -> Dedupe {
    /// Dedupe::new(store).with_context(|| {
    ///     let id = REQUEST_ID.get();
    ///     move |run: &mut dyn FnMut()| REQUEST_ID.sync_scope(id, run)
    /// })
    /// # }
    /// ```
    ///
    /// The same for Sentry and for OpenTelemetry:
    ///
    /// ```ignore
    /// let hub = Arc::new(Hub::new_from_top(Hub::current()));
    /// move |run: &mut dyn FnMut()| Hub::run(hub.clone(), run)
    ///
    /// let context = Context::current();
    /// move |run: &mut dyn FnMut()| {
    ///     let _attached = context.clone().attach();
    ///     run()
    /// }
    /// ```
    #[must_use]
    pub fn with_context<C>(mut self, capture: impl Fn() -> C + Send + Sync + 'static) -> Self
    where
        C: FnMut(&mut dyn FnMut()) + Send + 'static,
    {
        self.settings().capture = Some(Arc::new(move || Box::new(capture())));
        self
    }

    /// Sets what to do if the store cannot answer (default: [`Reject`](WhenUnavailable::Reject)).
    #[must_use]
    pub fn with_unavailable_store(mut self, then: WhenUnavailable) -> Self {
        self.settings().when_unavailable = then;
        self
    }

    /// Returns the counters. Clones share them, even if their settings differ.
    pub fn counters(&self) -> Counters {
        self.0.counters.clone()
    }

    /// The key of a delivery of `provider`; `None` if it was sealed before.
    pub(crate) fn key_of(&self, provider: &str, matched: &MatchedSecret, id: &DeliveryId) -> Option<DeliveryKey> {
        let Names { namespace, endpoint } = &*self.0.names;
        DeliveryKey::new(namespace, endpoint, provider, matched, id)
    }

    /// Returns the number of handlers that run now. Clones share it, even if their settings differ.
    ///
    /// A handler counts from the claim of its delivery until the commit or the release.
    pub fn running(&self) -> usize {
        self.0.running.count()
    }

    /// Waits until no handler runs, also none whose sender has disconnected. Call it on shutdown,
    /// in addition to the graceful shutdown of the server, which waits only for connections.
    ///
    /// ```
    /// # use countersign_core::dedupe::Dedupe; use std::time::Duration;
    /// # async fn shut_down(dedupe: Dedupe) {
    /// // The server has stopped. Handlers have 5 s, and are then stopped.
    /// if tokio::time::timeout(Duration::from_secs(5), dedupe.idle()).await.is_err() {
    ///     dedupe.stop().await;
    /// }
    /// # }
    /// ```
    pub fn idle(&self) -> impl Future<Output = ()> + Send + use<> {
        self.0.running.clone().idle()
    }

    /// Stops all handlers behind this `Dedupe` and its clones, for the end of the process, and
    /// waits until no handler runs.
    ///
    /// A stopped handler is dropped, as at its [deadline](Self::with_handler_timeout). Its delivery
    /// is released, so that a retry runs at once on another instance, and answered with 503. From
    /// now on, all other deliveries are answered with 503, too.
    ///
    /// It cannot stop a handler that blocks its thread: limit how long you wait.
    pub fn stop(&self) -> impl Future<Output = ()> + Send + use<> {
        let running = self.0.running.clone();
        async move {
            running.stop();
            running.idle().await;
        }
    }
}

impl fmt::Debug for Dedupe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dedupe")
            .field("namespace", &self.0.names.namespace)
            .field("endpoint", &self.0.names.endpoint)
            .field("lease", &self.0.lease)
            .field("retention", &self.0.retention)
            .field("store_timeout", &self.0.store_timeout)
            .field("handler_timeout", &self.0.handler_timeout)
            .field("when_unavailable", &self.0.when_unavailable)
            .finish_non_exhaustive()
    }
}
