//! The thread that only reads, so that a long list does not hold up what is stored.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::Arc,
    thread,
};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::{
    failures::{stopped, unavailable},
    place::unusable,
};
use crate::error::StoreError;

/// How many questions may wait. The next one waits for room.
const ROOM: usize = 64;

type Question = Box<dyn FnOnce(&Connection) + Send>;

/// Asks the thread.
#[derive(Clone)]
pub(super) struct Reader(mpsc::Sender<Question>);

impl Reader {
    /// Starts the thread. It ends when all readers are dropped.
    pub(super) fn start(connection: Connection, path: &Path) -> Result<Self, StoreError> {
        let failed = |error| unusable(path, "cannot be served", "allow the service more threads").with_source(error);
        let (sender, mut questions) = mpsc::channel::<Question>(ROOM);
        let run = move || {
            while let Some(question) = questions.blocking_recv() {
                // A panic is a bug of ours; the caller hears that there is no answer.
                let _ = catch_unwind(AssertUnwindSafe(|| question(&connection)));
            }
        };
        thread::Builder::new().name("countersign-inbox-reader".into()).spawn(run).map_err(failed)?;
        Ok(Self(sender))
    }

    /// Runs a query, if somebody still waits for its answer.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let question: Question = Box::new(move |connection| {
            if !reply.is_closed() {
                let _ = reply.send(query(connection).map_err(|error| unavailable(&Arc::new(error))));
            }
        });
        self.0.send(question).await.map_err(|_| stopped())?;
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }
}
