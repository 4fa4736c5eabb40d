//! Takes back the rows of a worker that died.

use super::{
    clock::Clock,
    failures::Failure,
    line::{LOCK, Lines, line_columns, waits},
    sweep::AT_ONCE,
    transaction::Tx,
};
use crate::{
    sql::{errors, turns::limit},
    store::{Recovered, Recovery, RowId},
};

pub(super) const ORPHANS: &str = "SELECT id FROM countersign_inbox
    WHERE state = 1 AND lease IS DISTINCT FROM $1 AND ($3 OR coalesce(lease_until, 0) <= $2) LIMIT $4";

/// Those of them that no other worker takes back or renews at this moment.
pub(super) const MINE: &str = "SELECT id FROM countersign_inbox
    WHERE id = ANY($1) AND state = 1 AND lease IS DISTINCT FROM $2 AND ($4 OR coalesce(lease_until, 0) <= $3)
    ORDER BY id FOR UPDATE SKIP LOCKED";

/// Whether a row that ran alone is given up.
macro_rules! is_dead {
    () => {
        "(r.suspect = 2 AND r.deaths >= $3::bigint - 1)"
    };
}

pub(super) const PUT_BACK: &str = concat!(
    "UPDATE countersign_inbox AS r SET
      state = CASE WHEN ",
    is_dead!(),
    " THEN 3 ELSE 0 END,
      settled_at = CASE WHEN ",
    is_dead!(),
    " THEN $2::bigint ELSE r.settled_at END,
      suspect = CASE WHEN ",
    is_dead!(),
    " THEN 0 ELSE 1 END,
      attempts = CASE r.suspect WHEN 2 THEN r.attempts ELSE greatest(least(r.attempts, 4294967295), 1) - 1 END,
      deaths = CASE r.suspect WHEN 2 THEN least(greatest(r.deaths, 0), 4294967294) + 1 ELSE r.deaths END,
      errors = CASE r.suspect WHEN 2 THEN jsonb_path_query_array(r.errors || jsonb_build_array(
          jsonb_build_object('attempt', r.attempts, 'at', $2::bigint, 'why', $4::text)), '$[last - 19 to last]')
        ELSE r.errors END,
      lease = NULL, lease_until = NULL,
      waits = NOT ",
    is_dead!(),
    " AND ",
    waits!(),
    " FROM countersign_inbox AS was WHERE r.id = ANY($1) AND was.id = r.id
    RETURNING r.id, r.state, was.suspect, ",
    line_columns!()
);

/// Takes back some. Returns whether there may be more.
pub(super) async fn recover(tx: &Tx, clock: &Clock, recovery: &Recovery) -> Result<(Recovered, bool), Failure> {
    let Recovery { token, now, is_sole, most_deaths } = *recovery;
    let (token, now) = (token.to_bytes(), clock.to_server(now));
    let token = &token[..];
    let ids = ids(&tx.query(ORPHANS, &[&token, &now, &is_sole, &limit(AT_ONCE)]).await?)?;
    let mut recovered = Recovered::default();
    if ids.is_empty() {
        return Ok((recovered, false));
    }
    tx.query(LOCK, &[&ids]).await?;
    let mine = self::ids(&tx.query(MINE, &[&ids, &token, &now, &is_sole]).await?)?;
    let rows = tx.query(PUT_BACK, &[&mine, &now, &i64::from(most_deaths), &errors::DEATH]).await?;
    let mut lines = Lines::default();
    for row in &rows {
        let (id, state, suspect): (i64, i16, i16) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        match (suspect, state) {
            (2, 0) => recovered.charged = recovered.charged.saturating_add(1),
            (2, _) => recovered.dead.push(RowId(id)),
            _ => recovered.suspects = recovered.suspects.saturating_add(1),
        }
        lines.add(row, 3)?;
    }
    recovered.dead.sort_unstable();
    lines.release(tx).await?;
    Ok((recovered, ids.len() >= AT_ONCE && !mine.is_empty()))
}

/// The first column.
pub(super) fn ids(rows: &[tokio_postgres::Row]) -> Result<Vec<i64>, Failure> {
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}
