//! The store, beyond the contract: files, faults, processes.

mod bounds;
mod erasure;
mod faults;
mod files;
mod keys;
mod kills;
mod model;
mod plans;
mod raced;
mod rows;

use std::path::{Path, PathBuf};

use bytes::Bytes;
use countersign_core::{dedupe::LeaseToken, seal::SealedColumns};
use rusqlite::Connection;
use tempfile::TempDir;

use super::{Settings, SqliteStore};
use crate::{
    contract,
    error::{StoreError, StoreErrorKind},
    store::{ClaimRequest, Incoming, Intake, Stored},
};

/// When the tests begin.
const NOW: i64 = 1_800_000_000_000;
const PROVIDER: &str = "stripe";

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

fn columns(number: u64) -> SealedColumns {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&number.to_be_bytes());
    SealedColumns {
        key: key.into(),
        provider: PROVIDER.into(),
        tenant: None,
        event: "charge.succeeded".into(),
        resource: None,
        received_at: NOW,
        body: Some(Bytes::from(format!("{{\"number\":{number}}}"))),
        confirmed: None,
        meta: Bytes::from_static(b"{}"),
        seal: Bytes::from_static(b"seal"),
    }
}

fn incoming(number: u64) -> Incoming {
    Incoming::new(columns(number).into(), NOW + 1_000)
}

fn request(at_most: usize) -> ClaimRequest {
    let mut request = ClaimRequest::new(token(1), NOW, std::time::Duration::from_secs(60), at_most);
    request.providers = vec![(PROVIDER.into(), usize::MAX)];
    request
}

fn token(number: u8) -> LeaseToken {
    [number; 16].into()
}

async fn store(store: &SqliteStore, number: u64) -> Stored {
    store.store(incoming(number)).await.unwrap()
}

/// Checks an error, word for word. `{}` stands for a path.
#[track_caller]
fn is<T>(found: Result<T, StoreError>, kind: StoreErrorKind, text: &str, path: &Path) {
    let Err(error) = found else { panic!("expected an error: {text}") };
    assert_eq!((error.to_string(), error.kind()), (text.replace("{}", &path.display().to_string()), kind));
}
