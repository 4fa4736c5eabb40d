//! Removes what is older than it is to be kept, some rows at a time.

use super::{
    clock::{Clock, milliseconds},
    failures::Failure,
    transaction::Tx,
};
use crate::{
    sql::turns::limit,
    store::{Retention, Swept},
};

/// How many rows a transaction changes.
pub(super) const AT_ONCE: usize = 250;

/// What others have at this moment is left to them.
pub(super) const BODIES: &str = "WITH old AS MATERIALIZED (
      SELECT id FROM countersign_inbox WHERE state = 2 AND body_until IS NOT NULL AND body_until <= $1
      ORDER BY body_until LIMIT $2 FOR UPDATE SKIP LOCKED),
    gone AS (DELETE FROM countersign_inbox_body AS b USING old WHERE b.id = old.id)
    UPDATE countersign_inbox AS r SET bytes = NULL, body_until = NULL FROM old WHERE r.id = old.id RETURNING r.id";

pub(super) const DONE: &str = "WITH old AS MATERIALIZED (
      SELECT id FROM countersign_inbox WHERE state = 2 AND body_until IS NULL AND keep_until <= $1
      ORDER BY keep_until LIMIT $2 FOR UPDATE SKIP LOCKED)
    DELETE FROM countersign_inbox AS r USING old WHERE r.id = old.id RETURNING r.id";

pub(super) const DEAD: &str = "WITH old AS MATERIALIZED (
      SELECT id FROM countersign_inbox WHERE state = 3 AND settled_at <= $1 AND keep_until <= $2
      ORDER BY settled_at LIMIT $3 FOR UPDATE SKIP LOCKED)
    DELETE FROM countersign_inbox AS r USING old WHERE r.id = old.id RETURNING r.id";

/// Removes some. Returns what, and whether there may be more.
pub(super) async fn sweep(tx: &Tx, clock: &Clock, now: i64, retention: Retention) -> Result<(Swept, bool), Failure> {
    let now = clock.to_server(now);
    let (most, dead_before) = (limit(AT_ONCE), now.saturating_sub(milliseconds(retention.dead)));
    let bodies = tx.execute(BODIES, &[&now, &most]).await?;
    let done = tx.execute(DONE, &[&now, &most]).await?;
    let dead = tx.execute(DEAD, &[&dead_before, &now, &most]).await?;
    let is_more = [bodies, done, dead].iter().any(|&rows| rows >= AT_ONCE);
    Ok((Swept { bodies, rows: done.saturating_add(dead) }, is_more))
}
