//! The settings of a store.

use crate::sql::bounds::Bounds;

/// The settings of a [`SqliteStore`](super::SqliteStore).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// How many deliveries may wait or be handled (default: 1,000,000).
    pub max_open_rows: u64,
    /// How many bytes their bodies may have (default: 4 GiB). The bodies of dead letters, and those that
    /// are kept of deliveries that were handled, do not count.
    pub max_bytes: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { max_open_rows: 1_000_000, max_bytes: 4 * 1024 * 1024 * 1024 }
    }
}

impl Settings {
    pub(super) const fn bounds(self) -> Bounds {
        Bounds { max_open_rows: self.max_open_rows, max_bytes: self.max_bytes }
    }

    /// Sets how many deliveries may wait or be handled. More are not stored.
    #[must_use]
    pub const fn with_max_open_rows(mut self, rows: u64) -> Self {
        self.max_open_rows = rows;
        self
    }

    /// Sets how many bytes the bodies of deliveries that wait or are handled may have. More are not
    /// stored.
    #[must_use]
    pub const fn with_max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self
    }
}
