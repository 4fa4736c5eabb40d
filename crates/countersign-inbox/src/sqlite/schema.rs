//! The tables, and how they come into a file.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::place::unusable;
use crate::error::StoreError;

/// The migrations, the first one first. What was released is never changed: a change is another one.
const MIGRATIONS: [&str; 1] = [include_str!("schema.sql")];

/// Says that a file is an inbox: `PRAGMA application_id`.
const APPLICATION: i32 = 0x4373_4962;

/// Returns the migrations as SQL, to run them by hand: each one, and what marks the file with its number.
pub fn migrations() -> Vec<String> {
    (1_i32..).zip(MIGRATIONS).map(|(number, migration)| marked(number, migration)).collect()
}

fn marked(number: i32, migration: &str) -> String {
    format!(
        "BEGIN EXCLUSIVE;\n{migration}PRAGMA application_id = {APPLICATION};\nPRAGMA user_version = {number};\nCOMMIT;\n"
    )
}

/// Why a file could not be brought up to date.
pub(super) enum Failed {
    /// It is not to be.
    Refused(StoreError),
    /// SQLite failed.
    Sql(rusqlite::Error),
}

impl From<rusqlite::Error> for Failed {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

/// Runs the migrations that the file does not have yet. Of several processes, one does.
pub(super) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), Failed> {
    if is_current(connection, path)? {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Exclusive)?;
    // Another process may have been here before.
    if is_current(&transaction, path)? {
        return Ok(());
    }
    let version = pragma(&transaction, "user_version")?;
    for (number, migration) in (1_i32..).zip(MIGRATIONS).filter(|&(number, _)| number > version) {
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "user_version", number)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.commit()?;
    Ok(())
}

/// Whether the file is up to date. Refuses one of another application, and one of a newer version.
pub(super) fn is_current(connection: &Connection, path: &Path) -> Result<bool, Failed> {
    // In one statement, which sees one state of the file: another process may make the inbox at this moment.
    let read = "SELECT (SELECT user_version FROM pragma_user_version),
                       (SELECT application_id FROM pragma_application_id),
                       (SELECT count(*) FROM sqlite_schema)";
    let (version, application, tables): (i32, i32, i64) =
        connection.query_row(read, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    if application != APPLICATION && (application != 0 || tables != 0) {
        let what = "is a database of another application";
        return Err(Failed::Refused(unusable(path, what, "choose another path for the inbox")));
    }
    match usize::try_from(version).unwrap_or_default() {
        version if version > MIGRATIONS.len() => {
            let what = format!("is of a newer countersign (schema {version}, and this one knows {})", MIGRATIONS.len());
            Err(Failed::Refused(unusable(path, &what, "update this service, or stop it")))
        }
        version => Ok(version == MIGRATIONS.len()),
    }
}

fn pragma(connection: &Connection, name: &str) -> rusqlite::Result<i32> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}
