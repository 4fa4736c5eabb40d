//! The connections to the file of an inbox.

use std::{
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{
    failures::unavailable,
    place::{self, unusable},
    schema::{self, Failed},
};
use crate::error::{StoreError, StoreErrorKind::Unusable};

/// The first version without a bug that can damage a file which two connections write:
/// <https://sqlite.org/wal.html#walresetbug>.
const OLDEST: i32 = 3_051_003;

/// For how many milliseconds a connection waits for another process.
const BUSY: i32 = 5_000;

/// How many statements a connection keeps prepared: all of them.
const STATEMENTS: usize = 128;

/// Opens the connection that writes, and brings the file up to date.
pub(super) fn writing(path: &Path) -> Result<Connection, StoreError> {
    check_version(rusqlite::version_number(), rusqlite::version())?;
    place::prepare(path)?;
    let end = Instant::now().checked_add(Duration::from_millis(BUSY.unsigned_abs().into()));
    loop {
        let error = match try_writing(path) {
            Ok(connection) => return Ok(connection),
            Err(Failed::Refused(error)) => return Err(error),
            Err(Failed::Sql(error)) => error,
        };
        match error.sqlite_error_code() {
            // SQLite does not wait for another process that switches to the WAL at the same time.
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
                if end.is_some_and(|end| Instant::now() < end) =>
            {
                thread::sleep(Duration::from_millis(5));
            }
            Some(ErrorCode::NotADatabase) => {
                return Err(unusable(path, "is not a database of SQLite", "choose another path for the inbox")
                    .with_source(error));
            }
            Some(ErrorCode::DatabaseCorrupt) => {
                let remedy = "restore it from a backup or with `.recover` of `sqlite3`";
                return Err(unusable(path, "is damaged", remedy).with_source(error));
            }
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
                let remedy = "check the permissions of the file and of its folder";
                return Err(unusable(path, "cannot be written", remedy).with_source(error));
            }
            _ => return Err(unavailable(&Arc::new(error))),
        }
    }
}

/// Opens a connection that only reads, to a file that is up to date.
pub(super) fn reading(path: &Path) -> Result<Connection, StoreError> {
    let open = || {
        let mut connection = Connection::open_with_flags(path, flags(OpenFlags::SQLITE_OPEN_READ_ONLY))?;
        prepare(&mut connection)?;
        Ok(connection)
    };
    open().map_err(|error| unavailable(&Arc::new(error)))
}

fn try_writing(path: &Path) -> Result<Connection, Failed> {
    let mut connection = Connection::open_with_flags(path, flags(OpenFlags::SQLITE_OPEN_READ_WRITE))?;
    prepare(&mut connection)?;
    // Before anything in it is changed.
    schema::is_current(&connection, path)?;
    // It counts only in a file without tables.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    // Where it cannot share memory, SQLite stays at what it has without a word.
    if mode != "wal" {
        return Err(Failed::Refused(unusable(path, "cannot have a write-ahead log", "use a local disk")));
    }
    // What was answered is on the disk: nothing less than FULL says so.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "fullfsync", "ON")?;
    connection.pragma_update(None, "checkpoint_fullfsync", "ON")?;
    connection.pragma_update(None, "secure_delete", "ON")?;
    // Pages: 16 MiB, so that a checkpoint comes after some hundred commits.
    connection.pragma_update(None, "wal_autocheckpoint", 4_000)?;
    connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
    schema::migrate(&mut connection, path)?;
    Ok(connection)
}

fn prepare(connection: &mut Connection) -> rusqlite::Result<()> {
    wait(connection)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "foreign_keys", "ON")?;
    // What a file says must not run functions or change tables behind our back.
    connection.pragma_update(None, "trusted_schema", "OFF")?;
    // No body in a temporary file.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -16 * 1024)
}

/// Waits for other processes, a millisecond at a time. SQLite's own handler waits for up to 100 ms, in which
/// another process commits again and again.
fn wait(connection: &mut Connection) -> rusqlite::Result<()> {
    let wait: fn(i32) -> bool = |times| {
        thread::sleep(Duration::from_millis(1));
        times < BUSY
    };
    connection.busy_handler(Some(wait))
}

/// Does something for which nobody is waited for long, because it holds up what is to be stored.
pub(super) fn in_short<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    connection.busy_timeout(Duration::from_millis(200))?;
    let done = work(connection);
    wait(connection)?;
    done
}

/// One thread has each connection, and a path is never a URI.
fn flags(mode: OpenFlags) -> OpenFlags {
    mode | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

fn check_version(number: i32, name: &str) -> Result<(), StoreError> {
    if number >= OLDEST {
        return Ok(());
    }
    let message = format!(
        "SQLite {name} can damage an inbox (sqlite.org/wal.html#walresetbug): link 3.51.3 or later, or enable the \
         feature `bundled`"
    );
    Err(StoreError::new(Unusable, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_of_sqlite_with_the_wal_reset_bug_is_rejected() {
        assert!(check_version(3_051_003, "3.51.3").is_ok());
        let error = check_version(3_051_002, "3.51.2").unwrap_err();
        assert_eq!(error.kind(), Unusable);
        assert_eq!(
            error.to_string(),
            "SQLite 3.51.2 can damage an inbox (sqlite.org/wal.html#walresetbug): link 3.51.3 or later, or enable the \
             feature `bundled`"
        );
    }
}
