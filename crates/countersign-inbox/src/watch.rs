//! Warns of deliveries that are stored, and that nobody would handle.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

/// Within this time, a service calls `run`.
const START: Duration = Duration::from_secs(30);

/// What is known of this process.
#[derive(Default)]
pub(crate) struct Watch {
    /// The providers whose deliveries it stores.
    stored: Mutex<BTreeSet<&'static str>>,
    has_run: AtomicBool,
    has_warned: AtomicBool,
}

impl Watch {
    pub(crate) fn stores(&self, provider: &'static str) {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner).insert(provider);
    }

    /// A worker begins, or waits for its turn.
    pub(crate) fn runs(&self, handles: impl Fn(&str) -> bool) {
        self.has_run.store(true, Relaxed);
        let stored = self.stored.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for provider in stored.into_iter().filter(|provider| !handles(provider)) {
            tracing::warn!(
                target: "countersign", provider,
                "deliveries of this provider are stored, and the inbox has no handler for them: call `on` or `on_any`"
            );
        }
    }

    /// A delivery was stored, this long after its endpoint was set up.
    pub(crate) fn has_stored(&self, since: Duration) {
        if since > START && !self.has_run.load(Relaxed) && !self.has_warned.swap(true, Relaxed) {
            tracing::warn!(
                target: "countersign",
                "deliveries are stored, and `run` was not called in this process: they wait, unless another process \
                 handles them"
            );
        }
    }
}
