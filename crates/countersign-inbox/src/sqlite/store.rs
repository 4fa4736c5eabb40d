//! The store: two threads, and what is asked of them.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use countersign_core::{
    Secret,
    dedupe::{LeaseState, LeaseToken},
};
use rusqlite::Connection;
use tokio::sync::mpsc::{self, error::TrySendError};

use super::{
    claim, connection,
    failures::{busy, stopped, unavailable},
    filter, insert, key, lock,
    place::unusable,
    purge::{self, Part},
    reader::Reader,
    recover,
    settings::Settings,
    settle, sweep,
    writer::{self, Call, Command, Job, Outcome},
};
use crate::{
    error::{StoreError, StoreErrorKind::Unavailable},
    store::{
        Answer, ClaimId, ClaimRequest, Claimed, Counts, Filter, Incoming, Intake, Lead, Ledger, Purge, Queue,
        Recovered, Recovery, Retention, Row, RowId, Settled, Stored, Swept, Waiting,
    },
};

/// An inbox in a file: SQLite.
///
/// What waits to be written is written together, with one `fsync`: an answer means that it is on the
/// disk. Any process may store; one worker at a time works, which the operating system sees to.
///
/// A clone is the same store. Beside the file there are others: `-wal` and `-shm` of SQLite, `.lock`,
/// and `.key`. Do not remove them while a process has the inbox open.
///
/// Up to 1,024 deliveries wait in memory while the disk is slow.
#[derive(Clone)]
pub struct SqliteStore(Arc<Inner>);

struct Inner {
    path: PathBuf,
    settings: Settings,
    writer: mpsc::Sender<Command>,
    reader: Reader,
}

impl SqliteStore {
    /// Opens the inbox at `path`, and creates it unless it is there. It reads and writes files: in an
    /// asynchronous function, call it within `spawn_blocking` if others wait.
    ///
    /// ```no_run
    /// use countersign_inbox::sqlite::{Settings, SqliteStore};
    ///
    /// let store = SqliteStore::open("inbox.db", Settings::default())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the folder is missing or on a network file system, if the file is not an
    /// inbox, is damaged, or is of a newer version, or if SQLite is older than 3.51.3.
    pub fn open(path: impl AsRef<Path>, settings: Settings) -> Result<Self, StoreError> {
        let path = path.as_ref();
        // Later on, the process may be in another folder.
        let path = std::path::absolute(path)
            .map_err(|error| unusable(path, "is not a path", "choose another one").with_source(error))?;
        let writing = connection::writing(&path)?;
        let reader = Reader::start(connection::reading(&path)?, &path)?;
        let writer = writer::start(writing, path.clone())?;
        Ok(Self(Arc::new(Inner { path, settings, writer, reader })))
    }

    /// The error of a key that is another one.
    pub(crate) fn other_key(&self) -> StoreError {
        key::other(&self.0.path)
    }

    /// Returns the key of the inbox, from the file beside it, like [`key`](Self::key); `None` if there is no
    /// such file, which is not created.
    ///
    /// # Errors
    ///
    /// Returns an error if it is not a key, or if other users can read it.
    pub fn existing_key(&self) -> Result<Option<Secret>, StoreError> {
        key::read(&self.0.path)
    }

    /// Returns the key of the inbox, from the file beside it. It is created with the first one who asks.
    ///
    /// # Errors
    ///
    /// Returns an error if the file is missing although the inbox has deliveries, if it is not a key, or
    /// if other users can read it.
    pub async fn key(&self) -> Result<Secret, StoreError> {
        let path = &self.0.path;
        if let Some(key) = self.existing_key()? {
            return Ok(key);
        }
        let is_empty = self.0.reader.ask(filter::is_empty).await?;
        if !is_empty {
            return Err(key::missing(path));
        }
        key::make(path)?;
        key::read(path)?.ok_or_else(|| key::missing(path))
    }

    /// Writes something, after those who came before.
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
        undo: fn(T) -> Option<Box<dyn Job>>,
    ) -> Result<T, StoreError> {
        let (job, answer) =
            Call::boxed(move |transaction: &Connection| -> Outcome<T> { work(transaction).map(Ok) }, undo);
        // A worker and its clones wait for room: what they have to say is little, and must be heard.
        self.0.writer.send(Command::Job(job)).await.map_err(|_| stopped())?;
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Changes rows part by part, so that those who store come in between.
    async fn in_parts(
        &self,
        change: impl Fn(&Connection, i64) -> rusqlite::Result<Part> + Clone + Send + 'static,
    ) -> Result<usize, StoreError> {
        let (mut changed, mut after) = (0_usize, Some(i64::MIN));
        while let Some(from) = after {
            let change = change.clone();
            let part = self.write(move |transaction| change(transaction, from), |_| None).await?;
            changed = changed.saturating_add(part.changed);
            after = part.last;
        }
        Ok(changed)
    }

    /// Empties the log, after those who came before.
    async fn empty_log(&self) -> Result<(), StoreError> {
        let (reply, answer) = tokio::sync::oneshot::channel();
        let work = move |connection: &mut Connection| {
            let _ = reply.send(purge::empty_log(connection));
        };
        self.0.writer.send(Command::Alone(Box::new(work))).await.map_err(|_| stopped())?;
        match answer.await.map_err(|_| stopped())? {
            Ok(true) => Ok(()),
            Ok(false) => Err(StoreError::new(
                Unavailable,
                "what was purged is still in the inbox's log, because another process reads the inbox: purge again",
            )),
            Err(error) => Err(unavailable(&Arc::new(error))),
        }
    }
}

impl Intake for SqliteStore {
    fn store(&self, delivery: Incoming) -> Answer<'_, Stored> {
        let settings = self.0.settings;
        Box::pin(async move {
            let work = move |transaction: &Connection| insert::insert(transaction, delivery, settings);
            let (job, answer) = Call::boxed(work, |_| None);
            self.0.writer.try_send(Command::Job(job)).map_err(|error| match error {
                TrySendError::Full(_) => busy(),
                TrySendError::Closed(_) => stopped(),
            })?;
            answer.await.unwrap_or_else(|_| Err(stopped()))
        })
    }
}

impl Queue for SqliteStore {
    /// The worker is whoever has the lock of the file `.lock`. The operating system takes it from a process
    /// that ends, however it does: nothing has to expire first.
    fn lead(&self) -> Answer<'_, Option<Lead>> {
        Box::pin(async move { Ok(lock::try_take(&self.0.path)?.map(|lock| Lead::new(true, lock))) })
    }

    fn claim(&self, request: ClaimRequest) -> Answer<'_, Vec<Claimed>> {
        Box::pin(self.write(move |transaction| claim::claim(transaction, &request), unclaim))
    }

    fn renew(&self, token: LeaseToken, until: i64) -> Answer<'_, usize> {
        Box::pin(self.write(move |transaction| settle::renew(transaction, token, until), |_| None))
    }

    fn settle(&self, claim: ClaimId, settled: Settled) -> Answer<'_, LeaseState> {
        Box::pin(self.write(move |transaction| settle::settle(transaction, claim, &settled), |_| None))
    }

    fn recover(&self, recovery: Recovery) -> Answer<'_, Recovered> {
        Box::pin(self.write(move |transaction| recover::recover(transaction, &recovery), |_| None))
    }

    fn waiting(&self) -> Answer<'_, Vec<Waiting>> {
        Box::pin(self.0.reader.ask(claim::waiting))
    }

    fn sweep(&self, now: i64, retention: Retention) -> Answer<'_, Swept> {
        Box::pin(async move {
            let mut all = Swept::default();
            loop {
                let (swept, is_more) =
                    self.write(move |transaction| sweep::sweep(transaction, now, retention), |_| None).await?;
                all.bodies = all.bodies.saturating_add(swept.bodies);
                all.rows = all.rows.saturating_add(swept.rows);
                if !is_more {
                    return Ok(all);
                }
            }
        })
    }
}

/// Gives back what was claimed for a caller that does not wait any more: nobody would handle it.
fn unclaim(claimed: Vec<Claimed>) -> Option<Box<dyn Job>> {
    if claimed.is_empty() {
        return None;
    }
    let work = move |transaction: &Connection| {
        for Claimed { claim, .. } in &claimed {
            settle::settle(transaction, *claim, &Settled::Returned)?;
        }
        Ok(Ok(()))
    };
    Some(Call::boxed(work, |()| None).0)
}

impl Ledger for SqliteStore {
    fn list(&self, filter: Filter, limit: usize) -> Answer<'_, Vec<Row>> {
        Box::pin(self.0.reader.ask(move |connection| filter::list(connection, &filter, limit)))
    }

    fn show(&self, id: RowId) -> Answer<'_, Option<Row>> {
        Box::pin(self.0.reader.ask(move |connection| filter::show(connection, id)))
    }

    fn counts(&self, filter: Filter) -> Answer<'_, Counts> {
        Box::pin(self.0.reader.ask(move |connection| filter::counts(connection, &filter)))
    }

    fn redrive(&self, filter: Filter, now: i64) -> Answer<'_, usize> {
        Box::pin(self.in_parts(move |transaction, after| purge::redrive(transaction, &filter, now, after)))
    }

    fn purge(&self, filter: Filter, purge: Purge) -> Answer<'_, usize> {
        Box::pin(async move {
            let purged =
                self.in_parts(move |transaction, after| purge::purge(transaction, &filter, purge, after)).await?;
            while self.write(purge::give_back, |_| None).await? {}
            self.empty_log().await?;
            Ok(purged)
        })
    }
}

/// `Debug` shows where it is.
impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore")
            .field("path", &self.0.path)
            .field("settings", &self.0.settings)
            .finish_non_exhaustive()
    }
}
