//! Stores a delivery.

use countersign_core::seal::Sealed;
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    rows::{SEALED_COLUMNS, integer, sealed, state},
    settings::Settings,
    writer::Outcome,
};
use crate::{
    error::StoreError,
    sql::{bounds::bytes, errors, state::number},
    store::{Incoming, Known, RowId, State, Stored},
};

pub(super) const INSERT: &str = "INSERT INTO countersign_inbox
    (key, provider, tenant, event, resource, received_at, meta, seal, bytes, state, ordered, waits, due_at, settled_at,
     keep_until, errors)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,
      (?11 AND ?10 = 0 AND EXISTS (
        SELECT 1 FROM countersign_inbox INDEXED BY countersign_inbox_line
        WHERE provider = ?2 AND tenant IS ?3 AND resource = ?5 AND state IN (0, 1))),
      ?6, ?12, ?13, ?14)
    ON CONFLICT (key) DO NOTHING";

const BODY: &str = "INSERT INTO countersign_inbox_body (id, body, confirmed) VALUES (?1, ?2, ?3)";

pub(super) const KNOWN: &str = "SELECT r.key, r.provider, r.tenant, r.event, r.resource, r.received_at, r.meta, r.seal,
    NULL, NULL, r.id, r.state FROM countersign_inbox AS r WHERE r.key = ?1";

const DUPLICATE: &str =
    "UPDATE countersign_inbox SET duplicates = duplicates + 1, conflicts = conflicts + ?2 WHERE id = ?1";

const TOTALS: &str = "SELECT sum(\"rows\"), sum(bytes) FROM countersign_inbox_totals WHERE state IN (0, 1)";

pub(super) fn insert(transaction: &Connection, delivery: Incoming, settings: Settings) -> Outcome<Stored> {
    let Incoming { sealed, unreadable, keep_until, is_ordered } = delivery;
    let bytes = bytes(sealed.columns());
    // What is dead from the start is not open.
    if unreadable.is_none()
        && let Some(full) = full(transaction, bytes, settings)?
    {
        return Ok(known(transaction, &sealed)?.map_or(Err(full), |known| Ok(Stored::Duplicate(known))));
    }
    let columns = sealed.columns();
    let is_new = transaction.prepare_cached(INSERT)?.execute(params![
        columns.key.as_bytes(),
        columns.provider,
        columns.tenant,
        columns.event,
        columns.resource,
        columns.received_at,
        &columns.meta[..],
        &columns.seal[..],
        columns.body.as_ref().map(|_| bytes),
        number(if unreadable.is_some() { State::Dead } else { State::Ready }),
        is_ordered,
        unreadable.as_ref().map(|_| columns.received_at),
        keep_until,
        unreadable.map_or_else(|| "[]".to_owned(), |why| errors::added("[]", 0, columns.received_at, &why)),
    ])? > 0;
    if !is_new && let Some(known) = known(transaction, &sealed)? {
        return Ok(Ok(Stored::Duplicate(known)));
    }
    if let Some(body) = &columns.body {
        let confirmed = columns.confirmed.as_deref();
        transaction.prepare_cached(BODY)?.execute(params![transaction.last_insert_rowid(), &body[..], confirmed])?;
    }
    Ok(Ok(Stored::New))
}

/// Says what there is too much of, if this many bytes more are too many.
fn full(transaction: &Connection, bytes: i64, settings: Settings) -> rusqlite::Result<Option<StoreError>> {
    let (open, stored) = transaction.prepare_cached(TOTALS)?.query_row([], |row| {
        let of = |column: usize| row.get_ref(column).map(|value| integer(value).unwrap_or_default());
        Ok((of(0)?, of(1)?))
    })?;
    Ok(settings.bounds().full(open, stored, bytes))
}

/// Looks for a delivery with the same key, and counts the duplicate.
fn known(transaction: &Connection, again: &Sealed) -> rusqlite::Result<Option<Known>> {
    let known = transaction.prepare_cached(KNOWN)?.query_row([again.columns().key.as_bytes()], |row| {
        let column = |number: usize| row.get_ref(SEALED_COLUMNS.saturating_add(number));
        let id = RowId(integer(column(0)?).unwrap_or_default());
        Ok(Known::new(id, state(column(1)?), sealed(row)?.has_other_body(again)))
    });
    let known = known.optional()?;
    if let Some(known) = known {
        transaction.prepare_cached(DUPLICATE)?.execute(params![known.row.0, known.has_other_body])?;
    }
    Ok(known)
}
