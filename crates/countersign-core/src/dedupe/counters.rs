//! What became of deliveries, counted.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

/// Counts what became of the deliveries behind a [`Dedupe`](super::Dedupe). Clones count the same.
#[derive(Clone, Debug, Default)]
pub struct Counters(Arc<Atomics>);

#[derive(Debug, Default)]
pub(super) struct Atomics {
    pub(super) committed: AtomicU64,
    pub(super) released: AtomicU64,
    pub(super) duplicates: AtomicU64,
    pub(super) in_flight: AtomicU64,
    pub(super) unavailable: AtomicU64,
    pub(super) not_committed: AtomicU64,
    pub(super) not_released: AtomicU64,
    pub(super) lost: AtomicU64,
    pub(super) timed_out: AtomicU64,
}

/// The counts at one moment, each since the start of the process. More may be added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Handled with success, and remembered.
    pub committed: u64,
    /// Not handled with success, and given up for the next attempt.
    pub released: u64,
    /// Answered without their handler, because they had been handled.
    pub duplicates: u64,
    /// Put off, because they were being handled.
    pub in_flight: u64,
    /// Claims that the store could not decide.
    pub unavailable: u64,
    /// Handled with success, and not remembered because the store failed: they may run again.
    pub not_committed: u64,
    /// Not handled with success, and not given up because the store failed: they can run once their lease is over.
    pub not_released: u64,
    /// Whose lease had run out before they were handled: they may have run twice.
    pub lost: u64,
    /// Whose handler was stopped at its deadline.
    pub timed_out: u64,
}

impl Counters {
    /// The counts now.
    pub fn counts(&self) -> Counts {
        let now = |count: &AtomicU64| count.load(Relaxed);
        Counts {
            committed: now(&self.0.committed),
            released: now(&self.0.released),
            duplicates: now(&self.0.duplicates),
            in_flight: now(&self.0.in_flight),
            unavailable: now(&self.0.unavailable),
            not_committed: now(&self.0.not_committed),
            not_released: now(&self.0.not_released),
            lost: now(&self.0.lost),
            timed_out: now(&self.0.timed_out),
        }
    }

    pub(super) fn add(&self, counter: impl FnOnce(&Atomics) -> &AtomicU64) {
        counter(&self.0).fetch_add(1, Relaxed);
    }
}
