//! Redrives and purges, some rows at a time.

use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, OptionalExtension, params};

use super::{
    connection::in_short,
    filter,
    line::{Line, WAITS_AGAIN},
    rows::{count, integer, text},
    settle::{REMOVE_BODY, remove_body},
    sweep::{AT_ONCE, REMOVE},
};
use crate::{
    sql::errors,
    store::{Filter, Purge},
};

const WITH_BODY: &str = "SELECT r.state, r.provider, r.tenant, r.resource FROM countersign_inbox AS r
    WHERE r.id = ?1 AND (r.state IN (2, 3) OR (r.state = 0 AND (r.attempts > 0 OR r.due_at > ?2)))
    AND EXISTS (SELECT 1 FROM countersign_inbox_body AS b WHERE b.id = r.id)";

/// What waits stays as suspect as it is.
fn again() -> String {
    format!(
        "UPDATE countersign_inbox SET state = 0, attempts = 0, deaths = CASE state WHEN 0 THEN deaths ELSE 0 END,
         suspect = CASE state WHEN 0 THEN suspect ELSE 0 END, due_at = ?2, settled_at = NULL, body_until = NULL,
         waits = {WAITS_AGAIN} WHERE id = ?1"
    )
}

const ROW: &str = "SELECT state, attempts, errors, provider, tenant, resource FROM countersign_inbox WHERE id = ?1";

/// Errors go along: they may say what the body said.
const FORGET: &str = "UPDATE countersign_inbox SET errors = '[]' WHERE id = ?1";

const PURGED: &str = "UPDATE countersign_inbox SET state = 3, settled_at = ?2, errors = ?3, suspect = 0, waits = 0
    WHERE id = ?1";

/// What a part of a redrive or a purge has done.
pub(super) struct Part {
    pub(super) changed: usize,
    /// The last row that was looked at; `None` if that was all.
    pub(super) last: Option<i64>,
}

/// Looks at the next rows of a filter.
fn part(
    transaction: &Connection,
    filter: &Filter,
    after: i64,
    mut change: impl FnMut(i64) -> rusqlite::Result<bool>,
) -> rusqlite::Result<Part> {
    let ids = filter::after(transaction, filter, after, AT_ONCE)?;
    let mut changed = 0_usize;
    for &id in &ids {
        changed = changed.saturating_add(change(id)?.into());
    }
    Ok(Part { changed, last: ids.last().copied().filter(|_| ids.len() >= AT_ONCE) })
}

/// Makes rows due that are dead, done, or wait for another attempt, if their body is there.
pub(super) fn redrive(transaction: &Connection, filter: &Filter, now: i64, after: i64) -> rusqlite::Result<Part> {
    part(transaction, filter, after, |id| {
        let line = transaction.prepare_cached(WITH_BODY)?.query_row([id, now], |row| Line::read(row, 1)).optional()?;
        let Some(line) = line else {
            return Ok(false);
        };
        transaction.prepare_cached(&again())?.execute(params![id, now])?;
        line.map_or(Ok(()), |line| line.hold(transaction, id))?;
        Ok(true)
    })
}

/// Removes bodies, or rows.
pub(super) fn purge(transaction: &Connection, filter: &Filter, purge: Purge, after: i64) -> rusqlite::Result<Part> {
    let now = now();
    part(transaction, filter, after, |id| {
        let (was_open, attempts, errors, line) = transaction.prepare_cached(ROW)?.query_row([id], |row| {
            let errors = row.get_ref(2).map(text)?.unwrap_or_default();
            Ok((integer(row.get_ref(0)?) == Some(0), count(row.get_ref(1)?), errors, Line::read(row, 3)?))
        })?;
        let changed = match purge {
            Purge::Rows => {
                transaction.prepare_cached(REMOVE_BODY)?.execute([id])?;
                transaction.prepare_cached(REMOVE)?.execute([id])? > 0
            }
            Purge::Bodies => {
                let has_errors =
                    errors != "[]" && !errors::read(&errors).iter().any(|error| error.why == errors::PURGED);
                let removed = remove_body(transaction, id)?;
                if was_open {
                    let errors = errors::added("[]", attempts, now, errors::PURGED);
                    transaction.prepare_cached(PURGED)?.execute(params![id, now, errors])?;
                } else if has_errors {
                    transaction.prepare_cached(FORGET)?.execute([id])?;
                }
                removed || was_open || has_errors
            }
        };
        if let (true, Some(line)) = (was_open, line) {
            line.release(transaction)?;
        }
        Ok(changed)
    })
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// How many free pages are given back at once.
const PAGES: i64 = 1_000;

/// Gives free pages back to the file system. Returns whether there are more.
pub(super) fn give_back(transaction: &Connection) -> rusqlite::Result<bool> {
    let free = || transaction.pragma_query_value(None, "freelist_count", |row| row.get::<_, i64>(0));
    let before = free()?;
    let mut statement = transaction.prepare(&format!("PRAGMA incremental_vacuum({PAGES})"))?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    let left = free()?;
    Ok(left > 0 && left < before)
}

/// Empties the log, where what was removed still is. Returns whether it is empty.
pub(super) fn empty_log(connection: &mut Connection) -> rusqlite::Result<bool> {
    let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
    let is_busy: i64 = in_short(connection, |connection| connection.query_row(sql, [], |row| row.get(0)))?;
    Ok(is_busy == 0)
}
