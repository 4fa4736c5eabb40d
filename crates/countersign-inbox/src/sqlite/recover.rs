//! Takes back the rows of a worker that died.

use std::collections::HashSet;

use rusqlite::{Connection, params};

use super::{
    line::{Line, WAITS},
    rows::{integer, text},
    settle::give_up,
};
use crate::{
    sql::{errors, state::clamped},
    store::{Recovered, Recovery, RowId},
};

pub(super) const ORPHANS: &str = "SELECT id, suspect, attempts, deaths, errors, provider, tenant, resource
    FROM countersign_inbox INDEXED BY countersign_inbox_leases
    WHERE state = 1 AND lease IS NOT ?1 AND (?3 OR ifnull(lease_until, 0) <= ?2)";

pub(super) fn put_back() -> String {
    format!(
        "UPDATE countersign_inbox SET state = 0, attempts = ?2, deaths = ?3, errors = ?4, suspect = 1, lease = NULL,
         lease_until = NULL, waits = {WAITS} WHERE id = ?1"
    )
}

/// A row whose worker died.
struct Orphan {
    id: i64,
    ran_alone: bool,
    attempts: i64,
    deaths: i64,
    errors: String,
    line: Option<Line>,
}

pub(super) fn recover(transaction: &Connection, recovery: &Recovery) -> rusqlite::Result<Recovered> {
    let orphans = transaction
        .prepare_cached(ORPHANS)?
        .query_map(params![recovery.token.to_bytes(), recovery.now, recovery.is_sole], |row| {
            let number = |column: usize| row.get_ref(column).map(|value| integer(value).unwrap_or_default());
            Ok(Orphan {
                id: row.get(0)?,
                ran_alone: number(1)? == 2,
                attempts: number(2)?,
                deaths: number(3)?,
                errors: row.get_ref(4).map(text)?.unwrap_or_default(),
                line: Line::read(row, 5)?,
            })
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let mut recovered = Recovered::default();
    let mut lines = HashSet::new();
    for Orphan { id, ran_alone, attempts, deaths, errors, line } in orphans {
        lines.extend(line);
        if !ran_alone {
            let attempts = attempts.saturating_sub(1).max(0);
            transaction.prepare_cached(&put_back())?.execute(params![id, attempts, deaths, errors])?;
            recovered.suspects = recovered.suspects.saturating_add(1);
            continue;
        }
        let deaths = deaths.saturating_add(1);
        let errors = errors::added(&errors, clamped(attempts), recovery.now, errors::DEATH);
        transaction.prepare_cached(&put_back())?.execute(params![id, attempts, deaths, errors])?;
        if clamped(deaths) < recovery.most_deaths {
            recovered.charged = recovered.charged.saturating_add(1);
            continue;
        }
        give_up(transaction, id, recovery.now, &errors)?;
        recovered.dead.push(RowId(id));
    }
    for line in lines {
        line.release(transaction)?;
    }
    Ok(recovered)
}
