//! Rows by filter: for people.

use tokio_postgres::{Row as Found, types::ToSql};

use super::{
    clock::Clock,
    failures::Failure,
    rows::{SEALED_COLUMNS, after, bodiless_columns, count_after, sealed, sealed_columns},
    text,
    transaction::Tx,
};
use crate::{
    sql::{
        errors,
        state::{number, state},
        turns::limit,
    },
    store::{Counts, Filter, Row, RowId, State},
};

/// A condition on the table `r`, and its values.
pub(super) struct Condition {
    sql: String,
    values: Vec<Box<dyn ToSql + Sync + Send>>,
}

impl Condition {
    pub(super) fn new(filter: &Filter) -> Self {
        let mut condition = Self { sql: "TRUE".to_owned(), values: Vec::new() };
        let text = |text: &Option<String>| text.as_deref().map(|text| text::written(text).into_owned());
        condition.add("r.id = ", filter.id.map(|id| id.0), "");
        condition.add("r.provider = ", text(&filter.provider), "");
        condition.add("r.tenant = ", text(&filter.tenant), "");
        condition.add("r.event = ", text(&filter.event), "");
        condition.add("r.state = ", filter.state.map(written), "");
        condition.add("r.received_at < ", filter.before, "");
        condition.add("r.received_at >= ", filter.since, "");
        let resources: Vec<String> =
            filter.resources.iter().map(|resource| text::written(resource).into_owned()).collect();
        condition.add("r.resource = ANY(", Some(resources).filter(|resources| !resources.is_empty()), ")");
        condition.add(
            "EXISTS (SELECT 1 FROM jsonb_array_elements(
               CASE jsonb_typeof(r.errors) WHEN 'array' THEN r.errors ELSE '[]' END) AS e
             WHERE position(",
            text(&filter.error),
            "::text IN e ->> 'why') > 0)",
        );
        condition
    }

    fn add<T: ToSql + Sync + Send + 'static>(&mut self, before: &str, value: Option<T>, after: &str) {
        if let Some(value) = value {
            let place = self.place(value);
            self.sql = format!("{} AND {before}{place}{after}", self.sql);
        }
    }

    /// Adds a value, and returns its place.
    fn place<T: ToSql + Sync + Send + 'static>(&mut self, value: T) -> String {
        self.values.push(Box::new(value));
        format!("${}", self.values.len())
    }

    async fn query(&self, tx: &Tx, sql: &str) -> Result<Vec<Found>, Failure> {
        let values: Vec<&(dyn ToSql + Sync)> =
            self.values.iter().map(|value| -> &(dyn ToSql + Sync) { &**value }).collect();
        tx.query(sql, &values).await
    }
}

/// How a state is written.
pub(super) fn written(state: State) -> i16 {
    i16::try_from(number(state)).unwrap_or(i16::MAX)
}

/// Lists rows, the newest first, without their bodies.
pub(super) async fn list(tx: &Tx, clock: &Clock, filter: &Filter, most: usize) -> Result<Vec<Row>, Failure> {
    let mut condition = Condition::new(filter);
    let place = condition.place(limit(most));
    let sql = format!(
        "{} FROM countersign_inbox AS r WHERE {} ORDER BY r.id DESC LIMIT {place}",
        select(bodiless_columns!()),
        condition.sql
    );
    condition.query(tx, &sql).await?.iter().map(|row| read(row, clock)).collect()
}

/// Reads a row, with its body.
pub(super) async fn show(tx: &Tx, clock: &Clock, id: RowId) -> Result<Option<Row>, Failure> {
    let sql = format!(
        "{} FROM countersign_inbox AS r LEFT JOIN countersign_inbox_body AS b ON b.id = r.id WHERE r.id = $1",
        select(sealed_columns!())
    );
    tx.query(&sql, &[&id.0]).await?.first().map(|row| read(row, clock)).transpose()
}

fn select(sealed: &str) -> String {
    format!(
        "SELECT {sealed}, r.id, r.state, r.attempts, r.due_at, r.settled_at, r.duplicates, r.deaths, r.errors::text, \
         r.bytes"
    )
}

fn read(row: &Found, clock: &Clock) -> Result<Row, Failure> {
    let ahead = clock.ahead();
    let written: String = after(row, 7)?;
    let mut errors = errors::read(&written);
    for error in &mut errors {
        error.at = error.at.saturating_sub(ahead);
        error.why = text::read(std::mem::take(&mut error.why));
    }
    Ok(Row {
        sealed: sealed(row)?,
        id: RowId(after(row, 0)?),
        state: read_state(row, SEALED_COLUMNS.saturating_add(1))?,
        attempts: count_after(row, 2)?,
        due: after::<i64>(row, 3)?.saturating_sub(ahead),
        settled: after::<Option<i64>>(row, 4)?.map(|settled| settled.saturating_sub(ahead)),
        duplicates: count_after(row, 5)?,
        deaths: count_after(row, 6)?,
        errors,
        bytes: after::<Option<i64>>(row, 8)?.map(|bytes| u64::try_from(bytes).unwrap_or_default()),
    })
}

pub(super) fn read_state(row: &Found, column: usize) -> Result<State, Failure> {
    let written: i16 = row.try_get(column)?;
    Ok(state(Some(written.into())))
}

/// Counts rows by state.
pub(super) async fn counts(tx: &Tx, filter: &Filter) -> Result<Counts, Failure> {
    let condition = Condition::new(filter);
    let sql = format!(
        "SELECT r.state, count(*), min(r.received_at) FROM countersign_inbox AS r WHERE {} GROUP BY r.state",
        condition.sql
    );
    let mut counts = Counts::default();
    for row in condition.query(tx, &sql).await? {
        let number: i64 = row.try_get(1)?;
        let number = u64::try_from(number).unwrap_or_default();
        let (count, is_open) = match read_state(&row, 0)? {
            State::Ready => (&mut counts.ready, true),
            State::Claimed => (&mut counts.claimed, true),
            State::Done => (&mut counts.done, false),
            State::Dead => (&mut counts.dead, false),
        };
        *count = number;
        let oldest: Option<i64> = row.try_get(2)?;
        if is_open {
            counts.oldest = counts.oldest.into_iter().chain(oldest).min();
        }
    }
    Ok(counts)
}

/// The numbers of rows after `after`, in order, which no worker has.
pub(super) async fn next(tx: &Tx, filter: &Filter, after: i64, most: usize) -> Result<Vec<i64>, Failure> {
    let mut condition = Condition::new(filter);
    let (after, most) = (condition.place(after), condition.place(limit(most)));
    let sql = format!(
        "SELECT r.id FROM countersign_inbox AS r WHERE {} AND r.id > {after} AND r.state <> 1 ORDER BY r.id LIMIT {most}",
        condition.sql
    );
    super::recover::ids(&condition.query(tx, &sql).await?)
}
