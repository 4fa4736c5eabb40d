//! What an inbox has done since it was opened.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What an inbox has done since its process opened it. More may be added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Deliveries that were stored.
    pub stored: u64,
    /// Deliveries that equal one that was stored before.
    pub duplicates: u64,
    /// Deliveries that could not be stored, and were answered with 503.
    pub rejected: u64,
    /// Deliveries that were handled.
    pub done: u64,
    /// Attempts that failed and are tried again.
    pub retried: u64,
    /// Deliveries that were given up.
    pub dead: u64,
    /// Of these, deliveries whose seal did not match.
    pub forged: u64,
}

/// Counts.
#[derive(Debug, Default)]
pub(crate) struct Counting {
    pub(crate) stored: AtomicU64,
    pub(crate) duplicates: AtomicU64,
    pub(crate) rejected: AtomicU64,
    pub(crate) done: AtomicU64,
    pub(crate) retried: AtomicU64,
    pub(crate) dead: AtomicU64,
    pub(crate) forged: AtomicU64,
}

impl Counting {
    pub(crate) fn add(counter: &AtomicU64) {
        counter.fetch_add(1, Relaxed);
    }

    pub(crate) fn read(&self) -> Counters {
        let read = |counter: &AtomicU64| counter.load(Relaxed);
        Counters {
            stored: read(&self.stored),
            duplicates: read(&self.duplicates),
            rejected: read(&self.rejected),
            done: read(&self.done),
            retried: read(&self.retried),
            dead: read(&self.dead),
            forged: read(&self.forged),
        }
    }
}
