//! Stores deliveries before they are answered.

use std::{
    fmt,
    marker::PhantomData,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, SystemTime},
};

use countersign_core::{
    Clock, Delivery,
    adapter::{Answer, Received},
    provider::Provider,
};

use crate::{
    counters::Counting,
    error::StoreError,
    inbox::{Core, Settings},
    received::milliseconds,
    store::{Incoming, Known, State, Stored},
    taking::{answer_within, key_or_random, not_sealed, timeout_for},
};

/// A handler that stores the deliveries of `P`: see [`Inbox::store`](crate::Inbox::store).
///
/// | answer | when |
/// |---|---|
/// | 200 `countersign-delivery: stored` | the delivery is on disk |
/// | 200 `countersign-delivery: duplicate` | an equal one was stored before |
/// | 503 with `Retry-After` | the store is too slow, full, or fails |
/// | 500 | no `VerifyWebhook` for `P` ran before |
///
/// A genuine body that cannot be read is stored, too, as a dead letter: it can be redriven after an
/// upgrade. Do not use `with_dedupe` in front of it: the store deduplicates.
pub struct Store<P> {
    core: Arc<Core>,
    endpoint: Arc<str>,
    timeout: Duration,
    is_ordered: bool,
    keep: Duration,
    clock: Clock,
    /// When the endpoint was set up.
    since: SystemTime,
    /// Whether it was said that there is no order.
    is_unordered: Arc<AtomicBool>,
    provider: PhantomData<fn() -> P>,
}

impl<P: Provider> Store<P> {
    pub(crate) fn new(core: Arc<Core>, settings: &Settings) -> Self {
        Received::<P>::expect_to_store();
        core.watch.stores(P::NAME);
        let keep = P::RETRIES.total().map_or(settings.keep_keys, |window| window.max(settings.keep_keys));
        Self {
            core,
            endpoint: Arc::default(),
            timeout: timeout_for::<P>(settings.store_timeout),
            is_ordered: settings.is_ordered,
            keep,
            clock: settings.clock.clone(),
            since: settings.clock.now(),
            is_unordered: Arc::default(),
            provider: PhantomData,
        }
    }

    /// Names the endpoint (default: empty). Endpoints of one provider with the same secret need
    /// different names: see [`Dedupe::with_endpoint`](countersign_core::dedupe::Dedupe::with_endpoint).
    #[must_use]
    pub fn with_endpoint(mut self, endpoint: impl Into<Arc<str>>) -> Self {
        self.endpoint = endpoint.into();
        self
    }

    /// Stores a verified delivery: for a framework without an adapter. When this returns
    /// [`Stored::New`] or [`Stored::Duplicate`], answer with a 2xx.
    ///
    /// # Errors
    ///
    /// Returns an error if the delivery is not known to be stored: answer with 503, so that the provider
    /// retries. (It may have been stored nevertheless. The retry is then a duplicate.)
    pub async fn accept(&self, delivery: &Delivery<P>) -> Result<Stored, StoreError> {
        let key = key_or_random(delivery.key("", &self.endpoint))?;
        let now = self.clock.now();
        let sealed = delivery.seal(&self.core.keys, key, now).map_err(not_sealed)?;
        let incoming = Incoming::new(sealed, self.keep_until(milliseconds(now)));
        self.put(incoming).await
    }

    /// Stores a delivery that an adapter received, also if its body cannot be read, and answers.
    pub async fn answer(&self, received: Option<&Received<P>>) -> Answer {
        let received = match received {
            Some(received) => received,
            None => match Received::<P>::extract(None) {
                Err(error) => return error.answer(),
                Ok(_) => unreachable!("there is no delivery"),
            },
        };
        match self.accept_received(received).await {
            Ok(Stored::New) => Answer::stored::<P>(),
            Ok(Stored::Duplicate(_)) => Answer::duplicate::<P>(),
            Err(error) => {
                Counting::add(&self.core.counting.rejected);
                Answer::not_stored::<P>(error)
            }
        }
    }

    async fn accept_received(&self, received: &Received<P>) -> Result<Stored, StoreError> {
        let key = key_or_random(received.key("", &self.endpoint))?;
        let now = self.clock.now();
        let sealed = received.seal(&self.core.keys, key, now).map_err(not_sealed)?;
        let mut incoming = Incoming::new(sealed, self.keep_until(milliseconds(now)));
        incoming.unreadable = received.unreadable().map(|unreadable| {
            let source = std::error::Error::source(unreadable.rejection());
            source.map_or_else(|| unreadable.rejection().to_string(), ToString::to_string)
        });
        self.put(incoming).await
    }

    fn keep_until(&self, now: i64) -> i64 {
        now.saturating_add(i64::try_from(self.keep.as_millis()).unwrap_or(i64::MAX))
    }

    async fn put(&self, mut incoming: Incoming) -> Result<Stored, StoreError> {
        incoming.is_ordered = self.is_ordered;
        if self.is_ordered && incoming.sealed.columns().resource.is_none() && !self.is_unordered.swap(true, Relaxed) {
            tracing::warn!(
                target: "countersign", provider = P::NAME,
                "a delivery has no resource ID: `in_order_by_resource` keeps no order of such deliveries"
            );
        }
        let is_dead = incoming.unreadable.is_some();
        let stored = answer_within(self.timeout, "store", self.core.store.store(incoming)).await?;
        match stored {
            Stored::New => {
                Counting::add(&self.core.counting.stored);
                self.core.watch.has_stored(self.clock.now().duration_since(self.since).unwrap_or_default());
                if is_dead {
                    Counting::add(&self.core.counting.dead);
                } else {
                    self.core.arrived.notify_one();
                }
            }
            Stored::Duplicate(Known { row, state, has_other_body }) => {
                Counting::add(&self.core.counting.duplicates);
                if state == State::Dead {
                    tracing::warn!(
                        target: "countersign", provider = P::NAME, %row,
                        "a delivery came again that is a dead letter: to have it handled again, redrive it"
                    );
                }
                if has_other_body {
                    tracing::warn!(
                        target: "countersign", provider = P::NAME, %row,
                        "a delivery has the key of another one, but another body: the first one is kept"
                    );
                }
                tracing::info!(
                    target: "countersign", provider = P::NAME, reason = "duplicate", status = 200,
                    "an equal webhook delivery was stored before"
                );
            }
        }
        Ok(stored)
    }
}

impl<P> Clone for Store<P> {
    fn clone(&self) -> Self {
        Self {
            core: Arc::clone(&self.core),
            endpoint: Arc::clone(&self.endpoint),
            timeout: self.timeout,
            is_ordered: self.is_ordered,
            keep: self.keep,
            clock: self.clock.clone(),
            since: self.since,
            is_unordered: Arc::clone(&self.is_unordered),
            provider: PhantomData,
        }
    }
}

impl<P: Provider> fmt::Debug for Store<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("provider", &P::NAME).field("timeout", &self.timeout).finish_non_exhaustive()
    }
}
