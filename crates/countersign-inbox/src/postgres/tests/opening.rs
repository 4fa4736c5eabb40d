//! Opening: roles, migrations, versions, passwords.

use super::{Place, PostgresStore, Settings, number, ports, says, sql, store, support::Postgres};
use crate::{
    error::StoreErrorKind::{Unavailable, Unusable},
    postgres::migrations,
};

#[tokio::test(flavor = "multi_thread")]
async fn openers_at_once_migrate_once() {
    let place = Place::new();
    let mut openers = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (url, settings) = (place.server.url("postgres"), place.settings());
        openers.spawn(async move { PostgresStore::connect(&url, settings).await.unwrap() });
    }
    let stores = openers.join_all().await;
    for (number, one) in (0_u64..).zip(&stores) {
        store(one, number).await;
    }
    let sql = place.sql().await;
    assert_eq!(number(&sql, "SELECT count(*) FROM countersign_inbox_schema").await, 1);
    assert_eq!(number(&sql, "SELECT count(*) FROM countersign_inbox").await, 8);
}

#[tokio::test]
async fn a_role_that_may_not_create_tables_uses_those_that_are_there() {
    let place = Place::new();
    let owner = place.sql().await;
    let schema = format!("\"{}\"", place.schema);
    owner
        .batch_execute(&format!(
            "CREATE SCHEMA {schema}; CREATE ROLE plain LOGIN; GRANT USAGE ON SCHEMA {schema} TO plain"
        ))
        .await
        .unwrap();
    let url = place.server.url("plain");
    let text = format!(
        "the inbox's tables are missing or old in the schema {schema}, and this role may not create them: run the SQL of \
         `countersign inbox migrate --print` as a role that may, and grant this one SELECT, INSERT, UPDATE and DELETE on \
         the tables, and USAGE on the sequence"
    );
    says(PostgresStore::connect(&url, place.settings()).await, Unusable, &text);
    for migration in migrations() {
        owner.batch_execute(&migration).await.unwrap();
    }
    let text = "this role may not use the inbox's tables: grant it SELECT, INSERT, UPDATE and DELETE on them, and USAGE on \
                their schema and sequence";
    says(PostgresStore::connect(&url, place.settings()).await, Unusable, text);
    let grant = format!(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO plain;
         GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO plain; ALTER ROLE plain SET search_path = {schema}"
    );
    owner.batch_execute(&grant).await.unwrap();
    // In the schema of its search path.
    let one = PostgresStore::connect(&url, Settings::default()).await.unwrap();
    assert!(format!("{one:?}").contains(&place.schema), "{one:?}");
    store(&one, 1).await;
    let claimed = crate::store::Queue::claim(&one, super::request(1)).await.unwrap();
    let done = crate::store::Settled::Dead { now: super::NOW, why: String::new() };
    crate::store::Queue::settle(&one, claimed[0].claim, done).await.unwrap();
    // It may not VACUUM, which is no error.
    let purged = crate::store::Ledger::purge(&one, crate::store::Filter::default(), crate::store::Purge::Rows).await;
    assert_eq!(purged.unwrap(), 1);
}

#[tokio::test]
async fn tables_of_a_newer_version_are_refused_unless_they_suit_this_one() {
    let place = Place::new();
    store(&place.open().await, 1).await;
    let sql = place.sql().await;
    sql.batch_execute("INSERT INTO countersign_inbox_schema VALUES (7, 1)").await.unwrap();
    store(&place.open().await, 2).await;
    sql.batch_execute("INSERT INTO countersign_inbox_schema VALUES (8, 2)").await.unwrap();
    let text = "the inbox is of a newer countersign (schema 8, and this one knows 1): update this service, or stop it";
    says(PostgresStore::connect(&place.server.url("postgres"), place.settings()).await, Unusable, text);
}

#[tokio::test]
async fn servers_that_cannot_be_used_are_refused_without_the_password() {
    let place = Place::new();
    let port = place.server.port;
    sql(&place.server.url("postgres"))
        .await
        .batch_execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
        .await
        .unwrap();
    let unreachable = "the inbox's server cannot be reached: start it, and the inbox goes on by itself";
    for (url, kind, text) in [
        (
            format!("postgres://nobody:hunter2@127.0.0.1:{port}/postgres"),
            Unusable,
            "the inbox's server rejects this user: check the user and the password of the URL",
        ),
        (
            format!("postgres://postgres:hunter2@127.0.0.1:{port}/nowhere"),
            Unusable,
            "the inbox's server has no such database: create it, or check the URL",
        ),
        (
            format!("postgres://postgres:hunter2@127.0.0.1:{port}/latin"),
            Unusable,
            "the inbox's database has the encoding LATIN1, and cannot store every text: create one with UTF8",
        ),
        (format!("postgres://postgres:hunter2@127.0.0.1:{}/postgres", ports::free()), Unavailable, unreachable),
    ] {
        let found = PostgresStore::connect(&url, Settings::default()).await;
        assert!(!format!("{found:?}").contains("hunter2"), "{found:?}");
        says(found, kind, text);
    }
    for schema in ["", "a\"b", "a'b"] {
        let found =
            PostgresStore::connect(&place.server.url("postgres"), Settings::default().with_schema(schema)).await;
        says(found, Unusable, "the schema of the inbox cannot have such a name: use letters, digits and `_`");
    }
    let url = place.server.url("postgres:hunter2");
    let debug = format!("{:?}", PostgresStore::connect(&url, place.settings()).await.unwrap());
    assert!(debug.contains("PostgresStore") && !debug.contains("hunter2"), "{debug}");
}

#[tokio::test]
async fn a_server_that_does_not_flush_is_refused() {
    let server = Postgres::start(ports::free(), &["fsync=off"]);
    let found = PostgresStore::connect(&server.url("postgres"), Settings::default()).await;
    let text = "the inbox's server loses what it has acknowledged (`fsync = off`): switch it on, since nothing that is set \
                for a connection replaces it";
    says(found, Unusable, text);
}

/// A PgBouncer, where there is one.
struct Pooler(std::process::Child);

impl Pooler {
    async fn start(place: &Place, mode: &str) -> Option<(Self, String)> {
        let given = std::env::var_os("COUNTERSIGN_TEST_PGBOUNCER").unwrap_or("/usr/sbin/pgbouncer".into());
        if !std::path::Path::new(&given).exists() {
            // `scripts/test --all` has installed it.
            assert!(std::env::var_os("COUNTERSIGN_TEST_BROKERS").is_none(), "there is no PgBouncer");
            eprintln!("not tested behind a pooler: install `pgbouncer`, or set COUNTERSIGN_TEST_PGBOUNCER to its path");
            return None;
        }
        let port = ports::free();
        let file = place.server.folder.join(format!("{mode}.ini"));
        let settings = format!(
            "[databases]\npostgres = host=127.0.0.1 port={} user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = {mode}\n",
            place.server.port
        );
        std::fs::write(&file, settings).unwrap();
        let mut pooler = super::support::unprivileged(std::path::Path::new(&given));
        let pooler = Self(pooler.arg("-q").arg(file).stderr(std::process::Stdio::null()).spawn().unwrap());
        super::until(async || tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok()).await;
        Some((pooler, format!("postgres://postgres@127.0.0.1:{port}/postgres")))
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.0.kill().and_then(|()| self.0.wait());
    }
}

#[tokio::test]
async fn a_pooler_of_transactions_that_forgets_statements_is_refused_and_one_of_sessions_is_not() {
    let place = Place::new();
    let Some((_pooler, url)) = Pooler::start(&place, "transaction").await else { return };
    let text = "the inbox's server forgets prepared statements: let PgBouncer pool sessions, or keep the statements \
                (`max_prepared_statements` of version 1.21 or later)";
    says(PostgresStore::connect(&url, place.settings()).await, Unusable, text);
    let Some((_pooler, url)) = Pooler::start(&place, "session").await else { return };
    let one = PostgresStore::connect(&url, place.settings()).await.unwrap();
    for number in 0..20 {
        store(&one, number).await;
    }
    assert_eq!(crate::store::Queue::claim(&one, super::request(20)).await.unwrap().len(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opening_that_is_given_up_leaves_no_transaction_on_a_connection_of_the_users() {
    let server = Postgres::start(ports::free(), &[]);
    let admin = sql(&server.url("postgres")).await;
    // Another process migrates.
    let locked = "CREATE TABLE orders (n INT); SELECT pg_advisory_lock(4860842936150355298)";
    admin.batch_execute(locked).await.unwrap();
    let config: tokio_postgres::Config = server.url("postgres").parse().unwrap();
    let manager = deadpool_postgres::Manager::new(config, tokio_postgres::NoTls);
    let pool = deadpool_postgres::Pool::builder(manager).max_size(4).runtime(deadpool_postgres::Runtime::Tokio1);
    let pool = pool.build().unwrap();
    let opening = PostgresStore::on_pool(pool.clone(), Settings::default());
    assert!(tokio::time::timeout(std::time::Duration::from_millis(300), opening).await.is_err());
    let client = pool.get().await.unwrap();
    client.execute("INSERT INTO orders VALUES (1)", &[]).await.unwrap();
    assert_eq!(number(&admin, "SELECT count(*) FROM orders").await, 1);
}
