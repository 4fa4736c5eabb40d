//! Claims what is due.

use std::{borrow::Cow, collections::BTreeMap};

use countersign_core::dedupe::LeaseToken;
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    rows::{SEALED, SEALED_COLUMNS, Text, count, integer, sealed, text},
    turns,
};
use crate::{
    sql::turns::{Due, limit, rooms},
    store::{ClaimId, ClaimRequest, Claimed, RowId, Waiting},
};

pub(super) const ALONE: &str = "SELECT 1 FROM countersign_inbox INDEXED BY countersign_inbox_suspects
    WHERE suspect <> 0 AND suspect = 2 AND state = 1 AND lease = ?1 LIMIT 1";

pub(super) const SUSPECTS: &str = "SELECT id, provider FROM countersign_inbox INDEXED BY countersign_inbox_suspects
    WHERE suspect <> 0 AND state = 0 AND waits = 0 AND due_at <= ?1 ORDER BY due_at, id";

pub(super) const DUE: &str = "SELECT due_at, id FROM countersign_inbox INDEXED BY countersign_inbox_due
    WHERE state = 0 AND waits = 0 AND suspect = 0 AND provider = ?1 AND due_at <= ?2 ORDER BY due_at, id LIMIT ?3";

pub(super) const CLAIM: &str =
    "UPDATE countersign_inbox SET state = 1, attempts = min(max(attempts, 0), 4294967294) + 1,
    suspect = CASE WHEN suspect = 0 THEN 0 ELSE 2 END, lease = ?2, lease_until = ?3 WHERE id = ?1";

/// The rest of a claim: the delivery.
pub(super) fn claimed_row() -> String {
    format!(
        "SELECT {SEALED}, r.attempts, r.suspect FROM countersign_inbox AS r
         LEFT JOIN countersign_inbox_body AS b ON b.id = r.id WHERE r.id = ?1"
    )
}

pub(super) fn claim(transaction: &Connection, request: &ClaimRequest) -> rusqlite::Result<Vec<Claimed>> {
    let token = request.token.to_bytes();
    if request.at_most == 0 || transaction.prepare_cached(ALONE)?.exists([token])? {
        return Ok(Vec::new());
    }
    let request = &with_others(transaction, request)?;
    let ids = match suspect(transaction, request)? {
        Some(_) if request.running > 0 => Vec::new(),
        Some(Some(id)) => vec![id],
        // The provider of the suspect has no room, or there is none.
        Some(None) | None if request.is_fair => turns::choose(transaction, request)?,
        Some(None) | None => oldest(transaction, request)?,
    };
    ids.into_iter().map(|id| take(transaction, id, request.token, request.until)).collect()
}

/// Names the other providers that have a row, if the worker handles them, too.
fn with_others<'a>(transaction: &Connection, request: &'a ClaimRequest) -> rusqlite::Result<Cow<'a, ClaimRequest>> {
    let mut request = Cow::Borrowed(request);
    if request.others {
        let named = request.providers.len();
        let mut last = Text::EMPTY;
        while let Some((name, _)) = next_provider(transaction, &last)? {
            // What is no text cannot be claimed by its name. It was not stored by an inbox.
            if let Some(text) = name.as_str()
                && !request.providers.iter().take(named).any(|(provider, _)| provider == text)
            {
                let other = (text.to_owned(), request.at_most);
                request.to_mut().providers.push(other);
            }
            last = name;
        }
    }
    Ok(request)
}

/// Looks for a suspect of one of the providers. `Some(None)` if none of them has room.
fn suspect(transaction: &Connection, request: &ClaimRequest) -> rusqlite::Result<Option<Option<i64>>> {
    let mut found = None;
    let mut suspects = transaction.prepare_cached(SUSPECTS)?;
    let mut rows = suspects.query([request.now])?;
    while let Some(row) = rows.next()? {
        let (id, provider) = (integer(row.get_ref(0)?), text(row.get_ref(1)?));
        let room = request.providers.iter().find(|(name, _)| Some(name) == provider.as_ref()).map(|&(_, room)| room);
        match room {
            Some(0) => found = found.or(Some(None)),
            Some(_) => return Ok(Some(id)),
            None if request.others => return Ok(Some(id)),
            None => {}
        }
    }
    Ok(found)
}

/// The first that are due.
fn oldest(transaction: &Connection, request: &ClaimRequest) -> rusqlite::Result<Vec<i64>> {
    let mut due: Vec<Due> = Vec::new();
    for (provider, room) in rooms(request) {
        let mut rows = transaction.prepare_cached(DUE)?;
        for row in rows.query_map(params![provider, request.now, limit(room)], |row| Ok((row.get(0)?, row.get(1)?)))? {
            due.push(row?);
        }
    }
    due.sort_unstable();
    due.truncate(request.at_most);
    Ok(due.into_iter().map(|(_, id)| id).collect())
}

fn take(transaction: &Connection, id: i64, token: LeaseToken, until: i64) -> rusqlite::Result<Claimed> {
    transaction.prepare_cached(CLAIM)?.execute(params![id, token.to_bytes(), until])?;
    transaction.prepare_cached(&claimed_row())?.query_row([id], |row| {
        let attempt = count(row.get_ref(SEALED_COLUMNS)?);
        let is_suspect = integer(row.get_ref(SEALED_COLUMNS.saturating_add(1))?) != Some(0);
        Ok(Claimed::new(ClaimId::new(RowId(id), token, attempt), sealed(row)?, is_suspect))
    })
}

pub(super) const SUSPECTS_DUE: &str = "SELECT provider, due_at FROM countersign_inbox
    INDEXED BY countersign_inbox_suspects WHERE suspect <> 0 AND state = 0 AND waits = 0";

pub(super) const NEXT_PROVIDER: &str = "SELECT provider, due_at FROM countersign_inbox INDEXED BY countersign_inbox_due
    WHERE state = 0 AND waits = 0 AND suspect = 0 AND provider > ?1 ORDER BY provider, due_at LIMIT 1";

/// When the first row of each provider is due: that of its part of the index, or a suspect.
pub(super) fn waiting(connection: &Connection) -> rusqlite::Result<Vec<Waiting>> {
    let mut waiting: BTreeMap<String, i64> = BTreeMap::new();
    let mut add = |provider, due| {
        let first = waiting.entry(provider).or_insert(due);
        *first = due.min(*first);
    };
    let mut suspects = connection.prepare_cached(SUSPECTS_DUE)?;
    let mut rows = suspects.query([])?;
    while let Some(row) = rows.next()? {
        add(text(row.get_ref(0)?).unwrap_or_default(), row.get(1)?);
    }
    let mut last = Text::EMPTY;
    while let Some((provider, due)) = next_provider(connection, &last)? {
        add(provider.to_string(), due);
        last = provider;
    }
    Ok(waiting.into_iter().map(|(provider, due)| Waiting::new(provider, due)).collect())
}

/// The provider after `last` that has a row, and when its first one is due.
fn next_provider(connection: &Connection, last: &Text) -> rusqlite::Result<Option<(Text, i64)>> {
    let mut next = connection.prepare_cached(NEXT_PROVIDER)?;
    let found = next.query_row([last], |row| Ok((row.get_ref(0).map(Text::read)?, row.get(1)?))).optional()?;
    Ok(found.and_then(|(provider, due): (Option<Text>, i64)| Some((provider?, due))))
}
