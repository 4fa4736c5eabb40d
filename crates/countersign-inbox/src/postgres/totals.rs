//! How much is open. It is counted every few seconds, and not for each delivery: what this process has stored since
//! then is added, and what others have stored is not known yet.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use super::{
    failures::Failure,
    server::Server,
    transaction::{Kind, in_transaction},
};

/// How old a count may be. One that took long may be older.
const AGE: Duration = Duration::from_secs(2);

/// Of the rows that are open, which are in an index. Those that are done are not looked at.
pub(super) const OPEN: &str =
    "SELECT count(*), coalesce(sum(bytes), 0)::bigint FROM countersign_inbox WHERE state IN (0, 1)";

#[derive(Default)]
pub(super) struct Totals {
    rows: AtomicI64,
    bytes: AtomicI64,
    /// What this process has stored, ever.
    stored_rows: AtomicI64,
    stored_bytes: AtomicI64,
    /// When to count again.
    next: Mutex<Option<Instant>>,
    is_counting: AtomicBool,
}

impl Totals {
    pub(super) fn read(&self) -> (i64, i64) {
        (self.rows.load(Relaxed), self.bytes.load(Relaxed))
    }

    /// This process stored an open delivery.
    pub(super) fn stored(&self, bytes: i64) {
        for (counter, more) in
            [(&self.rows, 1), (&self.stored_rows, 1), (&self.bytes, bytes), (&self.stored_bytes, bytes)]
        {
            counter.fetch_add(more, Relaxed);
        }
    }

    /// Whether to count now. The caller does, and says so with [`end`](Self::end).
    pub(super) fn begin(&self) -> bool {
        let next = *self.next.lock().unwrap_or_else(PoisonError::into_inner);
        next.is_none_or(|next| next <= Instant::now()) && !self.is_counting.swap(true, Relaxed)
    }

    fn end(&self, took: Duration) {
        let wait = AGE.max(took.saturating_mul(20));
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now().checked_add(wait);
        self.is_counting.store(false, Relaxed);
    }
}

impl Server {
    /// Counts what is open.
    pub(super) async fn count(&self) -> Result<(), Failure> {
        let totals = &self.totals;
        let (start, rows_before, bytes_before) =
            (Instant::now(), totals.stored_rows.load(Relaxed), totals.stored_bytes.load(Relaxed));
        let counted = in_transaction!(self, Kind::Count, |tx| tx.query(OPEN, &[]));
        let counted = counted.and_then(|rows| {
            let Some(row) = rows.first() else { return Ok(()) };
            // What was stored meanwhile may be counted twice until the next time.
            let since = |counter: &AtomicI64, before| counter.load(Relaxed).saturating_sub(before);
            let rows: i64 = row.try_get(0)?;
            let bytes: i64 = row.try_get(1)?;
            totals.rows.store(rows.saturating_add(since(&totals.stored_rows, rows_before)), Relaxed);
            totals.bytes.store(bytes.saturating_add(since(&totals.stored_bytes, bytes_before)), Relaxed);
            Ok(())
        });
        totals.end(start.elapsed());
        counted
    }
}
