//! Ends attempts, and extends leases.

use countersign_core::dedupe::{LeaseState, LeaseToken};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    line::{Line, WAITS},
    rows::text,
};
use crate::{
    sql::errors,
    store::{ClaimId, Settled},
};

pub(super) const RENEW: &str = "UPDATE countersign_inbox INDEXED BY countersign_inbox_leases SET lease_until = ?2
    WHERE state = 1 AND lease = ?1";

pub(super) const HELD: &str = "SELECT errors, provider, tenant, resource FROM countersign_inbox
    WHERE id = ?1 AND lease = ?2 AND attempts = ?3 AND state = 1";

const DONE: &str =
    "UPDATE countersign_inbox SET state = 2, settled_at = ?2, body_until = ?3, suspect = 0, lease = NULL,
    lease_until = NULL WHERE id = ?1";

const DEAD: &str = "UPDATE countersign_inbox SET state = 3, settled_at = ?2, errors = ?3, suspect = 0, lease = NULL,
    lease_until = NULL WHERE id = ?1";

pub(super) const NO_BODY: &str =
    "UPDATE countersign_inbox SET bytes = NULL, body_until = NULL WHERE id = ?1 AND bytes IS NOT NULL";

pub(super) const REMOVE_BODY: &str = "DELETE FROM countersign_inbox_body WHERE id = ?1";

/// A suspect that came to an end is none any more: it ran alone, and the process lives.
pub(super) fn retry() -> String {
    format!(
        "UPDATE countersign_inbox SET state = 0, due_at = ?2, errors = ?3, suspect = 0, lease = NULL,
         lease_until = NULL, waits = {WAITS} WHERE id = ?1"
    )
}

pub(super) fn returned() -> String {
    format!(
        "UPDATE countersign_inbox SET state = 0, attempts = attempts - 1, suspect = min(suspect, 1), lease = NULL,
         lease_until = NULL, waits = {WAITS} WHERE id = ?1"
    )
}

pub(super) fn renew(transaction: &Connection, token: LeaseToken, until: i64) -> rusqlite::Result<usize> {
    transaction.prepare_cached(RENEW)?.execute(params![token.to_bytes(), until])
}

pub(super) fn settle(transaction: &Connection, claim: ClaimId, settled: &Settled) -> rusqlite::Result<LeaseState> {
    let ClaimId { id, token, attempt } = claim;
    let held = transaction
        .prepare_cached(HELD)?
        .query_row(params![id.0, token.to_bytes(), attempt], |row| {
            Ok((row.get_ref(0).map(text)?.unwrap_or_default(), Line::read(row, 1)?))
        })
        .optional()?;
    let Some((errors, line)) = held else {
        return Ok(LeaseState::Lost);
    };
    match settled {
        Settled::Done { now, keep_body_until } => {
            transaction.prepare_cached(DONE)?.execute(params![id.0, now, keep_body_until])?;
            if keep_body_until.is_none() {
                remove_body(transaction, id.0)?;
            }
        }
        Settled::Dead { now, why } => {
            let errors = errors::added(&errors, attempt, *now, why);
            give_up(transaction, id.0, *now, &errors)?;
        }
        Settled::Retry { now, due, why } => {
            let errors = errors::added(&errors, attempt, *now, why);
            transaction.prepare_cached(&retry())?.execute(params![id.0, due, errors])?;
        }
        Settled::Returned => {
            transaction.prepare_cached(&returned())?.execute([id.0])?;
        }
    }
    // One that is still open is not passed, unless an older one was redriven.
    if let Some(line) = line {
        line.release(transaction)?;
    }
    Ok(LeaseState::Held)
}

/// Removes the body and the confirmed event. Returns whether there were any.
pub(super) fn remove_body(transaction: &Connection, id: i64) -> rusqlite::Result<bool> {
    let removed = transaction.prepare_cached(REMOVE_BODY)?.execute([id])?;
    let known = transaction.prepare_cached(NO_BODY)?.execute([id])?;
    Ok(removed > 0 || known > 0)
}

/// Ends a row that no living worker has.
pub(super) fn give_up(transaction: &Connection, id: i64, now: i64, errors: &str) -> rusqlite::Result<()> {
    transaction.prepare_cached(DEAD)?.execute(params![id, now, errors]).map(drop)
}
