//! Stores deliveries, many in one transaction.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use countersign_core::seal::SealedColumns;

use super::{failures::Failure, filter::written, known, line::waits, server::Server, text, transaction::Tx};
use crate::{
    error::StoreError,
    sql::{bounds::bytes, errors},
    store::{Incoming, State, Stored},
};

/// The number of the line of a delivery that is not stored yet: as the table computes it.
macro_rules! line {
    () => {
        "hashtextextended(g.provider || chr(1) || coalesce(chr(2) || g.tenant, '') || chr(1) || g.resource, 0::bigint)"
    };
}

/// Locks the lines of deliveries: until the end, nothing else is stored in them or ends.
pub(super) const LOCK: &str = concat!(
    "SELECT pg_advisory_xact_lock(line) FROM (SELECT DISTINCT ",
    line!(),
    " AS line FROM unnest($1::text[], $2::text[], $3::text[]) AS g (provider, tenant, resource) ORDER BY line) AS lines"
);

/// The rows have numbers in the order in which they came. They are written in the order of their keys, so that two
/// transactions with the same deliveries do not wait for each other.
pub(super) const INSERT: &str = concat!(
    "WITH given AS MATERIALIZED (
      SELECT nextval('countersign_inbox_id_seq') AS id, u.* FROM (
        SELECT * FROM unnest($1::int[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[],
          $8::bytea[], $9::bytea[], $10::bigint[], $11::smallint[], $12::boolean[], $13::bigint[], $14::bigint[],
          $15::bigint[], $16::text[], $17::bytea[], $18::bytea[])
        AS g (n, key, provider, tenant, event, resource, received_at, meta, seal, bytes, state, ordered, due_at,
          settled_at, keep_until, errors, body, confirmed) ORDER BY n) AS u),
    new AS (
      INSERT INTO countersign_inbox (id, key, provider, tenant, event, resource, received_at, meta, seal, bytes, state,
        ordered, waits, due_at, settled_at, keep_until, errors)
      SELECT g.id, g.key, g.provider, g.tenant, g.event, g.resource, g.received_at, g.meta, g.seal, g.bytes, g.state,
        g.ordered, g.ordered AND g.state = 0 AND EXISTS (
          SELECT 1 FROM countersign_inbox AS o
          WHERE o.line = ",
    line!(),
    " AND o.provider = g.provider AND o.tenant IS NOT DISTINCT FROM g.tenant AND o.resource = g.resource
            AND o.state IN (0, 1)), g.due_at, g.settled_at, g.keep_until, g.errors::jsonb
      FROM given AS g ORDER BY g.key, g.id ON CONFLICT (key) DO NOTHING RETURNING id),
    bodies AS (
      INSERT INTO countersign_inbox_body (id, body, confirmed)
      SELECT g.id, g.body, g.confirmed FROM given AS g JOIN new ON new.id = g.id WHERE g.body IS NOT NULL)
    SELECT g.n, g.id FROM given AS g JOIN new ON new.id = g.id"
);

/// Of rows that were stored together, the newer ones wait for the older ones.
pub(super) const WAIT: &str = concat!(
    "UPDATE countersign_inbox AS r SET waits = TRUE WHERE r.id = ANY($1) AND r.state = 0 AND NOT r.waits AND ",
    waits!(),
    " RETURNING r.id"
);

/// What became of a delivery.
pub(super) enum Outcome {
    Stored(Stored),
    Full(StoreError),
    /// One with its key was there, and was removed meanwhile.
    Again,
}

/// What became of deliveries.
pub(super) struct Outcomes {
    pub(super) each: Vec<Outcome>,
    /// Rows whose duplicates are not counted yet, because others had them: how many, and with how many other bodies.
    pub(super) uncounted: Vec<known::Again>,
}

pub(super) async fn insert(tx: &Tx, server: &Server, deliveries: &[&Incoming]) -> Result<Outcomes, Failure> {
    let (rows, mut full) = choose(server, deliveries);
    lock(tx, &rows).await?;
    let stored = write(tx, server, &rows).await?;
    let is_new = |number: usize| stored.contains(&number);
    let others: Vec<usize> = (0..deliveries.len()).filter(|number| !is_new(*number)).collect();
    let (mut known, uncounted) = known::look_up(tx, deliveries, &others).await?;
    let each = (0..deliveries.len()).map(|number| {
        if is_new(number) {
            Outcome::Stored(Stored::New)
        } else if let Some(known) = known.remove(&number) {
            Outcome::Stored(Stored::Duplicate(known))
        } else {
            full.remove(&number).map_or(Outcome::Again, Outcome::Full)
        }
    });
    Ok(Outcomes { each: each.collect(), uncounted })
}

/// A delivery to store, as it is written.
struct Given<'a> {
    number: usize,
    delivery: &'a Incoming,
    columns: &'a SealedColumns,
    provider: Cow<'a, str>,
    tenant: Option<Cow<'a, str>>,
    resource: Option<Cow<'a, str>>,
}

impl Given<'_> {
    fn state(&self) -> State {
        if self.delivery.unreadable.is_some() { State::Dead } else { State::Ready }
    }

    /// Its line, if it waits in it.
    fn line(&self) -> Option<(&str, Option<&str>, &str)> {
        Some((&*self.provider, self.tenant.as_deref(), self.resource.as_deref()?))
    }
}

/// Those that there is room for; and what is said of the others.
fn choose<'a>(server: &Server, deliveries: &[&'a Incoming]) -> (Vec<Given<'a>>, HashMap<usize, StoreError>) {
    let bounds = server.settings.bounds();
    let (mut open, mut stored) = server.totals.read();
    let (mut rows, mut all_full) = (Vec::new(), HashMap::new());
    for (number, delivery) in deliveries.iter().enumerate() {
        let columns = delivery.sealed.columns();
        // What is dead from the start is not open.
        if delivery.unreadable.is_none() {
            let bytes = bytes(columns);
            if let Some(full) = bounds.full(open, stored, bytes) {
                all_full.insert(number, full);
                continue;
            }
            (open, stored) = (open.saturating_add(1), stored.saturating_add(bytes));
        }
        rows.push(Given {
            number,
            delivery,
            columns,
            provider: text::written(&columns.provider),
            tenant: columns.tenant.as_deref().map(text::written),
            resource: columns.resource.as_deref().map(text::written),
        });
    }
    (rows, all_full)
}

/// Locks the lines of those that may wait.
async fn lock(tx: &Tx, rows: &[Given<'_>]) -> Result<(), Failure> {
    let ordered: Vec<_> = rows.iter().filter(|row| row.delivery.is_ordered).filter_map(Given::line).collect();
    if ordered.is_empty() {
        return Ok(());
    }
    let providers: Vec<&str> = ordered.iter().map(|line| line.0).collect();
    let tenants: Vec<Option<&str>> = ordered.iter().map(|line| line.1).collect();
    let resources: Vec<&str> = ordered.iter().map(|line| line.2).collect();
    tx.query(LOCK, &[&providers, &tenants, &resources]).await.map(drop)
}

/// Writes rows, and returns the numbers of those that are new.
async fn write(tx: &Tx, server: &Server, rows: &[Given<'_>]) -> Result<HashSet<usize>, Failure> {
    if rows.is_empty() {
        return Ok(HashSet::new());
    }
    let ahead = server.clock.ahead();
    let at = |time: i64| time.saturating_add(ahead);
    let each = |of: fn(&SealedColumns) -> i64| -> Vec<i64> { rows.iter().map(|row| of(row.columns)).collect() };
    let received = each(|columns| columns.received_at);
    let of = |bytes: fn(&SealedColumns) -> Option<&[u8]>| -> Vec<Option<&[u8]>> {
        rows.iter().map(|row| bytes(row.columns)).collect()
    };
    let errors = |row: &Given<'_>| match &row.delivery.unreadable {
        Some(why) => errors::one(0, at(row.columns.received_at), &text::written(why)),
        None => "[]".to_owned(),
    };
    let found = tx
        .query(
            INSERT,
            &[
                &rows.iter().map(|row| i32::try_from(row.number).unwrap_or(i32::MAX)).collect::<Vec<_>>(),
                &of(|columns| Some(columns.key.as_bytes())),
                &rows.iter().map(|row| &*row.provider).collect::<Vec<_>>(),
                &rows.iter().map(|row| row.tenant.as_deref()).collect::<Vec<_>>(),
                &rows.iter().map(|row| text::written(&row.columns.event)).collect::<Vec<_>>(),
                &rows.iter().map(|row| row.resource.as_deref()).collect::<Vec<_>>(),
                &received,
                &of(|columns| Some(&columns.meta)),
                &of(|columns| Some(&columns.seal)),
                &rows.iter().map(|row| row.columns.body.as_ref().map(|_| bytes(row.columns))).collect::<Vec<_>>(),
                &rows.iter().map(|row| written(row.state())).collect::<Vec<_>>(),
                &rows.iter().map(|row| row.delivery.is_ordered).collect::<Vec<_>>(),
                &received.iter().map(|&received| at(received)).collect::<Vec<_>>(),
                &rows
                    .iter()
                    .map(|row| (row.state() == State::Dead).then(|| at(row.columns.received_at)))
                    .collect::<Vec<_>>(),
                &rows.iter().map(|row| at(row.delivery.keep_until)).collect::<Vec<_>>(),
                &rows.iter().map(errors).collect::<Vec<_>>(),
                &of(|columns| columns.body.as_deref()),
                &of(|columns| columns.body.as_ref().and(columns.confirmed.as_deref())),
            ],
        )
        .await?;
    let (mut new, mut ids) = (HashSet::new(), Vec::new());
    for row in &found {
        let number: i32 = row.try_get(0)?;
        new.insert(usize::try_from(number).unwrap_or_default());
        ids.push(row.try_get::<_, i64>(1)?);
    }
    if have_one_line(rows) {
        tx.query(WAIT, &[&ids]).await?;
    }
    Ok(new)
}

/// Whether one that is ordered has the line of another.
fn have_one_line(rows: &[Given<'_>]) -> bool {
    let mut lines = HashMap::new();
    for row in rows {
        if let Some(line) = row.line() {
            let (number, is_ordered): &mut (usize, bool) = lines.entry(line).or_default();
            (*number, *is_ordered) = (number.saturating_add(1), *is_ordered || row.delivery.is_ordered);
        }
    }
    lines.values().any(|&(number, is_ordered)| number > 1 && is_ordered)
}
