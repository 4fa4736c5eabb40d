//! The settings of a Redis Stream.

use std::time::Duration;

use countersign_core::dedupe::DeliveryKey;

/// The least that Redis takes.
const SHORTEST: Duration = Duration::from_millis(1);

/// 100 years. Redis cannot add the largest ones to its clock.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// The settings of a [`Stream`](super::Stream).
#[derive(Clone, Debug)]
pub struct Settings {
    pub(super) stream: String,
    pub(super) window: Duration,
    pub(super) are_safe: bool,
}

impl Settings {
    /// Creates the settings of the stream with this key. Deliveries of all providers may share it.
    pub fn new(stream: impl Into<String>) -> Self {
        Self { stream: stream.into(), window: Duration::from_secs(3 * 24 * 60 * 60), are_safe: false }
    }

    /// Sets for how long the key of a delivery is kept, so that a repeated one is not published again
    /// (default: 3 days; at least 1 ms, at most 100 years). A key takes about 200 bytes.
    #[must_use]
    pub fn with_duplicate_window(mut self, window: Duration) -> Self {
        self.window = window.clamp(SHORTEST, LONGEST);
        self
    }

    /// Says that the server has `appendonly yes`, `appendfsync always`, `no-appendfsync-on-rewrite no` and
    /// `maxmemory-policy noeviction`, and does not check it: for a managed Redis that hides its settings. If that is
    /// not so, **acknowledged deliveries are lost** when the server stops or is full.
    #[must_use]
    pub fn server_syncs_always(mut self) -> Self {
        self.are_safe = true;
        self
    }

    /// Under which a delivery is known. In a cluster, it is on the node of the stream.
    pub(super) fn key(&self, key: DeliveryKey) -> String {
        if self.stream.contains('{') { format!("{}:{key}", self.stream) } else { format!("{{{}}}:{key}", self.stream) }
    }
}
