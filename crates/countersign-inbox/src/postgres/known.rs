//! Deliveries that were stored before.

use std::collections::{BTreeMap, HashMap};

use super::{
    failures::Failure,
    filter::read_state,
    rows::{SEALED_COLUMNS, after, bodiless_columns, sealed},
    transaction::Tx,
};
use crate::store::{Incoming, Known, RowId};

pub(super) const KNOWN: &str =
    concat!("SELECT ", bodiless_columns!(), ", r.id, r.state FROM countersign_inbox AS r WHERE r.key = ANY($1)");

/// Whoever else has a row is not waited for: it may wait for this transaction.
pub(super) const DUPLICATES: &str = "UPDATE countersign_inbox AS r
    SET duplicates = least(r.duplicates, 4294967295) + d.duplicates,
      conflicts = least(r.conflicts, 4294967295) + d.conflicts
    FROM (
      SELECT t.id, g.duplicates, g.conflicts
      FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS g (id, duplicates, conflicts)
      JOIN countersign_inbox AS t ON t.id = g.id ORDER BY t.id FOR UPDATE OF t SKIP LOCKED) AS d
    WHERE r.id = d.id RETURNING r.id";

/// The same of one row, as a transaction of its own, which may wait.
pub(super) const DUPLICATE: &str = "UPDATE countersign_inbox SET duplicates = least(duplicates, 4294967295) + $2,
      conflicts = least(conflicts, 4294967295) + $3
    WHERE id = $1 RETURNING id";

/// A row that came again.
#[derive(Clone, Copy, Default)]
pub(super) struct Again {
    pub(super) id: i64,
    pub(super) duplicates: i64,
    pub(super) conflicts: i64,
}

/// Looks for deliveries with the same keys, and counts the duplicates. Also returns those that could not be counted.
pub(super) async fn look_up(
    tx: &Tx,
    deliveries: &[&Incoming],
    numbers: &[usize],
) -> Result<(HashMap<usize, Known>, Vec<Again>), Failure> {
    let mut known = HashMap::new();
    if numbers.is_empty() {
        return Ok((known, Vec::new()));
    }
    let again: Vec<(usize, &Incoming)> =
        numbers.iter().filter_map(|&number| Some((number, *deliveries.get(number)?))).collect();
    let keys: Vec<&[u8]> = again.iter().map(|(_, delivery)| &delivery.sealed.columns().key.as_bytes()[..]).collect();
    let mut rows = HashMap::new();
    for row in tx.query(KNOWN, &[&keys]).await? {
        let (id, state) = (RowId(after(&row, 0)?), read_state(&row, SEALED_COLUMNS.saturating_add(1))?);
        let sealed = sealed(&row)?;
        rows.insert(*sealed.columns().key.as_bytes(), (id, state, sealed));
    }
    let mut counted: BTreeMap<i64, Again> = BTreeMap::new();
    for (number, delivery) in again {
        let Some((id, state, sealed)) = rows.get(delivery.sealed.columns().key.as_bytes()) else { continue };
        let found = Known::new(*id, *state, sealed.has_other_body(&delivery.sealed));
        let again = counted.entry(id.0).or_insert(Again { id: id.0, ..Again::default() });
        again.duplicates = again.duplicates.saturating_add(1);
        again.conflicts = again.conflicts.saturating_add(found.has_other_body.into());
        known.insert(number, found);
    }
    let all = |of: fn(&Again) -> i64| -> Vec<i64> { counted.values().map(of).collect() };
    let (ids, duplicates, conflicts) =
        (all(|again| again.id), all(|again| again.duplicates), all(|again| again.conflicts));
    for row in tx.query(DUPLICATES, &[&ids, &duplicates, &conflicts]).await? {
        counted.remove(&row.try_get(0)?);
    }
    Ok((known, counted.into_values().collect()))
}

/// Counts what was left.
pub(super) async fn count(tx: &Tx, again: Again) -> Result<(), Failure> {
    tx.query(DUPLICATE, &[&again.id, &again.duplicates, &again.conflicts]).await.map(drop)
}
