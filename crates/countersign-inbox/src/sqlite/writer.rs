//! The thread that writes: whatever waits is one transaction, and one `fsync`.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::Arc,
    thread,
};

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use super::{
    failures::{is_of_the_file, stopped, unavailable},
    place::{Identity, beside, unusable},
};
use crate::error::StoreError;

/// How many calls may wait.
const ROOM: usize = 1_024;

/// How many calls are one transaction.
const GROUP: usize = 256;

/// The answer of a call: SQLite's errors are apart, because they end more than the call.
pub(super) type Outcome<T> = rusqlite::Result<Result<T, StoreError>>;

/// A call.
pub(super) enum Command {
    /// One that runs in a transaction.
    Job(Box<dyn Job>),
    /// One that cannot.
    Alone(Box<dyn FnOnce(&mut Connection) + Send>),
}

/// A call that runs in a transaction with others.
pub(super) trait Job: Send {
    fn run(&mut self, transaction: &Connection) -> rusqlite::Result<()>;
    /// Answers. If nobody hears it and it has to be undone, returns the call that does.
    fn answer(self: Box<Self>, failed: Option<&Arc<rusqlite::Error>>) -> Option<Box<dyn Job>>;
}

/// A [`Job`] from a function.
pub(super) struct Call<T, F> {
    work: Option<F>,
    result: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
    undo: fn(T) -> Option<Box<dyn Job>>,
}

impl<T: Send + 'static, F: FnOnce(&Connection) -> Outcome<T> + Send + 'static> Call<T, F> {
    /// Makes a job, and where its answer comes. `undo` is called with an answer that nobody hears.
    pub(super) fn boxed(
        work: F,
        undo: fn(T) -> Option<Box<dyn Job>>,
    ) -> (Box<dyn Job>, oneshot::Receiver<Result<T, StoreError>>) {
        let (reply, answer) = oneshot::channel();
        (Box::new(Self { work: Some(work), result: None, reply, undo }), answer)
    }
}

impl<T: Send, F: FnOnce(&Connection) -> Outcome<T> + Send> Job for Call<T, F> {
    fn run(&mut self, transaction: &Connection) -> rusqlite::Result<()> {
        if let Some(work) = self.work.take() {
            self.result = Some(work(transaction)?);
        }
        Ok(())
    }

    fn answer(self: Box<Self>, failed: Option<&Arc<rusqlite::Error>>) -> Option<Box<dyn Job>> {
        let result = match failed {
            Some(error) => Err(unavailable(error)),
            None => self.result.unwrap_or_else(|| Err(stopped())),
        };
        match self.reply.send(result) {
            Err(Ok(unheard)) => (self.undo)(unheard),
            _ => None,
        }
    }
}

/// Starts the thread. It ends when all senders are dropped and everything sent is done.
pub(super) fn start(connection: Connection, path: PathBuf) -> Result<mpsc::Sender<Command>, StoreError> {
    let failed = |error| unusable(&path, "cannot be served", "allow the service more threads").with_source(error);
    let log = beside(&path, "-wal");
    let lost = |error| unusable(&path, "was removed while it was opened", "open it again").with_source(error);
    let files = [Identity::of(&path).map_err(lost)?, Identity::of(&log).map_err(lost)?];
    let (sender, commands) = mpsc::channel(ROOM);
    let writer = Writer { connection, paths: [path.clone(), log], files };
    thread::Builder::new().name("countersign-inbox".into()).spawn(|| writer.run(commands)).map_err(failed)?;
    Ok(sender)
}

struct Writer {
    connection: Connection,
    /// The file, and its log.
    paths: [PathBuf; 2],
    files: [Identity; 2],
}

impl Writer {
    fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        while let Some(first) = commands.blocking_recv() {
            let (mut group, mut next) = (Vec::new(), Some(first));
            let alone = loop {
                match next {
                    Some(Command::Job(job)) => group.push(job),
                    // After those that came before it.
                    Some(Command::Alone(work)) => break Some(work),
                    None => break None,
                }
                next = if group.len() < GROUP { commands.try_recv().ok() } else { None };
            };
            while !group.is_empty() {
                group = self.group(group);
            }
            if let Some(work) = alone {
                self.guarded(|writer| work(&mut writer.connection));
            }
        }
    }

    /// Runs jobs, and answers after the commit. Returns those that undo what nobody heard of.
    fn group(&mut self, mut group: Vec<Box<dyn Job>>) -> Vec<Box<dyn Job>> {
        let mut failures = Vec::new();
        let committed = self.guarded(|writer| writer.transaction(&mut group, &mut failures)).unwrap_or_else(|| {
            Err(rusqlite::Error::InvalidQuery) // a panic, which is a bug of ours
        });
        let all = committed.err().map(Arc::new);
        failures.resize(group.len(), None);
        group.into_iter().zip(failures).filter_map(|(job, one)| job.answer(all.as_ref().or(one.as_ref()))).collect()
    }

    fn transaction(
        &mut self,
        group: &mut [Box<dyn Job>],
        failures: &mut Vec<Option<Arc<rusqlite::Error>>>,
    ) -> rusqlite::Result<()> {
        // What is written to a file that was removed is lost with the process.
        for (path, file) in self.paths.iter().zip(self.files) {
            if Identity::of(path).ok() != Some(file) {
                return Err(rusqlite::Error::InvalidPath(path.clone()));
            }
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for job in group {
            transaction.prepare_cached("SAVEPOINT job")?.execute([])?;
            let failed = job.run(&transaction).err();
            if let Some(error) = failed {
                if is_of_the_file(&error) {
                    return Err(error);
                }
                transaction.prepare_cached("ROLLBACK TO job")?.execute([])?;
                failures.push(Some(Arc::new(error)));
            } else {
                failures.push(None);
            }
            transaction.prepare_cached("RELEASE job")?.execute([])?;
        }
        transaction.commit()
    }

    /// Survives a panic: the thread is the only one that can write.
    fn guarded<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let done = catch_unwind(AssertUnwindSafe(|| work(self))).ok();
        if !self.connection.is_autocommit() {
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        done
    }
}
