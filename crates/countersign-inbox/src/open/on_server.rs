//! An inbox on a server, whose key is demanded.

use countersign_core::{Secret, seal::SealKeys};

use super::unusable;
use crate::{
    error::StoreError,
    inbox::Inbox,
    postgres::{PostgresStore, Settings},
};

const KEY: &str = "COUNTERSIGN_INBOX_KEY";

pub(super) async fn open(url: &str) -> Result<Inbox, StoreError> {
    // Before anything is created: without a key, there is no inbox.
    let keys = keys()?;
    Ok(Inbox::on_store(connect(url).await?, keys))
}

pub(super) async fn connect(url: &str) -> Result<PostgresStore, StoreError> {
    PostgresStore::connect(url, Settings::default()).await
}

fn keys() -> Result<SealKeys, StoreError> {
    let missing = |error| {
        unusable(format!(
            "an inbox on a server needs a key that its machines share: set {KEY}, for example to the output of `openssl \
             rand -hex 32`"
        ))
        .with_source(error)
    };
    let key = Secret::from_env(KEY).map_err(missing)?;
    SealKeys::new(key).map_err(|error| unusable(format!("{KEY} cannot be used: {error}")))
}
