//! The tables, and how they come into a database.
//!
//! Old and new programs work on one database side by side, while a new version is rolled out. So a change of the
//! tables is made in two releases. The first one *expands*: its migration adds (a column with a default, a table, an
//! index), and old programs go on with what they know; its row in `countersign_inbox_schema` has the number of the
//! first migration that such a program must know in `oldest`. A later release *contracts*: its migration removes what
//! no program of the release before needs, and raises `oldest`. Programs that are older are refused from then on.
//! Large indexes are created by hand (`CREATE INDEX CONCURRENTLY`) before, and the migration has `IF NOT EXISTS`.

use std::time::Instant;

use deadpool_postgres::Object;

use super::{
    failures::Failure,
    server::{qualified, quoted},
    settings::Settings,
    transaction::within,
    url::unusable,
};
use crate::error::{StoreError, StoreErrorKind::Unavailable};

/// The migrations, the first one first. What was released is never changed: a change is another one.
const MIGRATIONS: [&str; 1] = [include_str!("schema.sql")];

/// Of several processes, one migrates: the advisory lock.
const LOCK: &str = "SELECT pg_advisory_xact_lock(4860842936150355298)";

/// Whatever is set for the role.
const BEGIN: &str = "BEGIN READ WRITE; SET LOCAL synchronous_commit = on; SET LOCAL statement_timeout = 0; \
    SET LOCAL lock_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = '1min'";

/// The oldest Postgres that has all that is needed.
const OLDEST: i32 = 120_000;

/// Returns the migrations as SQL, to run them by hand, with the schema of the tables as the first one of the search
/// path: each one, and what marks the database with its number.
pub fn migrations() -> Vec<String> {
    MIGRATIONS.iter().map(|migration| format!("BEGIN;\n{LOCK};\n{migration}COMMIT;\n")).collect()
}

/// The server, and where the tables are or will be.
const SERVER: &str = "SELECT current_setting('server_version_num')::int, current_setting('fsync'),
    current_setting('server_encoding'), pg_is_in_recovery(),
    coalesce($1::text, (SELECT n.nspname::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
      WHERE c.oid = to_regclass('countersign_inbox_schema')), current_schema()::text)";

/// Checks the server, and brings the tables up to date. Returns their schema, quoted.
pub(super) async fn prepare(client: &Object, settings: &Settings, deadline: Instant) -> Result<String, StoreError> {
    if settings.schema.as_deref().is_some_and(|name| name.is_empty() || name.contains(['"', '\'', '\\', '\0'])) {
        return Err(unusable("the schema of the inbox cannot have such a name: use letters, digits and `_`"));
    }
    let server = within(deadline, client.query_one(SERVER, &[&settings.schema])).await?;
    let read = |error: tokio_postgres::Error| StoreError::from(Failure::from(error));
    let version: i32 = server.try_get(0).map_err(read)?;
    let (fsync, encoding): (&str, &str) = (server.try_get(1).map_err(read)?, server.try_get(2).map_err(read)?);
    if version < OLDEST {
        return Err(unusable("the inbox's server is too old: it takes Postgres 12 or later"));
    }
    if fsync == "off" {
        return Err(unusable(
            "the inbox's server loses what it has acknowledged (`fsync = off`): switch it on, since nothing that is set \
             for a connection replaces it",
        ));
    }
    if encoding != "UTF8" {
        return Err(unusable(format!(
            "the inbox's database has the encoding {encoding}, and cannot store every text: create one with UTF8"
        )));
    }
    if server.try_get(3).map_err(read)? {
        return Err(StoreError::new(Unavailable, "the inbox's server only reads: connect to the primary"));
    }
    let Some(name) = server.try_get::<_, Option<String>>(4).map_err(read)? else {
        return Err(unusable("the inbox has no schema to be in: create one, or set the user's search path"));
    };
    let schema = quoted(&name);
    if !is_current(client, &schema, deadline).await? {
        migrate(client, &name, &schema, deadline).await?;
    }
    Ok(schema)
}

/// Whether the tables are up to date. Refuses those that are newer, and do not suit this program.
async fn is_current(client: &Object, schema: &str, deadline: Instant) -> Result<bool, StoreError> {
    let table = qualified("countersign_inbox_schema", schema);
    let found = within(deadline, client.query_one("SELECT to_regclass($1) IS NOT NULL", &[&table])).await?;
    if !found.get::<_, bool>(0) {
        return Ok(false);
    }
    let newest = format!("SELECT version, oldest FROM {table} ORDER BY version DESC LIMIT 1");
    let Some(row) = within(deadline, client.query_opt(&newest, &[])).await? else { return Ok(false) };
    let (version, oldest): (i32, i32) = (row.get(0), row.get(1));
    let known = i32::try_from(MIGRATIONS.len()).unwrap_or(i32::MAX);
    if oldest > known {
        return Err(unusable(format!(
            "the inbox is of a newer countersign (schema {version}, and this one knows {known}): update this service, \
             or stop it"
        )));
    }
    Ok(version >= known)
}

async fn migrate(client: &Object, name: &str, schema: &str, deadline: Instant) -> Result<(), StoreError> {
    let migrated = try_to_migrate(client, name, schema, deadline).await;
    if migrated.is_err() {
        let _ = within(deadline, client.batch_execute("ROLLBACK")).await;
    }
    migrated.map_err(|failed| match failed {
        Failed::Refused(error) => error,
        Failed::Server(failure) if failure.is_denied() => {
            let message = format!(
                "the inbox's tables are missing or old in the schema {schema}, and this role may not create them: run the \
                 SQL of `countersign inbox migrate --print` as a role that may, and grant this one SELECT, INSERT, UPDATE \
                 and DELETE on the tables, and USAGE on the sequence"
            );
            unusable(message).with_source(StoreError::from(failure))
        }
        Failed::Server(failure) => failure.into(),
    })
}

/// Why tables could not be brought up to date.
enum Failed {
    /// They are not to be.
    Refused(StoreError),
    Server(Failure),
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        Self::Server(failure)
    }
}

async fn try_to_migrate(client: &Object, name: &str, schema: &str, deadline: Instant) -> Result<(), Failed> {
    within(deadline, client.batch_execute(&format!("{BEGIN}; {LOCK}"))).await?;
    // Another process may have been here before.
    if !is_current(client, schema, deadline).await.map_err(Failed::Refused)? {
        let has = "SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = $1)";
        let exists = within(deadline, client.query_one(has, &[&name])).await?;
        if !exists.get::<_, bool>(0) {
            within(deadline, client.batch_execute(&format!("CREATE SCHEMA {schema}"))).await?;
        }
        within(deadline, client.batch_execute(&format!("SET LOCAL search_path = {schema}"))).await?;
        let table = qualified("countersign_inbox_schema", schema);
        let has_some = within(deadline, client.query_one("SELECT to_regclass($1) IS NOT NULL", &[&table])).await?;
        let mut done = 0;
        if has_some.get(0) {
            let sql = format!("SELECT coalesce(max(version), 0) FROM {table}");
            done = within(deadline, client.query_one(&sql, &[])).await?.get(0);
        }
        for (_, migration) in (1_i32..).zip(MIGRATIONS).filter(|&(number, _)| number > done) {
            within(deadline, client.batch_execute(migration)).await?;
        }
    }
    within(deadline, client.batch_execute("COMMIT")).await?;
    Ok(())
}
