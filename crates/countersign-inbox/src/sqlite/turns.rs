//! Tenants in turn: of what is due, the first of each tenant, then the second.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::rows::Text;
use crate::{
    sql::turns::{Depth, Due, DueOf, deal, limit, rooms},
    store::ClaimRequest,
};

pub(super) const NEXT_TENANT: &str = "SELECT due_at, id, tenant FROM countersign_inbox
    INDEXED BY countersign_inbox_turns WHERE state = 0 AND waits = 0 AND suspect = 0 AND provider = ?1 AND tenant > ?2
    ORDER BY tenant, due_at, id LIMIT 1";

pub(super) const OF_TENANT: &str = "SELECT due_at, id FROM countersign_inbox INDEXED BY countersign_inbox_turns
    WHERE state = 0 AND waits = 0 AND suspect = 0 AND provider = ?1 AND tenant IS ?2 AND due_at <= ?3
    ORDER BY due_at, id LIMIT ?4";

/// Chooses rows. It looks at the first of each tenant, and at more only if those are not enough.
pub(super) fn choose(transaction: &Connection, request: &ClaimRequest) -> rusqlite::Result<Vec<i64>> {
    let rooms = rooms(request);
    let mut tenants = Vec::new();
    let mut due = DueOf::<Text>::new();
    for &provider in rooms.keys() {
        for (tenant, first) in firsts(transaction, provider, request.now)? {
            tenants.push((provider, tenant.clone()));
            due.entry(tenant).or_default().push((first, provider));
        }
    }
    let mut depth = Depth::first();
    let mut is_more = true;
    loop {
        let dealt = deal(due, &rooms, request.at_most);
        if let Some(chosen) = depth.enough(dealt, request.at_most, tenants.len(), is_more) {
            return Ok(chosen);
        }
        is_more = false;
        due = DueOf::new();
        let mut rows = transaction.prepare_cached(OF_TENANT)?;
        for (provider, tenant) in &tenants {
            let most = depth.rows().min(rooms.get(provider).copied().unwrap_or_default());
            let read = |row: &Row<'_>| Ok(((row.get(0)?, row.get(1)?), *provider));
            let rows = rows.query_map(params![provider, tenant, request.now, limit(most)], read)?;
            let rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
            is_more |= rows.len() >= depth.rows();
            due.entry(tenant.clone()).or_default().extend(rows);
        }
    }
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
