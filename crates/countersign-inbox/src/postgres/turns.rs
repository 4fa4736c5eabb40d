//! Tenants in turn: of what is due, the first of each tenant, then the second.

use super::{failures::Failure, transaction::Tx};
use crate::{
    sql::turns::{Depth, DueOf, deal, limit, rooms},
    store::ClaimRequest,
};

/// How much more is chosen than is claimed: other workers choose the same rows.
const MORE: usize = 4;

/// The first rows that are due of each tenant of each provider. Tenants are found by jumps from one to the next.
pub(super) const FIRSTS: &str = "WITH RECURSIVE t AS (
      SELECT p.provider, p.room, n.tenant FROM unnest($1::text[], $2::bigint[]) AS p (provider, room)
      CROSS JOIN LATERAL (
        SELECT tenant FROM countersign_inbox
        WHERE state = 0 AND NOT waits AND suspect = 0 AND provider = p.provider AND tenant IS NOT NULL
        ORDER BY tenant, due_at, id LIMIT 1) AS n
      UNION ALL
      SELECT t.provider, t.room, n.tenant FROM t CROSS JOIN LATERAL (
        SELECT tenant FROM countersign_inbox
        WHERE state = 0 AND NOT waits AND suspect = 0 AND provider = t.provider AND tenant > t.tenant
        ORDER BY tenant, due_at, id LIMIT 1) AS n)
    SELECT t.provider, t.tenant, d.due_at, d.id FROM t CROSS JOIN LATERAL (
      SELECT due_at, id FROM countersign_inbox
      WHERE state = 0 AND NOT waits AND suspect = 0 AND provider = t.provider AND tenant = t.tenant AND due_at <= $3
      ORDER BY due_at, id LIMIT least(t.room, $4)) AS d
    UNION ALL
    SELECT p.provider, NULL, d.due_at, d.id FROM unnest($1::text[], $2::bigint[]) AS p (provider, room)
    CROSS JOIN LATERAL (
      SELECT due_at, id FROM countersign_inbox
      WHERE state = 0 AND NOT waits AND suspect = 0 AND provider = p.provider AND tenant IS NULL AND due_at <= $3
      ORDER BY due_at, id LIMIT least(p.room, $4)) AS d";

/// Chooses rows. It looks at the first of each tenant, and at more only if those are not enough.
pub(super) async fn choose(tx: &Tx, request: &ClaimRequest) -> Result<Vec<i64>, Failure> {
    let at_most = request.at_most.saturating_mul(MORE);
    let wide = ClaimRequest { at_most, ..request.clone() };
    let rooms = rooms(&wide);
    let names: Vec<&str> = rooms.keys().copied().collect();
    let sizes: Vec<i64> = rooms.values().copied().map(limit).collect();
    let mut depth = Depth::first();
    loop {
        let mut due = DueOf::<String>::new();
        let rows = tx.query(FIRSTS, &[&names, &sizes, &request.now, &limit(depth.rows())]).await?;
        for row in &rows {
            let provider: &str = row.try_get(0)?;
            let Some(name) = names.iter().find(|name| **name == provider) else { continue };
            due.entry(row.try_get(1)?).or_default().push(((row.try_get(2)?, row.try_get(3)?), *name));
        }
        let tenants = due.len();
        let is_more = due.values().any(|rows| rows.len() >= depth.rows());
        if let Some(chosen) = depth.enough(deal(due, &rooms, at_most), at_most, tenants, is_more) {
            return Ok(chosen);
        }
    }
}
