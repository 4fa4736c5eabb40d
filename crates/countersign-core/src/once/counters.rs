//! Counters of deduplication.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

/// The number of deliveries with each outcome, since the [`Dedupe`](super::Dedupe) was created.
///
/// Clones share the counters.
#[derive(Clone, Debug, Default)]
pub struct Counters(Arc<Atomics>);

/// Declares each counter once: its field and its getter.
macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        #[derive(Debug, Default)]
        pub(super) struct Atomics {
            $(pub(super) $name: AtomicU64,)*
        }

        impl Counters {
            $($(#[$doc])*
            pub fn $name(&self) -> u64 {
                self.0.$name.load(Relaxed)
            })*
        }
    };
}

counters! {
    /// Returns the number of deliveries that were handled and committed.
    committed;
    /// Returns the number of deliveries that were released after their handler failed. A retry runs
    /// the handler again.
    released;
    /// Returns the number of duplicates that were answered without running the handler.
    duplicates;
    /// Returns the number of deliveries that were rejected because an equal one was in flight.
    in_flight;
    /// Returns the number of claims that the store could not answer.
    unavailable;
    /// Returns the number of deliveries that were handled but not committed, because the store
    /// failed. A retry may run the handler again.
    not_committed;
    /// Returns the number of failed deliveries that were not released, because the store failed. A
    /// retry is handled once the lease has expired.
    not_released;
    /// Returns the number of leases that expired before their delivery was handled. Such a delivery
    /// may have been handled twice.
    lost;
    /// Returns the number of handlers that were stopped at their deadline.
    timed_out;
}

impl Counters {
    pub(super) fn add(&self, counter: impl FnOnce(&Atomics) -> &AtomicU64) {
        counter(&self.0).fetch_add(1, Relaxed);
    }
}
