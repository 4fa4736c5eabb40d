//! What a worker claims, and how it ends.

use std::time::Duration;

use countersign_core::{dedupe::LeaseToken, seal::Sealed};

use super::RowId;

/// What a worker claims. Rows are claimed in the order in which they are due, and of those that are due
/// at the same time, the oldest first.
///
/// A suspect is claimed only if nothing of the worker runs (`running` is 0), as the only row, and before
/// all others. While a suspect is due and something runs, nothing is claimed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClaimRequest {
    /// The worker's token.
    pub token: LeaseToken,
    /// The time.
    pub now: i64,
    /// The end of the leases.
    pub until: i64,
    /// The maximum number of rows.
    pub at_most: usize,
    /// How many rows of the worker run.
    pub running: usize,
    /// The providers that the worker handles, and the maximum number of rows of each.
    pub providers: Vec<(String, usize)>,
    /// Whether it handles all other providers, too.
    pub others: bool,
    /// Whether tenants take turns: of rows that are due, the first of each tenant, then the second.
    pub is_fair: bool,
}

impl ClaimRequest {
    /// Creates a request.
    pub fn new(token: LeaseToken, now: i64, lease: Duration, at_most: usize) -> Self {
        let until = now.saturating_add(i64::try_from(lease.as_millis()).unwrap_or(i64::MAX));
        Self { token, now, until, at_most, running: 0, providers: Vec::new(), others: false, is_fair: false }
    }
}

/// A provider of which rows wait.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Waiting {
    /// The provider's short name.
    pub provider: String,
    /// When the first row is due.
    pub due: i64,
}

impl Waiting {
    /// Creates what waits.
    pub fn new(provider: impl Into<String>, due: i64) -> Self {
        Self { provider: provider.into(), due }
    }
}

/// A claim of a row: the fence of its attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ClaimId {
    /// The row.
    pub id: RowId,
    /// The worker's token.
    pub token: LeaseToken,
    /// The number of the attempt, from 1 on.
    pub attempt: u32,
}

impl ClaimId {
    /// Creates the claim of an attempt.
    pub const fn new(id: RowId, token: LeaseToken, attempt: u32) -> Self {
        Self { id, token, attempt }
    }
}

/// A claimed row.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Claimed {
    /// The claim.
    pub claim: ClaimId,
    /// The delivery, which is not opened yet.
    pub sealed: Sealed,
    /// Whether it runs alone.
    pub is_suspect: bool,
}

impl Claimed {
    /// Creates a claimed row.
    pub const fn new(claim: ClaimId, sealed: Sealed, is_suspect: bool) -> Self {
        Self { claim, sealed, is_suspect }
    }
}

/// The end of an attempt. More may be added.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Settled {
    /// It was handled. The body is removed, unless it is to be kept until then.
    Done {
        /// The time.
        now: i64,
        /// Until when the body is kept.
        keep_body_until: Option<i64>,
    },
    /// It is to be tried again.
    Retry {
        /// The time.
        now: i64,
        /// When it is due.
        due: i64,
        /// What went wrong.
        why: String,
    },
    /// It is not tried again: a dead letter.
    Dead {
        /// The time.
        now: i64,
        /// What went wrong.
        why: String,
    },
    /// It was not tried, as the worker stops: the attempt does not count, and it is due at once.
    Returned,
}
