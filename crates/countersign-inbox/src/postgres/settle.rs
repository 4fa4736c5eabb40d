//! Ends attempts, and extends leases.

use countersign_core::dedupe::{LeaseState, LeaseToken};

use super::{
    clock::Clock,
    failures::Failure,
    line::{LOCK, Lines, line_columns, waits},
    text,
    transaction::Tx,
};
use crate::{
    sql::errors,
    store::{ClaimId, Settled},
};

/// In the order of the rows: another call may lock several, too.
pub(super) const RENEW: &str = "WITH mine AS MATERIALIZED (
      SELECT id FROM countersign_inbox WHERE state = 1 AND lease = $1 ORDER BY id FOR UPDATE)
    UPDATE countersign_inbox AS r SET lease_until = $2 FROM mine WHERE r.id = mine.id RETURNING r.id";

macro_rules! held {
    () => {
        "r.id = $1 AND r.lease = $2 AND r.attempts = $3 AND r.state = 1"
    };
}

/// The last errors, and this one.
macro_rules! with_error {
    ($error:literal) => {
        concat!("jsonb_path_query_array(r.errors || ", $error, "::text::jsonb, '$[last - 19 to last]')")
    };
}

pub(super) const DONE: &str = concat!(
    "WITH held AS (
      UPDATE countersign_inbox AS r SET state = 2, settled_at = $4, body_until = $5,
        bytes = CASE WHEN $5::bigint IS NULL THEN NULL ELSE r.bytes END, suspect = 0, lease = NULL, lease_until = NULL
      WHERE ",
    held!(),
    " RETURNING r.id, ",
    line_columns!(),
    "), gone AS (DELETE FROM countersign_inbox_body AS b USING held WHERE b.id = held.id AND $5::bigint IS NULL)
    SELECT ",
    line_columns!(),
    " FROM held AS r"
);

pub(super) const DEAD: &str = concat!(
    "UPDATE countersign_inbox AS r SET state = 3, settled_at = $4, errors = ",
    with_error!("$5"),
    ", suspect = 0, lease = NULL, lease_until = NULL WHERE ",
    held!(),
    " RETURNING ",
    line_columns!()
);

/// A suspect that came to an end is none any more: it ran alone, and the process lives.
pub(super) const RETRY: &str = concat!(
    "UPDATE countersign_inbox AS r SET state = 0, due_at = $4, errors = ",
    with_error!("$5"),
    ", suspect = 0, lease = NULL, lease_until = NULL, waits = ",
    waits!(),
    " WHERE ",
    held!(),
    " RETURNING ",
    line_columns!()
);

pub(super) const RETURNED: &str = concat!(
    "UPDATE countersign_inbox AS r SET state = 0, attempts = r.attempts - 1, suspect = least(r.suspect, 1),
      lease = NULL, lease_until = NULL, waits = ",
    waits!(),
    " WHERE ",
    held!(),
    " RETURNING ",
    line_columns!()
);

pub(super) async fn renew(tx: &Tx, token: LeaseToken, until: i64) -> Result<usize, Failure> {
    let token = token.to_bytes();
    tx.execute(RENEW, &[&&token[..], &until]).await
}

pub(super) async fn settle(tx: &Tx, clock: &Clock, claim: ClaimId, settled: &Settled) -> Result<LeaseState, Failure> {
    let ClaimId { id, token, attempt } = claim;
    let (id, token, attempt) = (id.0, token.to_bytes(), i64::from(attempt));
    let (token, error) = (&token[..], |at: i64, why: &str| errors::one(claim.attempt, at, &text::written(why)));
    tx.query(LOCK, &[&[id].as_slice()]).await?;
    let held = match settled {
        Settled::Done { now, keep_body_until } => {
            let until = keep_body_until.map(|until| clock.to_server(until));
            tx.query(DONE, &[&id, &token, &attempt, &clock.to_server(*now), &until]).await?
        }
        Settled::Dead { now, why } => {
            let now = clock.to_server(*now);
            tx.query(DEAD, &[&id, &token, &attempt, &now, &error(now, why)]).await?
        }
        Settled::Retry { now, due, why } => {
            let (now, due) = (clock.to_server(*now), clock.to_server(*due));
            tx.query(RETRY, &[&id, &token, &attempt, &due, &error(now, why)]).await?
        }
        Settled::Returned => tx.query(RETURNED, &[&id, &token, &attempt]).await?,
    };
    let Some(row) = held.first() else {
        return Ok(LeaseState::Lost);
    };
    // One that is still open is not passed, unless an older one was redriven.
    let mut lines = Lines::default();
    lines.add(row, 0)?;
    lines.release(tx).await?;
    Ok(LeaseState::Held)
}
