//! The store, beyond the contract: files, faults, processes.

mod bounds;
mod erasure;
mod faults;
mod files;
mod keys;
mod kills;
mod modelled;
mod plans;
mod raced;
mod rows;
mod versions;

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use tempfile::TempDir;

use super::{Settings, SqliteStore};
use crate::{
    contract,
    error::{StoreError, StoreErrorKind},
    sql::given::{NOW, columns, incoming, request, says, store, token},
};

#[tokio::test(flavor = "multi_thread")]
async fn it_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let mut number = 0;
    contract::check(async || {
        number += 1;
        SqliteStore::open(folder.path().join(format!("{number}.db")), Settings::default()).unwrap()
    })
    .await;
}

/// An inbox in a folder of its own.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("inbox.db")
    }

    fn open(&self) -> SqliteStore {
        self.with(Settings::default())
    }

    fn with(&self, settings: Settings) -> SqliteStore {
        SqliteStore::open(self.path(), settings).unwrap()
    }

    /// The file, as somebody else opens it.
    fn sql(&self) -> Connection {
        sql(&self.path())
    }
}

fn sql(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection.busy_timeout(std::time::Duration::from_secs(20)).unwrap();
    connection
}

fn number<T: rusqlite::types::FromSql>(connection: &Connection, sql: &str) -> T {
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Checks an error, word for word. `{}` stands for a path.
#[track_caller]
fn is<T>(found: Result<T, StoreError>, kind: StoreErrorKind, text: &str, path: &Path) {
    says(found, kind, &text.replace("{}", &path.display().to_string()));
}
