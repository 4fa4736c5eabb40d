//! What becomes of rows that a worker left behind, and of old ones.

use std::time::Duration;

use countersign_core::dedupe::LeaseToken;

use super::RowId;

/// What becomes of rows whose worker died.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Recovery {
    /// The token of the worker that recovers: its rows are not touched.
    pub token: LeaseToken,
    /// The time.
    pub now: i64,
    /// Whether no other worker can be alive, so that no lease counts.
    pub is_sole: bool,
    /// A row that ran alone when its process died this many times is dead.
    pub most_deaths: u32,
}

impl Recovery {
    /// Creates a recovery.
    pub const fn new(token: LeaseToken, now: i64, is_sole: bool, most_deaths: u32) -> Self {
        Self { token, now, is_sole, most_deaths }
    }
}

/// What became of rows whose worker died.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recovered {
    /// Rows that ran beside others, and are suspects now.
    pub suspects: usize,
    /// Rows that ran alone and are to be tried again.
    pub charged: usize,
    /// Rows that ran alone, and are dead letters now.
    pub dead: Vec<RowId>,
}

/// For how long rows are kept, from the time when they ended.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Retention {
    /// Dead letters (default: 30 days).
    pub dead: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        Self { dead: Duration::from_secs(30 * 24 * 60 * 60) }
    }
}

/// What a sweep removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Swept {
    /// Bodies of rows that are kept.
    pub bodies: usize,
    /// Rows.
    pub rows: usize,
}

/// What a purge removes. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Purge {
    /// The bodies. The keys stay, so that an equal delivery is still a duplicate. A delivery that was
    /// not handled is dead then.
    Bodies,
    /// All of it. An equal delivery is new.
    Rows,
}
