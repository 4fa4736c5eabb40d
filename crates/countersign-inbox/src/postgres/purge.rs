//! Redrives and purges, some rows at a time.

use super::{
    clock::{Clock, system},
    failures::Failure,
    filter,
    line::{LOCK, Lines, line_columns},
    recover::ids,
    sweep::AT_ONCE,
    transaction::Tx,
};
use crate::{
    sql::errors,
    store::{Filter, Purge},
};

/// Rows that can be made due again.
pub(super) const AGAIN: &str = "SELECT r.id FROM countersign_inbox AS r
    WHERE r.id = ANY($1) AND (r.state IN (2, 3) OR (r.state = 0 AND (r.attempts > 0 OR r.due_at > $2)))
      AND EXISTS (SELECT 1 FROM countersign_inbox_body AS b WHERE b.id = r.id)
    ORDER BY r.id FOR UPDATE OF r";

/// Has those wait that are newer than one which is open again. A worker that claims one at this moment is waited for.
pub(super) const HOLD: &str = "UPDATE countersign_inbox AS newer SET waits = TRUE FROM countersign_inbox AS r
    WHERE r.id = ANY($1) AND r.line IS NOT NULL AND newer.line = r.line AND newer.provider = r.provider
      AND newer.tenant IS NOT DISTINCT FROM r.tenant AND newer.resource = r.resource AND newer.id > r.id
      AND newer.state IN (0, 1) AND newer.state = 0 AND newer.ordered AND NOT newer.waits RETURNING newer.id";

/// What waits stays as suspect as it is. A row that is open again waits also while a newer one runs.
pub(super) const OPEN: &str = "UPDATE countersign_inbox AS r SET state = 0, attempts = 0,
      deaths = CASE r.state WHEN 0 THEN r.deaths ELSE 0 END, suspect = CASE r.state WHEN 0 THEN r.suspect ELSE 0 END,
      due_at = $2, settled_at = NULL, body_until = NULL,
      waits = r.ordered AND r.line IS NOT NULL AND (
        EXISTS (
          SELECT 1 FROM countersign_inbox AS other
          WHERE other.line = r.line AND other.provider = r.provider AND other.tenant IS NOT DISTINCT FROM r.tenant
            AND other.resource = r.resource AND other.state IN (0, 1)
            AND (other.id < r.id OR (other.state = 1 AND other.id <> r.id)))
        OR EXISTS (
          SELECT 1 FROM countersign_inbox AS other
          WHERE other.id = ANY($1) AND other.id < r.id AND other.line = r.line AND other.provider = r.provider
            AND other.tenant IS NOT DISTINCT FROM r.tenant AND other.resource = r.resource))
    WHERE r.id = ANY($1) RETURNING r.id";

/// Rows that no worker has.
pub(super) const FREE: &str =
    "SELECT r.id FROM countersign_inbox AS r WHERE r.id = ANY($1) AND r.state <> 1 ORDER BY r.id FOR UPDATE";

pub(super) const REMOVE: &str =
    concat!("DELETE FROM countersign_inbox AS r WHERE r.id = ANY($1) RETURNING r.state IN (0, 1), ", line_columns!());

/// Errors go along: they may say what the body said. What was purged before it was handled says so, and that stays.
pub(super) const FORGET: &str = concat!(
    "WITH gone AS (DELETE FROM countersign_inbox_body WHERE id = ANY($1) RETURNING id)
    UPDATE countersign_inbox AS r SET bytes = NULL, body_until = NULL, state = CASE r.state WHEN 0 THEN 3 ELSE r.state END,
      settled_at = CASE r.state WHEN 0 THEN $2::bigint ELSE r.settled_at END,
      suspect = CASE r.state WHEN 0 THEN 0 ELSE r.suspect END, waits = FALSE,
      errors = CASE
        WHEN r.state = 0 THEN jsonb_build_array(jsonb_build_object('attempt', r.attempts, 'at', $2::bigint, 'why', $3::text))
        WHEN r.errors @> jsonb_build_array(jsonb_build_object('why', $3::text)) THEN r.errors
        ELSE '[]' END
    FROM countersign_inbox AS was
    WHERE r.id = ANY($1) AND was.id = r.id AND (r.state = 0 OR r.bytes IS NOT NULL OR r.id IN (SELECT id FROM gone)
      OR (r.errors <> '[]' AND NOT r.errors @> jsonb_build_array(jsonb_build_object('why', $3::text))))
    RETURNING was.state = 0, ",
    line_columns!()
);

/// Afterwards: what is dead in these tables is overwritten.
pub(super) const CLEAN: &str = "VACUUM countersign_inbox_body, countersign_inbox";

/// What a part of a redrive or a purge has done.
pub(super) struct Part {
    pub(super) changed: usize,
    /// The last row that was looked at; `None` if that was all.
    pub(super) last: Option<i64>,
}

/// The next rows of a filter, whose lines are locked.
async fn next(tx: &Tx, filter: &Filter, after: i64) -> Result<(Vec<i64>, Option<i64>), Failure> {
    let ids = filter::next(tx, filter, after, AT_ONCE).await?;
    if !ids.is_empty() {
        tx.query(LOCK, &[&ids]).await?;
    }
    let last = ids.last().copied().filter(|_| ids.len() >= AT_ONCE);
    Ok((ids, last))
}

/// Makes rows due that are dead, done, or wait for another attempt, if their body is there.
pub(super) async fn redrive(tx: &Tx, clock: &Clock, filter: &Filter, now: i64, after: i64) -> Result<Part, Failure> {
    let now = clock.to_server(now);
    let (found, last) = next(tx, filter, after).await?;
    let again = ids(&tx.query(AGAIN, &[&found, &now]).await?)?;
    tx.query(HOLD, &[&again]).await?;
    let changed = tx.execute(OPEN, &[&again, &now]).await?;
    Ok(Part { changed, last })
}

/// Removes bodies, or rows.
pub(super) async fn purge(tx: &Tx, clock: &Clock, filter: &Filter, purge: Purge, after: i64) -> Result<Part, Failure> {
    let (found, last) = next(tx, filter, after).await?;
    let free = ids(&tx.query(FREE, &[&found]).await?)?;
    let now = clock.to_server(system());
    let rows = match purge {
        Purge::Rows => tx.query(REMOVE, &[&free]).await?,
        Purge::Bodies => tx.query(FORGET, &[&free, &now, &errors::PURGED]).await?,
    };
    let mut lines = Lines::default();
    for row in &rows {
        if row.try_get(0)? {
            lines.add(row, 1)?;
        }
    }
    lines.release(tx).await?;
    Ok(Part { changed: rows.len(), last })
}
