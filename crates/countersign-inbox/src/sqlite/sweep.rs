//! Removes what is older than it is to be kept, some rows at a time.

use rusqlite::{Connection, params};

use super::settle::remove_body;
use crate::store::{Retention, Swept};

/// How many rows a transaction removes: stores wait for it.
pub(super) const AT_ONCE: usize = 250;

pub(super) const BODIES: &str = "SELECT id FROM countersign_inbox INDEXED BY countersign_inbox_kept
    WHERE state = 2 AND body_until IS NOT NULL AND body_until <= ?1 ORDER BY body_until LIMIT ?2";

pub(super) const DONE: &str = "SELECT id FROM countersign_inbox INDEXED BY countersign_inbox_done
    WHERE state = 2 AND body_until IS NULL AND keep_until <= ?1 ORDER BY keep_until LIMIT ?2";

pub(super) const DEAD: &str = "SELECT id FROM countersign_inbox INDEXED BY countersign_inbox_dead
    WHERE state = 3 AND settled_at <= ?1 AND keep_until <= ?2 ORDER BY settled_at LIMIT ?3";

pub(super) const REMOVE: &str = "DELETE FROM countersign_inbox WHERE id = ?1";

/// Removes some. Returns what, and whether there may be more.
pub(super) fn sweep(transaction: &Connection, now: i64, retention: Retention) -> rusqlite::Result<(Swept, bool)> {
    let limit = i64::try_from(AT_ONCE).unwrap_or(i64::MAX);
    let dead_before = now.saturating_sub(i64::try_from(retention.dead.as_millis()).unwrap_or(i64::MAX));
    let ids = |sql: &str, values: &[i64]| {
        let mut statement = transaction.prepare_cached(sql)?;
        statement
            .query_map(rusqlite::params_from_iter(values), |row| row.get(0))?
            .collect::<rusqlite::Result<Vec<i64>>>()
    };
    let bodies = ids(BODIES, &[now, limit])?;
    for &id in &bodies {
        remove_body(transaction, id)?;
    }
    let done = ids(DONE, &[now, limit])?;
    let dead = ids(DEAD, &[dead_before, now, limit])?;
    for id in done.iter().chain(&dead) {
        transaction.prepare_cached(REMOVE)?.execute(params![id])?;
    }
    let is_more = [&bodies, &done, &dead].iter().any(|ids| ids.len() >= AT_ONCE);
    Ok((Swept { bodies: bodies.len(), rows: done.len().saturating_add(dead.len()) }, is_more))
}
