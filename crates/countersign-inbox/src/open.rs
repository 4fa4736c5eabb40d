//! Opens an inbox by its path or URL.

#[cfg(feature = "postgres")]
mod on_server;

use std::path::{Path, PathBuf};

use countersign_core::Secret;
#[cfg(feature = "sqlite")]
use countersign_core::seal::{SealErrorKind, SealKeys};

use crate::{
    error::{StoreError, StoreErrorKind},
    inbox::Inbox,
    store::Ledger,
};
#[cfg(feature = "sqlite")]
use crate::{
    sqlite::{Settings, SqliteStore},
    store::{Filter, Row},
};

impl Inbox {
    /// Opens an inbox.
    ///
    /// * A path, or `sqlite:` and a path: in a file, which is created unless it is there. Its key is in a file
    ///   beside it: `inbox.db.key` for `inbox.db`. It is created with the first one who asks, and only its
    ///   owner can read it.
    /// * `postgres://user:password@host/database` (feature `postgres`): on a server, whose tables are created
    ///   unless they are there. The key is in the environment variable `COUNTERSIGN_INBOX_KEY`, the same for
    ///   all machines. For TLS and settings, see `PostgresStore::connect`; with it and
    ///   [`on_store`](Self::on_store), the key may come from elsewhere.
    ///
    /// # Errors
    ///
    /// Returns an error if the folder is missing or on a network file system, if the file is not an inbox,
    /// is damaged, or is of a newer version, if the key is missing, is another one or can be read by others,
    /// or if SQLite is older than 3.51.3. On a server, if it cannot be used as an inbox.
    pub async fn open(location: impl AsRef<Path>) -> Result<Self, StoreError> {
        match Location::of(location.as_ref())? {
            #[cfg(feature = "sqlite")]
            Location::File(path) => Self::in_file(path, Settings::default()).await,
            #[cfg(feature = "postgres")]
            Location::Postgres(url) => on_server::open(&url).await,
        }
    }

    /// Opens the inbox in a file like [`open`](Self::open), with other limits.
    ///
    /// # Errors
    ///
    /// Returns an error like [`open`](Self::open), and if `path` is the URL of a server.
    #[cfg(feature = "sqlite")]
    #[cfg_attr(docsrs, doc(cfg(feature = "sqlite")))]
    pub async fn open_with(path: impl AsRef<Path>, settings: Settings) -> Result<Self, StoreError> {
        match Location::of(path.as_ref())? {
            Location::File(path) => Self::in_file(path, settings).await,
            #[cfg(feature = "postgres")]
            Location::Postgres(_) => Err(unusable("these are the settings of a file: use `PostgresStore::connect`")),
        }
    }

    #[cfg(feature = "sqlite")]
    async fn in_file(path: PathBuf, settings: Settings) -> Result<Self, StoreError> {
        let opened = tokio::task::spawn_blocking(move || SqliteStore::open(path, settings)).await;
        let store = opened.map_err(|error| {
            StoreError::new(StoreErrorKind::Unavailable, "the inbox could not be opened").with_source(error)
        })??;
        let keys = keys(store.key().await?)?;
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

/// Opens an inbox that exists, to list, redrive and purge its deliveries. Returns it, and its key if that is in
/// a file beside it.
///
/// # Errors
///
/// Returns an error if there is no inbox at `url`, or if it cannot be opened.
pub async fn open_ledger(url: &str) -> Result<(Box<dyn Ledger>, Option<Secret>), StoreError> {
    match Location::of(Path::new(url))? {
        #[cfg(feature = "sqlite")]
        Location::File(path) => {
            if !path.is_file() {
                return Err(unusable(format!("there is no inbox at {}", path.display())));
            }
            let store = SqliteStore::open(path, Settings::default())?;
            let key = store.existing_key()?;
            Ok((Box::new(store), key))
        }
        #[cfg(feature = "postgres")]
        Location::Postgres(url) => Ok((Box::new(on_server::connect(&url).await?), None)),
    }
}

#[cfg(feature = "sqlite")]
fn keys(key: Secret) -> Result<SealKeys, StoreError> {
    SealKeys::new(key).map_err(|error| unusable("the key of the inbox cannot be used").with_source(error))
}

fn unusable(message: impl Into<String>) -> StoreError {
    StoreError::new(StoreErrorKind::Unusable, message)
}

/// Where an inbox is.
#[derive(Debug, PartialEq, Eq)]
enum Location {
    #[cfg(feature = "sqlite")]
    File(PathBuf),
    #[cfg(feature = "postgres")]
    Postgres(String),
}

impl Location {
    /// Another scheme is not a file whose name has a colon.
    fn of(path: &Path) -> Result<Self, StoreError> {
        let (scheme, rest) = path.to_str().and_then(|text| text.split_once(':')).unwrap_or_default();
        let scheme = scheme.to_ascii_lowercase();
        match &*scheme {
            "sqlite" => Self::file(rest.strip_prefix("//").unwrap_or(rest).into()),
            "postgres" | "postgresql" => Self::postgres(format!("{scheme}:{rest}")),
            // It may have a password, and is not shown.
            _ if rest.starts_with("//") => Err(unusable(format!(
                "an inbox cannot be on {scheme}: it takes the path of a file, `sqlite:` and a path, or a `postgres:` URL"
            ))),
            _ => Self::file(path.to_owned()),
        }
    }

    #[cfg(feature = "sqlite")]
    #[allow(clippy::unnecessary_wraps, reason = "without the feature, it is an error")]
    fn file(path: PathBuf) -> Result<Self, StoreError> {
        Ok(Self::File(path))
    }

    #[cfg(not(feature = "sqlite"))]
    fn file(_: PathBuf) -> Result<Self, StoreError> {
        Err(unusable("an inbox in a file needs countersign's feature `inbox`"))
    }

    #[cfg(feature = "postgres")]
    #[allow(clippy::unnecessary_wraps, reason = "without the feature, it is an error")]
    fn postgres(url: String) -> Result<Self, StoreError> {
        Ok(Self::Postgres(url))
    }

    #[cfg(not(feature = "postgres"))]
    fn postgres(_: String) -> Result<Self, StoreError> {
        Err(unusable("an inbox on Postgres needs countersign's feature `inbox-postgres`"))
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_location_is_a_path_or_a_url() {
        for (given, expected) in [
            ("inbox.db", "inbox.db"),
            ("sqlite:inbox.db", "inbox.db"),
            ("sqlite:/var/lib/inbox.db", "/var/lib/inbox.db"),
            ("sqlite:///var/lib/inbox.db", "/var/lib/inbox.db"),
            ("a:b.db", "a:b.db"),
        ] {
            assert_eq!(Location::of(Path::new(given)).unwrap(), Location::File(expected.into()));
        }
        for url in ["redis://u:hunter2@h", "postgress://u:hunter2@h/db", "MySQL://u:hunter2@h/db"] {
            let scheme = url.split_once(':').unwrap().0.to_ascii_lowercase();
            assert_eq!(
                Location::of(Path::new(url)).unwrap_err().to_string(),
                format!(
                    "an inbox cannot be on {scheme}: it takes the path of a file, `sqlite:` and a path, or a `postgres:` URL"
                )
            );
        }
        #[cfg(feature = "postgres")]
        assert_eq!(
            Location::of(Path::new("Postgres://u:hunter2@h/db")).unwrap(),
            Location::Postgres("postgres://u:hunter2@h/db".to_owned())
        );
        let error = open_ledger("sqlite:/nowhere/a.db").await.err().unwrap();
        assert_eq!(error.to_string(), "there is no inbox at /nowhere/a.db");
    }
}
