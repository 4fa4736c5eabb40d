//! Opens a store.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use tokio::{
    sync::{Mutex, Notify, Semaphore},
    time::timeout,
};
use tokio_postgres::error::SqlState;

use super::{
    PostgresStore, Settings,
    alarm::{self, Alarms},
    clock::{self, Clock},
    connector::Connector,
    failures::{FORGETS, Failure, stopped},
    schema,
    server::Server,
    store::Inner,
    totals::Totals,
    transaction::within,
    url::{self, Target, unusable},
    writer,
};
use crate::error::StoreError;

/// How long a server that does nothing else takes for a trifle, at most.
const SOON: Duration = Duration::from_secs(2);

/// The deadline of an opening: another process may create the tables.
const OPENING: Duration = Duration::from_secs(60);

impl PostgresStore {
    /// Opens the inbox on the server at `url`, and creates its tables unless they are there.
    ///
    /// ```no_run
    /// use countersign_inbox::postgres::{PostgresStore, Settings};
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let store = PostgresStore::connect("postgres://inbox:secret@db.example/app", Settings::default()).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// A server on another machine is reached over TLS, and its certificate is verified: against the roots of the
    /// system, or those in the file (PEM) of `?sslrootcert=`. `sslmode` may be `require`, `verify-ca` or
    /// `verify-full`, which all verify the certificate and the host's name, or `disable`. With `prefer` or `allow`,
    /// an attacker in the network could decide: they are rejected. Without `sslmode`, a server on this machine
    /// (`localhost`, a loopback address, or a socket's folder) is reached without TLS.
    ///
    /// Of several hosts (`postgres://user@one,two/database`), the one that takes writes is used. Behind PgBouncer,
    /// sessions have to be pooled, or prepared statements supported (1.21 or later, `max_prepared_statements`).
    /// Unless it pools sessions, workers do not hear of what other processes store, and look once in a second.
    ///
    /// Use a schema in which only this role, or one that it trusts, may create tables: whoever owns the tables can
    /// run functions as this role.
    ///
    /// # Errors
    ///
    /// Returns an error if the URL cannot be read, if the server does not answer, rejects the user, is older than
    /// Postgres 12, only reads, or has `fsync = off`, if the database's encoding is not UTF8, or if the tables are
    /// of a newer version, or missing and the role may not create them. No error has a part of the URL.
    pub async fn connect(url: &str, settings: Settings) -> Result<Self, StoreError> {
        let Target { config, tls } = url::read(url, settings.deadline)?;
        let connector = Connector::new(tls)?;
        let manager = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_connect(config.clone(), connector.clone(), manager);
        let pool = Pool::builder(manager).max_size(settings.connections.max(2)).runtime(Runtime::Tokio1).build();
        let pool = pool.map_err(|error| unusable("the inbox has no connections").with_source(error))?;
        let store = Self::on_pool(pool, settings).await?;
        let (schema, alarms) = (Arc::clone(&store.0.server.schema), store.0.alarms.clone());
        store.0.keep(tokio::spawn(alarm::listen(connector, config, schema, alarms)));
        Ok(store)
    }

    /// Opens the inbox on connections of yours, like [`connect`](Self::connect). A pool cannot hear of what other
    /// processes store: workers look once in a second.
    ///
    /// The pool needs a runtime for its timeouts, and at least two connections.
    ///
    /// With `synchronous_standby_names`, connections of yours do not hear the warning that Postgres gives if somebody
    /// cancels a commit that waits for a standby: it is taken for stored. [`connect`](Self::connect) hears it.
    ///
    /// # Errors
    ///
    /// Returns an error like [`connect`](Self::connect).
    pub async fn on_pool(pool: Pool, settings: Settings) -> Result<Self, StoreError> {
        Self::on_clock(pool, settings, Clock::new(clock::system)).await
    }

    pub(super) async fn on_clock(pool: Pool, settings: Settings, clock: Clock) -> Result<Self, StoreError> {
        let now = Instant::now();
        let after = move |duration| now.checked_add(duration).unwrap_or(now);
        let totals = Totals::default();
        let long = Arc::new(Semaphore::new(pool.status().max_size.div_ceil(4)));
        let mut server = Server {
            pool,
            settings,
            schema: Arc::from(""),
            clock,
            totals,
            long,
            cleaning: Mutex::default(),
            stored: Notify::new(),
        };
        // In a task: whoever gives up does not leave a connection of theirs in a transaction of ours.
        let opening = tokio::spawn(async move {
            let client = server.connection(after(server.settings.deadline)).await?;
            match schema::prepare(&client, &server.settings, after(OPENING)).await {
                Ok(schema) => server.schema = schema.into(),
                Err(error) => {
                    drop(Object::take(client));
                    return Err(error);
                }
            }
            has_sessions(&server, client, after(server.settings.deadline)).await?;
            Ok(server)
        });
        let server = Arc::new(opening.await.unwrap_or_else(|_| Err(stopped()))?);
        server.totals.begin();
        server.count().await.map_err(|failure: Failure| StoreError::from(failure))?;
        let calls = writer::start(&server);
        let inner = Inner::new(Arc::clone(&server), calls);
        inner.keep(tokio::spawn(alarm::tell(server)));
        Ok(Self(Arc::new(inner)))
    }

    /// The alarms of workers.
    pub(super) fn alarms(&self) -> &Alarms {
        &self.0.alarms
    }
}

/// Refuses a pooler that gives each transaction another session, in which its statements are not prepared.
async fn has_sessions(server: &Server, client: Object, deadline: Instant) -> Result<(), StoreError> {
    let statement = within(deadline, client.prepare("SELECT 1")).await?;
    let other = server.connection(deadline).await?;
    // It has the session in which that was prepared, if it can have that.
    let begun = within(deadline, other.batch_execute("BEGIN")).await;
    // A pooler with one session does not answer before the other one ends.
    let asked = timeout(SOON, client.query(&statement, &[])).await;
    drop(Object::take(other));
    begun?;
    match asked.map(|asked| asked.map_err(Failure::from)) {
        Ok(Err(failure)) if failure.code() == Some(&SqlState::INVALID_SQL_STATEMENT_NAME) => {
            Err(unusable(FORGETS).with_source(StoreError::from(failure)))
        }
        Ok(Err(failure)) => Err(failure.into()),
        Ok(Ok(_)) => Ok(()),
        Err(_) => {
            drop(Object::take(client));
            Ok(())
        }
    }
}
