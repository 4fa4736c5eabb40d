//! The store, beyond the contract: on a real server, which each test process starts, and a schema for each test.

mod bounds;
mod clocks;
mod faults;
mod modelled;
mod opening;
mod outages;
mod plans;
mod raced;
mod rows;
#[cfg(feature = "postgres-tls")]
mod tls;
mod versions;

#[allow(unreachable_pub, reason = "they are public in their own package")]
#[path = "../../../../../tests/support/ports.rs"]
mod ports;
#[allow(unreachable_pub, reason = "they are public in their own package")]
#[path = "../../../../../tests/support/postgres.rs"]
mod support;

use std::sync::{
    OnceLock,
    atomic::{AtomicU32, Ordering::Relaxed},
};

use support::Postgres;
use tokio_postgres::{Client, NoTls, Row};

use super::{PostgresStore, Settings};
use crate::{
    contract,
    sql::given::{NOW, columns, incoming, request, says, store, token},
};

/// The server of this process. Tests that stop theirs have one of their own.
fn server() -> &'static Postgres {
    static SERVER: OnceLock<Postgres> = OnceLock::new();
    SERVER.get_or_init(|| Postgres::start(ports::free(), &[]))
}

/// An inbox in a schema of its own.
struct Place {
    server: &'static Postgres,
    schema: String,
}

impl Place {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        Self { server: server(), schema: format!("test {}", NUMBER.fetch_add(1, Relaxed)) }
    }

    fn settings(&self) -> Settings {
        // Only an answer within this time is expected, however busy the machine is.
        Settings::default().with_schema(&self.schema).with_deadline(std::time::Duration::from_secs(30))
    }

    async fn open(&self) -> PostgresStore {
        self.with(self.settings()).await
    }

    async fn with(&self, settings: Settings) -> PostgresStore {
        PostgresStore::connect(&self.server.url("postgres"), settings).await.unwrap()
    }

    /// The server, as somebody else sees it, with the tables in the search path.
    async fn sql(&self) -> Client {
        let client = sql(&self.server.url("postgres")).await;
        client.batch_execute(&format!("SET search_path = \"{}\"", self.schema)).await.unwrap();
        client
    }
}

async fn sql(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn number(client: &Client, sql: &str) -> i64 {
    let row: Row = client.query_one(&format!("SELECT ({sql})::bigint"), &[]).await.unwrap();
    row.get(0)
}

/// Until it is so.
async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while !is_so().await {
        assert!(std::time::Instant::now() < end, "it did not come about");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_keeps_the_contract() {
    contract::check(async || Place::new().open().await).await;
}
