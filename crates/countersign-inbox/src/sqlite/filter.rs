//! Rows by filter: for people.

use rusqlite::{Connection, ToSql, params_from_iter, types::Value};

use super::rows::{SEALED, SEALED_COLUMNS, count, integer, sealed, state, text};
use crate::{
    sql::{errors, state::number},
    store::{Counts, Filter, Row, RowId, State},
};

/// The errors are JSON, unless somebody else wrote them.
const ERROR: &str = "CASE WHEN json_valid(r.errors) THEN EXISTS (
    SELECT 1 FROM json_each(r.errors) AS e WHERE e.type = 'object' AND instr(e.value ->> '$.why', ?) > 0) ELSE 0 END";

/// A condition on the table `r`, and its values.
pub(super) fn condition(filter: &Filter) -> (String, Vec<Value>) {
    let (mut conditions, mut values) = (vec!["1"], Vec::new());
    let mut add = |condition, value: Option<Value>| {
        if let Some(value) = value {
            conditions.push(condition);
            values.push(value);
        }
    };
    let text = |text: &Option<String>| text.clone().map(Value::from);
    add("r.id = ?", filter.id.map(|id| id.0.into()));
    add("r.provider = ?", text(&filter.provider));
    add("r.tenant = ?", text(&filter.tenant));
    add("r.event = ?", text(&filter.event));
    add("r.state = ?", filter.state.map(|state| number(state).into()));
    add("r.received_at < ?", filter.before.map(Value::from));
    add("r.received_at >= ?", filter.since.map(Value::from));
    add(ERROR, text(&filter.error));
    let mut condition = conditions.join(" AND ");
    if !filter.resources.is_empty() {
        let places = vec!["?"; filter.resources.len()].join(", ");
        condition = format!("{condition} AND r.resource IN ({places})");
        values.extend(filter.resources.iter().cloned().map(Value::from));
    }
    (condition, values)
}

/// Lists rows, the newest first, without their bodies.
pub(super) fn list(connection: &Connection, filter: &Filter, limit: usize) -> rusqlite::Result<Vec<Row>> {
    let (condition, mut values) = condition(filter);
    values.push(i64::try_from(limit).unwrap_or(i64::MAX).into());
    let columns = SEALED.replace("b.body, b.confirmed", "NULL, NULL");
    let sql = format!("{} FROM countersign_inbox AS r WHERE {condition} ORDER BY r.id DESC LIMIT ?", select(&columns));
    connection.prepare(&sql)?.query_map(params_from_iter(values), read)?.collect()
}

/// Reads a row, with its body.
pub(super) fn show(connection: &Connection, id: RowId) -> rusqlite::Result<Option<Row>> {
    let sql = format!(
        "{} FROM countersign_inbox AS r LEFT JOIN countersign_inbox_body AS b ON b.id = r.id WHERE r.id = ?1",
        select(SEALED)
    );
    connection.prepare(&sql)?.query_map([id.0], read)?.next().transpose()
}

fn select(sealed: &str) -> String {
    format!(
        "SELECT {sealed}, r.id, r.state, r.attempts, r.due_at, r.settled_at, r.duplicates, r.deaths, r.errors, r.bytes"
    )
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    let column = |number: usize| row.get_ref(SEALED_COLUMNS.saturating_add(number));
    Ok(Row {
        sealed: sealed(row)?,
        id: RowId(integer(column(0)?).unwrap_or_default()),
        state: state(column(1)?),
        attempts: count(column(2)?),
        due: integer(column(3)?).unwrap_or_default(),
        settled: integer(column(4)?),
        duplicates: count(column(5)?),
        deaths: count(column(6)?),
        errors: errors::read(&text(column(7)?).unwrap_or_default()),
        bytes: integer(column(8)?).map(|bytes| u64::try_from(bytes).unwrap_or_default()),
    })
}

const TOTALS: &str = "SELECT state, \"rows\" FROM countersign_inbox_totals";

/// The oldest of all that are open, which are in an index.
pub(super) const OLDEST: &str = "SELECT min(received_at) FROM countersign_inbox INDEXED BY countersign_inbox_line
    WHERE state IN (0, 1)";

/// Whether there is no row.
pub(super) fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
    connection.prepare("SELECT 1 FROM countersign_inbox LIMIT 1")?.exists([]).map(|exists| !exists)
}

/// Counts rows by state. All of them are counted already.
pub(super) fn counts(connection: &Connection, filter: &Filter) -> rusqlite::Result<Counts> {
    let (condition, values) = condition(filter);
    let mut counts = Counts::default();
    if *filter == Filter::default() {
        count_states(connection, TOTALS, &[], &mut counts)?;
        counts.oldest = connection.prepare_cached(OLDEST)?.query_row([], |row| row.get(0))?;
        return Ok(counts);
    }
    let values: Vec<&dyn ToSql> = values.iter().map(|value| value as &dyn ToSql).collect();
    let sql = format!("SELECT r.state, count(*) FROM countersign_inbox AS r WHERE {condition} GROUP BY r.state");
    count_states(connection, &sql, &values, &mut counts)?;
    let sql = format!("SELECT min(r.received_at) FROM countersign_inbox AS r WHERE r.state IN (0, 1) AND {condition}");
    counts.oldest = connection.prepare(&sql)?.query_row(&values[..], |row| row.get(0))?;
    Ok(counts)
}

fn count_states(
    connection: &Connection,
    sql: &str,
    values: &[&dyn ToSql],
    counts: &mut Counts,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query(values)?;
    while let Some(row) = rows.next()? {
        let number = u64::try_from(integer(row.get_ref(1)?).unwrap_or_default()).unwrap_or_default();
        match state(row.get_ref(0)?) {
            State::Ready => counts.ready = number,
            State::Claimed => counts.claimed = number,
            State::Done => counts.done = number,
            State::Dead => counts.dead = number,
        }
    }
    Ok(())
}

/// The numbers of rows after `after`, in order.
pub(super) fn after(connection: &Connection, filter: &Filter, after: i64, limit: usize) -> rusqlite::Result<Vec<i64>> {
    let (condition, mut values) = condition(filter);
    values.push(after.into());
    values.push(i64::try_from(limit).unwrap_or(i64::MAX).into());
    let sql = format!(
        "SELECT r.id FROM countersign_inbox AS r WHERE {condition} AND r.id > ? AND r.state <> 1 ORDER BY r.id LIMIT ?"
    );
    connection.prepare(&sql)?.query_map(params_from_iter(values), |row| row.get(0))?.collect()
}
