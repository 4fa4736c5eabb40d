//! What became of deliveries, counted.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

/// Counts what became of the deliveries behind a [`Dedupe`](super::Dedupe), since it was created.
///
/// Clones share their counts.
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
    /// Returns how many deliveries were handled and committed.
    committed;
    /// Returns how many deliveries were released after their handler failed, so that a retry runs
    /// it again.
    released;
    /// Returns how many duplicates were answered without running the handler.
    duplicates;
    /// Returns how many deliveries were rejected because an equal one was being handled.
    in_flight;
    /// Returns how many claims the store could not decide.
    unavailable;
    /// Returns how many deliveries were handled but not committed because the store failed: a retry
    /// may run again.
    not_committed;
    /// Returns how many deliveries failed and were not released because the store failed: a retry
    /// runs once the lease has expired.
    not_released;
    /// Returns how many leases expired before their delivery was handled: it may have been handled
    /// twice.
    lost;
    /// Returns how many handlers were stopped at their deadline.
    timed_out;
}

impl Counters {
    pub(super) fn add(&self, counter: impl FnOnce(&Atomics) -> &AtomicU64) {
        counter(&self.0).fetch_add(1, Relaxed);
    }
}
