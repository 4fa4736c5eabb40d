//! The settings of a store.

use std::time::Duration;

use crate::sql::bounds::Bounds;

/// The settings of a [`PostgresStore`](super::PostgresStore).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// How many deliveries may wait or be handled (default: 1,000,000).
    pub max_open_rows: u64,
    /// How many bytes their bodies may have (default: 4 GiB). The bodies of dead letters, and those that
    /// are kept of deliveries that were handled, do not count.
    pub max_bytes: u64,
    /// The schema of the tables (default: the first one of the connection's search path).
    pub schema: Option<String>,
    /// The deadline of a call (default: 5 s). Lists, counts, redrives and purges have a minute for each part.
    pub deadline: Duration,
    /// How many connections are opened at most, beside one that listens (default: 8).
    pub connections: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_open_rows: 1_000_000,
            max_bytes: 4 * 1024 * 1024 * 1024,
            schema: None,
            deadline: Duration::from_secs(5),
            connections: 8,
        }
    }
}

impl Settings {
    pub(super) const fn bounds(&self) -> Bounds {
        Bounds { max_open_rows: self.max_open_rows, max_bytes: self.max_bytes }
    }

    /// Sets how many deliveries may wait or be handled. More are not stored. What other processes store counts
    /// some seconds later.
    #[must_use]
    pub const fn with_max_open_rows(mut self, rows: u64) -> Self {
        self.max_open_rows = rows;
        self
    }

    /// Sets how many bytes the bodies of deliveries that wait or are handled may have. More are not
    /// stored. What other processes store counts some seconds later.
    #[must_use]
    pub const fn with_max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Sets the schema of the tables, so that several services share a database. It is created unless it is there.
    #[must_use]
    pub fn with_schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = Some(schema.into());
        self
    }

    /// Sets the deadline of a call. Keep it below a sixth of the inbox's lease (30 s): a worker makes a few calls between
    /// two renewals, and what it handles is handled again by another one if its lease has ended.
    #[must_use]
    pub const fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Sets how many connections are opened at most. At least two are.
    #[must_use]
    pub const fn with_connections(mut self, connections: usize) -> Self {
        self.connections = connections;
        self
    }
}
