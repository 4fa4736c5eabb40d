//! What an inbox asks of a store.
//!
//! The three traits are apart so that a broker, which only takes deliveries, need not pretend to be a
//! queue that workers can claim from.

mod claims;
mod incoming;
mod keeping;
mod rows;

use std::{fmt, future::Future, pin::Pin};

use countersign_core::dedupe::{LeaseState, LeaseToken};

use crate::error::StoreError;
pub use claims::{ClaimId, ClaimRequest, Claimed, Settled, Waiting};
pub use incoming::{Incoming, Known, Stored};
pub use keeping::{Purge, Recovered, Recovery, Retention, Swept};
pub use rows::{AttemptError, Counts, Filter, Row, RowId, State};

/// The answer of a store.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Wakes a worker. It is cheap, and may be called at any time and from any thread.
pub type Alarm = Box<dyn Fn() + Send + Sync>;

/// Takes deliveries. When it answers, the delivery is durable.
pub trait Intake: Send + Sync + 'static {
    /// Stores a delivery, unless one with its key is known.
    fn store(&self, delivery: Incoming) -> Answer<'_, Stored>;
}

/// Keeps deliveries for workers. Each call is one transaction. Times are milliseconds since the Unix
/// epoch.
pub trait Queue: Intake {
    /// Asks to work on the store. `None` if another worker does, and only one may.
    fn lead(&self) -> Answer<'_, Option<Lead>>;

    /// Claims deliveries that are due: see [`ClaimRequest`]. If the caller does not wait for the answer any
    /// more, what was claimed is given back.
    fn claim(&self, request: ClaimRequest) -> Answer<'_, Vec<Claimed>>;

    /// Extends the leases that `token` holds to `until`, and returns how many it holds.
    fn renew(&self, token: LeaseToken, until: i64) -> Answer<'_, usize>;

    /// Ends an attempt, if `claim` still holds its row: otherwise nothing changes, and the answer is
    /// [`LeaseState::Lost`].
    fn settle(&self, claim: ClaimId, settled: Settled) -> Answer<'_, LeaseState>;

    /// Takes back the rows of a worker that died: those that are claimed and whose lease is not one of
    /// the caller's `token`, if their lease has expired or `is_sole` (no other worker can be alive).
    ///
    /// A row that ran beside others is put back without its attempt, and is a *suspect*: it runs alone
    /// from now on. A row that ran alone is charged with the death: see [`Recovery::most_deaths`].
    fn recover(&self, recovery: Recovery) -> Answer<'_, Recovered>;

    /// The providers of which rows wait, and when the first row of each is due.
    fn waiting(&self) -> Answer<'_, Vec<Waiting>>;

    /// Takes a worker's alarm, to call when another process has stored something. A store that does not learn
    /// of it does nothing: workers look once in a second.
    fn watch(&self, _arrived: Alarm) {}

    /// Removes what is older than it is to be kept.
    fn sweep(&self, now: i64, retention: Retention) -> Answer<'_, Swept>;
}

/// Shows and changes deliveries, for people.
pub trait Ledger: Send + Sync + 'static {
    /// Lists deliveries, the newest first, without their bodies: [`show`](Self::show) has them.
    fn list(&self, filter: Filter, limit: usize) -> Answer<'_, Vec<Row>>;

    /// Returns a delivery; `None` if there is none of this number.
    fn show(&self, id: RowId) -> Answer<'_, Option<Row>>;

    /// Counts the deliveries that match, by state.
    fn counts(&self, filter: Filter) -> Answer<'_, Counts>;

    /// Makes deliveries due now, with all their attempts, and returns how many: dead ones and done ones
    /// whose body is still there, and those that wait for another attempt. Others are left alone.
    fn redrive(&self, filter: Filter, now: i64) -> Answer<'_, usize>;

    /// Removes the bodies of deliveries and the errors of their attempts, which may quote them, and the
    /// rows if `Purge::Rows`. Returns how many. What of a body may be left in files, a store says. A delivery
    /// that is being handled is left alone.
    fn purge(&self, filter: Filter, purge: Purge) -> Answer<'_, usize>;
}

/// The right to work on a store, until it is dropped.
#[non_exhaustive]
pub struct Lead {
    /// Whether no other worker can be alive, so that what is claimed was left by one that died.
    pub is_sole: bool,
    /// Gives the right back when it is dropped.
    pub guard: Box<dyn Send + Sync>,
}

impl Lead {
    /// Creates the right.
    pub fn new(is_sole: bool, guard: impl Send + Sync + 'static) -> Self {
        Self { is_sole, guard: Box::new(guard) }
    }
}

impl fmt::Debug for Lead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lead").field("is_sole", &self.is_sole).finish_non_exhaustive()
    }
}
