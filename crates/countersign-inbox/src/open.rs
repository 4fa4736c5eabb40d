//! Opens an inbox by its path or URL.

use std::path::{Path, PathBuf};

use countersign_core::seal::{SealErrorKind, SealKeys};

use crate::{
    error::{StoreError, StoreErrorKind},
    inbox::Inbox,
    sqlite::{Settings, SqliteStore},
    store::{Filter, Ledger, Row},
};

impl Inbox {
    /// Opens the inbox in a file, which is created unless it is there. `path` may have `sqlite:` before
    /// it.
    ///
    /// Its key is in a file beside it: `inbox.db.key` for `inbox.db`. It is created with the first one who
    /// asks, and only its owner can read it.
    ///
    /// # Errors
    ///
    /// Returns an error if the folder is missing or on a network file system, if the file is not an inbox,
    /// is damaged, or is of a newer version, if its key is missing, is another one or can be read by others, or
    /// if SQLite is older than 3.51.3.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_with(path, Settings::default()).await
    }

    /// Opens the inbox in a file like [`open`](Self::open), with other limits.
    ///
    /// # Errors
    ///
    /// Returns an error like [`open`](Self::open).
    pub async fn open_with(path: impl AsRef<Path>, settings: Settings) -> Result<Self, StoreError> {
        let path = path_of(path.as_ref())?;
        let opened = tokio::task::spawn_blocking(move || SqliteStore::open(path, settings)).await;
        let store = opened.map_err(|error| {
            StoreError::new(StoreErrorKind::Unavailable, "the inbox could not be opened").with_source(error)
        })??;
        let keys = SealKeys::new(store.key().await?).map_err(|error| {
            StoreError::new(StoreErrorKind::Unusable, "the key of the inbox cannot be used").with_source(error)
        })?;
        // A key that was replaced would make dead letters of all that waits. A row that somebody edited must
        // not keep the service from starting.
        let newest = store.list(Filter::default(), 20).await?;
        let is_of_another =
            |row: &Row| row.sealed.contents(&keys).is_err_and(|error| error.kind() == SealErrorKind::UnknownKey);
        if !newest.is_empty() && newest.iter().all(is_of_another) {
            return Err(store.other_key());
        }
        Ok(Self::on_store(store, keys))
    }
}

/// Opens the store at a URL that exists, without its key: to list, redrive and purge its deliveries.
///
/// # Errors
///
/// Returns an error if there is no inbox at `url`, or if it cannot be opened.
pub fn open_store(url: &str) -> Result<SqliteStore, StoreError> {
    let path = path_of(Path::new(url))?;
    if !path.is_file() {
        let message = format!("there is no inbox at {}", path.display());
        return Err(StoreError::new(StoreErrorKind::Unusable, message));
    }
    SqliteStore::open(path, Settings::default())
}

/// The file of a URL. Another scheme is not a file whose name has a colon.
fn path_of(path: &Path) -> Result<PathBuf, StoreError> {
    let Some(text) = path.to_str() else { return Ok(path.to_owned()) };
    match text.split_once(':') {
        Some(("sqlite", file)) => Ok(file.strip_prefix("//").unwrap_or(file).into()),
        Some((scheme, _)) if matches!(scheme, "postgres" | "postgresql" | "redis" | "nats" | "amqp" | "mysql") => {
            let message =
                format!("an inbox cannot be on {scheme}: it takes the path of a file, or `sqlite:` and a path");
            Err(StoreError::new(StoreErrorKind::Unusable, message))
        }
        _ => Ok(path.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_may_be_a_url() {
        for (given, expected) in [
            ("inbox.db", "inbox.db"),
            ("sqlite:inbox.db", "inbox.db"),
            ("sqlite:/var/lib/inbox.db", "/var/lib/inbox.db"),
            ("sqlite:///var/lib/inbox.db", "/var/lib/inbox.db"),
            ("a:b.db", "a:b.db"),
        ] {
            assert_eq!(path_of(Path::new(given)).unwrap(), Path::new(expected));
        }
        assert_eq!(
            path_of(Path::new("postgres://localhost/inbox")).unwrap_err().to_string(),
            "an inbox cannot be on postgres: it takes the path of a file, or `sqlite:` and a path"
        );
        assert_eq!(open_store("sqlite:/nowhere/a.db").unwrap_err().to_string(), "there is no inbox at /nowhere/a.db");
    }
}
