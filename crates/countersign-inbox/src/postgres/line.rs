//! The line of a resource: its open deliveries, the oldest first. One that is ordered waits while an
//! older one is open.
//!
//! Whatever opens or ends rows of a line holds its advisory lock, and takes it before it locks a row. Several are
//! taken in the order of their numbers. Rows are locked in the order of theirs, or without waiting for others: so
//! no two calls wait for each other.

use tokio_postgres::Row;

use super::{failures::Failure, transaction::Tx};

/// Locks the lines of rows.
pub(super) const LOCK: &str = "SELECT pg_advisory_xact_lock(line) FROM (
    SELECT DISTINCT line FROM countersign_inbox WHERE id = ANY($1) AND line IS NOT NULL ORDER BY line) AS lines";

/// Whether the row `r` waits: for an UPDATE.
macro_rules! waits {
    () => {
        "(r.ordered AND r.line IS NOT NULL AND EXISTS (
            SELECT 1 FROM countersign_inbox AS older
            WHERE older.line = r.line AND older.provider = r.provider AND older.tenant IS NOT DISTINCT FROM r.tenant
              AND older.resource = r.resource AND older.state IN (0, 1) AND older.id < r.id))"
    };
}
pub(super) use waits;

/// Lets the oldest one of each line go.
pub(super) const RELEASE: &str = "UPDATE countersign_inbox AS r SET waits = FALSE
    FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) AS l (line, provider, tenant, resource)
    CROSS JOIN LATERAL (
      SELECT o.id FROM countersign_inbox AS o
      WHERE o.line = l.line AND o.provider = l.provider AND o.tenant IS NOT DISTINCT FROM l.tenant
        AND o.resource = l.resource AND o.state IN (0, 1) ORDER BY o.id LIMIT 1) AS oldest
    WHERE r.id = oldest.id AND r.waits AND r.state = 0 RETURNING r.id";

/// The columns of a line, of the table `r`.
macro_rules! line_columns {
    () => {
        "r.line, r.provider, r.tenant, r.resource"
    };
}
pub(super) use line_columns;

/// Which lines rows are in.
#[derive(Default)]
pub(super) struct Lines {
    numbers: Vec<i64>,
    providers: Vec<String>,
    tenants: Vec<Option<String>>,
    resources: Vec<String>,
}

impl Lines {
    /// Adds the line of a row from the columns of a line. It has none if its event has no resource.
    pub(super) fn add(&mut self, row: &Row, first: usize) -> Result<(), Failure> {
        let column = |number: usize| first.saturating_add(number);
        if let Some(number) = row.try_get(column(0))? {
            self.numbers.push(number);
            self.providers.push(row.try_get(column(1))?);
            self.tenants.push(row.try_get(column(2))?);
            self.resources.push(row.try_get(column(3))?);
        }
        Ok(())
    }

    /// After rows of theirs have ended, or have run.
    pub(super) async fn release(&self, tx: &Tx) -> Result<(), Failure> {
        if self.numbers.is_empty() {
            return Ok(());
        }
        tx.query(RELEASE, &[&self.numbers, &self.providers, &self.tenants, &self.resources]).await.map(drop)
    }
}
