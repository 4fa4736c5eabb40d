//! Any sequence of calls, against the model.

use super::{Settings, SqliteStore};
use crate::sql::model;

/// A file in memory, if there is such a folder: what is tried here is not how durable it is.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

#[test]
fn any_sequence_of_calls_does_what_the_model_does() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    model::check(1_024, |ops| {
        runtime.block_on(async {
            let folder = folder();
            let store = SqliteStore::open(folder.path().join("inbox.db"), Settings::default()).unwrap();
            model::run(&store, ops).await;
        });
    });
}
