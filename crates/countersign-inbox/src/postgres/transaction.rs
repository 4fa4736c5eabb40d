//! Transactions: each call is one, and each has a deadline, on both sides.

use std::{
    error::Error,
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::BytesMut;
use deadpool_postgres::{Object, Timeouts};
use tokio::{sync::OwnedSemaphorePermit, time::timeout_at};
use tokio_postgres::{
    Row,
    types::{Format, IsNull, ToSql, Type},
};

use super::{
    clock::CLOCK,
    failures::Failure,
    server::{Server, qualified},
};
use crate::error::StoreError;

/// A value, whose `Debug` shows nothing: `tokio-postgres` logs the values of statements.
struct Hidden<'a>(&'a (dyn ToSql + Sync));

impl fmt::Debug for Hidden<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl ToSql for Hidden<'_> {
    fn to_sql(&self, of: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        self.0.to_sql_checked(of, out)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(&self, of: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        self.0.to_sql_checked(of, out)
    }

    fn encode_format(&self, of: &Type) -> Format {
        self.0.encode_format(of)
    }
}

/// Values of a statement.
pub(super) type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// How often a call is made if others are in its way.
const TRIES: u32 = 5;

/// What a transaction does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It has a few rows, by an index.
    Short,
    /// It may have many rows.
    Long,
    /// It is like a long one, and does not wait for others of those.
    Count,
}

/// A transaction. If it is dropped, its connection is closed, and the server forgets what it did.
pub(super) struct Tx {
    object: Option<Object>,
    /// What begins it, until the first statement takes that along.
    begin: std::sync::Mutex<Option<String>>,
    schema: Arc<str>,
    deadline: Instant,
    /// The right to take long.
    _long: Option<OwnedSemaphorePermit>,
}

impl Server {
    /// Takes a connection, and begins.
    pub(super) async fn begin(&self, deadline: Instant, kind: Kind) -> Result<Tx, Failure> {
        let long = match kind {
            Kind::Short | Kind::Count => None,
            Kind::Long => {
                let permit = timeout_at(deadline.into(), Arc::clone(&self.long).acquire_owned()).await;
                permit.map_err(|_| Failure::late())?.ok()
            }
        };
        let object = self.connection(deadline).await?;
        let begin = std::sync::Mutex::new(Some(begin(left(deadline), kind)));
        let tx = Tx { object: Some(object), begin, schema: Arc::clone(&self.schema), deadline, _long: long };
        if self.clock.is_due() {
            let asked = Instant::now();
            if let Some(answer) = tx.query(CLOCK, &[]).await?.first() {
                self.clock.measured(answer.try_get(0)?, asked);
            }
        }
        Ok(tx)
    }

    pub(super) async fn connection(&self, deadline: Instant) -> Result<Object, Failure> {
        let left = Some(left(deadline));
        let timeouts = Timeouts { wait: left, create: left, recycle: left };
        Ok(self.pool.timeout_get(&timeouts).await?)
    }
}

/// Whatever is set for the role or the database, what is committed is on the disk, nothing waits for ever, and an
/// index is used, however wrong the statistics of a queue are, by a plan that is made once. The search path has no schema in which others could
/// have put a function that suits better than the server's own.
fn begin(left: Duration, kind: Kind) -> String {
    let left = left.as_millis().max(1);
    let plans = match kind {
        Kind::Short => {
            " SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL jit = off; \
             SET LOCAL plan_cache_mode = force_generic_plan;"
        }
        Kind::Long | Kind::Count => "",
    };
    format!(
        "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL synchronous_commit = on; \
         SET LOCAL statement_timeout = {left}; SET LOCAL lock_timeout = 0; \
         SET LOCAL idle_in_transaction_session_timeout = {left}; SET LOCAL search_path = pg_catalog, pg_temp;{plans}"
    )
}

fn left(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}

pub(super) async fn within<T>(
    deadline: Instant,
    call: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, Failure> {
    timeout_at(deadline.into(), call).await.map_err(|_| Failure::late())?.map_err(Failure::from)
}

impl Tx {
    pub(super) async fn query(&self, sql: &str, values: Values<'_>) -> Result<Vec<Row>, Failure> {
        let Some(client) = &self.object else { return Err(Failure::late()) };
        let sql = qualified(sql, &self.schema);
        let asked = async {
            let statement = client.prepare_cached(&sql).await?;
            let values: Vec<_> = values.iter().map(|&value| Hidden(value)).collect();
            let values: Vec<_> = values.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
            client.query(&statement, &values).await
        };
        let begin = self.begin.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        let Some(begin) = begin else { return within(self.deadline, asked).await };
        // Both are sent at once. If it does not begin, the server does not take the rest.
        within(self.deadline, async {
            let (begun, rows) = tokio::join!(biased; client.batch_execute(&begin), asked);
            begun.and(rows)
        })
        .await
    }

    pub(super) async fn execute(&self, sql: &str, values: Values<'_>) -> Result<usize, Failure> {
        // Statements that change rows return their number.
        let rows = self.query(sql, values).await?;
        Ok(rows.len())
    }

    /// Commits, or gives up.
    pub(super) async fn end<T>(mut self, done: Result<T, Failure>) -> Result<T, Failure> {
        let Some(object) = self.object.take() else { return Err(Failure::late()) };
        let has_begun = self.begin.lock().is_ok_and(|begin| begin.is_none());
        match done {
            Ok(_) if !has_begun => {}
            Ok(_) => {
                // In a task, which has the connection's place in the pool until the server has answered. If it waits for
                // a standby, another connection would only be another one that waits.
                let commit = tokio::spawn(async move {
                    let committed = object.batch_execute("COMMIT").await;
                    if committed.is_err() {
                        drop(Object::take(object));
                    }
                    committed.map_err(Failure::from)
                });
                let committed = timeout_at(self.deadline.into(), commit).await;
                let committed = committed
                    .map_or_else(|_| Err(Failure::late()), |ended| ended.unwrap_or_else(|_| Err(Failure::late())));
                if let Err(mut failure) = committed {
                    failure.is_doubtful = failure.code().is_none();
                    return Err(failure);
                }
            }
            Err(ref failure) => {
                let is_usable = failure.code().is_some() && !failure.is_passing();
                if !is_usable || within(self.deadline, object.batch_execute("ROLLBACK")).await.is_err() {
                    drop(Object::take(object));
                }
            }
        }
        done
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        if let Some(object) = self.object.take() {
            drop(Object::take(object));
        }
    }
}

/// The tries of a call.
pub(super) struct Tries {
    pub(super) deadline: Instant,
    left: u32,
}

impl Tries {
    pub(super) fn new(within: Duration) -> Self {
        let now = Instant::now();
        Self { deadline: now.checked_add(within).unwrap_or(now), left: TRIES }
    }

    /// The answer; `None` if the call is to be made again.
    pub(super) fn answer<T>(&mut self, outcome: Result<T, Failure>) -> Option<Result<T, Failure>> {
        self.left = self.left.saturating_sub(1);
        let is_again = outcome.as_ref().is_err_and(Failure::is_passing);
        (!is_again || self.left == 0 || Instant::now() >= self.deadline).then_some(outcome)
    }
}

/// Does something in a transaction, again if others are in its way.
macro_rules! in_transaction {
    ($server:expr, $kind:expr, |$tx:ident| $work:expr) => {{
        let server: &$crate::postgres::server::Server = $server;
        let mut tries = $crate::postgres::transaction::Tries::new(server.deadline($kind));
        loop {
            let outcome = match server.begin(tries.deadline, $kind).await {
                Ok($tx) => {
                    let done = $work.await;
                    $tx.end(done).await
                }
                Err(failure) => Err(failure),
            };
            if let Some(answer) = tries.answer(outcome) {
                break answer;
            }
        }
    }};
}
pub(super) use in_transaction;

/// An answer of a store.
pub(super) fn answered<T>(answer: Result<T, Failure>) -> Result<T, StoreError> {
    answer.map_err(StoreError::from)
}
