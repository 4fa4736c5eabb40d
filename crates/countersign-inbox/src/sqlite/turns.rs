//! Tenants in turn: of what is due, the first of each tenant, then the second.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{
    claim::{Due, limit, rooms},
    rows::Text,
};
use crate::store::ClaimRequest;

pub(super) const NEXT_TENANT: &str = "SELECT due_at, id, tenant FROM countersign_inbox
    INDEXED BY countersign_inbox_turns WHERE state = 0 AND waits = 0 AND suspect = 0 AND provider = ?1 AND tenant > ?2
    ORDER BY tenant, due_at, id LIMIT 1";

pub(super) const OF_TENANT: &str = "SELECT due_at, id FROM countersign_inbox INDEXED BY countersign_inbox_turns
    WHERE state = 0 AND waits = 0 AND suspect = 0 AND provider = ?1 AND tenant IS ?2 AND due_at <= ?3
    ORDER BY due_at, id LIMIT ?4";

/// What is due of each tenant, of any provider.
type DueOf<'a> = HashMap<Option<Text>, Vec<(Due, &'a str)>>;

/// Chooses rows. It looks at the first of each tenant, and at more only if those are not enough.
pub(super) fn choose(transaction: &Connection, request: &ClaimRequest) -> rusqlite::Result<Vec<i64>> {
    let rooms = rooms(request);
    let mut tenants = Vec::new();
    let mut due = DueOf::new();
    for &provider in rooms.keys() {
        for (tenant, first) in firsts(transaction, provider, request.now)? {
            tenants.push((provider, tenant.clone()));
            due.entry(tenant).or_default().push((first, provider));
        }
    }
    let mut depth = 1_usize;
    loop {
        let (chosen, last_turn) = deal(due, &rooms, request.at_most);
        // Up to this turn, nothing that was not looked at comes before.
        if tenants.is_empty() || depth >= request.at_most || (chosen.len() >= request.at_most && last_turn < depth) {
            return Ok(chosen);
        }
        let share = request.at_most.checked_div(tenants.len()).unwrap_or_default().saturating_add(1);
        depth = depth.saturating_mul(4).max(share);
        due = DueOf::new();
        let mut rows = transaction.prepare_cached(OF_TENANT)?;
        let mut is_more = false;
        for (provider, tenant) in &tenants {
            let most = depth.min(rooms.get(provider).copied().unwrap_or_default());
            let read = |row: &Row<'_>| Ok(((row.get(0)?, row.get(1)?), *provider));
            let rows = rows.query_map(params![provider, tenant, request.now, limit(most)], read)?;
            let rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
            is_more |= rows.len() >= depth;
            due.entry(tenant.clone()).or_default().extend(rows);
        }
        if !is_more {
            return Ok(deal(due, &rooms, request.at_most).0);
        }
    }
}

/// Deals in turns, within each provider's room. Returns the rows, and the number of the last turn.
fn deal(due: DueOf<'_>, rooms: &HashMap<&str, usize>, at_most: usize) -> (Vec<i64>, usize) {
    let mut turns: Vec<(usize, Due, &str)> = Vec::new();
    for (_, mut rows) in due {
        rows.sort_unstable();
        turns.extend(rows.into_iter().enumerate().map(|(turn, (due, provider))| (turn, due, provider)));
    }
    turns.sort_unstable();
    let (mut rooms, mut chosen, mut last) = (rooms.clone(), Vec::new(), 0);
    for (turn, (_, id), provider) in turns {
        if chosen.len() >= at_most {
            break;
        }
        let Some(room) = rooms.get_mut(provider).filter(|room| **room > 0) else { continue };
        *room = room.saturating_sub(1);
        chosen.push(id);
        last = turn;
    }
    (chosen, last)
}

/// The first that is due of each tenant of a provider, by jumps from one tenant to the next.
fn firsts(transaction: &Connection, provider: &str, now: i64) -> rusqlite::Result<Vec<(Option<Text>, Due)>> {
    let mut firsts = Vec::new();
    let mut of = transaction.prepare_cached(OF_TENANT)?;
    for tenant in [None, Some(Text::EMPTY)] {
        let first = of.query_row(params![provider, tenant, now, 1], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        firsts.extend(first.map(|first| (tenant, first)));
    }
    let mut next = transaction.prepare_cached(NEXT_TENANT)?;
    let mut last = Text::EMPTY;
    let read = |row: &Row<'_>| Ok(((row.get(0)?, row.get(1)?), row.get_ref(2).map(Text::read)?));
    while let Some((first, Some(tenant))) = next.query_row(params![provider, last], read).optional()? {
        last = tenant.clone();
        let (due, _): Due = first;
        if due <= now {
            firsts.push((Some(tenant), first));
        }
    }
    Ok(firsts)
}
