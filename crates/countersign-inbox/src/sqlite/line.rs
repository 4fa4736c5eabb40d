//! The line of a resource: its open deliveries, the oldest first. One that is ordered waits while an
//! older one is open.

use rusqlite::{Connection, Row, params};

use super::rows::Text;

/// Whether the row waits: for an UPDATE of `countersign_inbox`.
pub(super) const WAITS: &str = "(ordered <> 0 AND resource IS NOT NULL AND EXISTS (
    SELECT 1 FROM countersign_inbox AS older INDEXED BY countersign_inbox_line
    WHERE older.provider = countersign_inbox.provider AND older.tenant IS countersign_inbox.tenant
      AND older.resource = countersign_inbox.resource AND older.state IN (0, 1) AND older.id < countersign_inbox.id))";

/// Whether a row waits that is open again: also while a newer one runs.
pub(super) const WAITS_AGAIN: &str = "(ordered <> 0 AND resource IS NOT NULL AND EXISTS (
    SELECT 1 FROM countersign_inbox AS other INDEXED BY countersign_inbox_line
    WHERE other.provider = countersign_inbox.provider AND other.tenant IS countersign_inbox.tenant
      AND other.resource = countersign_inbox.resource AND other.state IN (0, 1)
      AND (other.id < countersign_inbox.id OR (other.state = 1 AND other.id <> countersign_inbox.id))))";

/// Lets the oldest one go.
pub(super) const RELEASE: &str = "UPDATE countersign_inbox SET waits = 0 WHERE waits <> 0 AND state = 0 AND id = (
    SELECT id FROM countersign_inbox INDEXED BY countersign_inbox_line
    WHERE provider = ?1 AND tenant IS ?2 AND resource = ?3 AND state IN (0, 1) ORDER BY id LIMIT 1)";

/// Has those wait that are newer than one which is open again.
pub(super) const HOLD: &str = "UPDATE countersign_inbox SET waits = 1
    WHERE provider = ?1 AND tenant IS ?2 AND resource = ?3 AND id > ?4
      AND state IN (0, 1) AND state = 0 AND ordered <> 0 AND waits = 0";

/// Which line a row is in.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct Line {
    provider: Text,
    tenant: Option<Text>,
    resource: Text,
}

impl Line {
    /// Reads the columns `provider`, `tenant` and `resource`. `None` if the event has no resource.
    pub(super) fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<Self>> {
        let column = |number: usize| row.get_ref(first.saturating_add(number)).map(Text::read);
        let (provider, tenant, resource) = (column(0)?.unwrap_or(Text::EMPTY), column(1)?, column(2)?);
        Ok(resource.map(|resource| Self { provider, tenant, resource }))
    }

    /// After one has ended, or has run.
    pub(super) fn release(&self, transaction: &Connection) -> rusqlite::Result<()> {
        let Self { provider, tenant, resource } = self;
        transaction.prepare_cached(RELEASE)?.execute(params![provider, tenant, resource]).map(drop)
    }

    /// After this one is open again.
    pub(super) fn hold(&self, transaction: &Connection, id: i64) -> rusqlite::Result<()> {
        let Self { provider, tenant, resource } = self;
        transaction.prepare_cached(HOLD)?.execute(params![provider, tenant, resource, id]).map(drop)
    }
}
