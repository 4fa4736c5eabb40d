//! The store, and what is asked of it.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use countersign_core::dedupe::{LeaseState, LeaseToken};
use deadpool_postgres::Object;
use tokio::{
    runtime::Handle,
    sync::{
        mpsc::{self, error::TrySendError},
        oneshot,
    },
    task::{AbortHandle, JoinHandle},
    time::timeout_at,
};

use super::{
    alarm::Alarms,
    claim,
    failures::{Failure, busy, stopped},
    filter,
    purge::{self, CLEAN, Part},
    recover,
    server::{Server, qualified},
    settle, sweep,
    transaction::{Kind, Tries, answered, in_transaction, within},
    writer::Call,
};
use crate::store::{
    Alarm, Answer, ClaimId, ClaimRequest, Claimed, Counts, Filter, Incoming, Intake, Lead, Ledger, Purge, Queue,
    Recovered, Recovery, Retention, Row, RowId, Settled, Stored, Swept, Waiting,
};

/// An inbox on a Postgres server, for any number of receivers and workers on any number of machines.
///
/// An answer means that it is on the server's disk, whatever `synchronous_commit` is set to for the role or the
/// database, and on the disk of the standby where `synchronous_standby_names` has one. What waits to be written is
/// written together. Times in the tables are those of the server's clock, so that the machines' own may differ.
///
/// A clone is the same store. It has up to [`connections`](super::Settings::connections) connections, and one that
/// listens. After the server was away, they come back by themselves. Open it in the runtime that lives longest.
///
/// Up to 1,024 deliveries wait in memory while the server is slow.
///
/// # What is removed
///
/// A purge removes rows and bodies, and then runs `VACUUM` on the tables if the role owns them: otherwise,
/// autovacuum does later. No query shows them any more. Their bytes may stay in pages of the tables until those are
/// used again, or until `VACUUM FULL` writes the tables anew; in the write-ahead log until it is recycled, and in its
/// archive; and on standbys that lag, and in backups. To end that is for whoever runs the server.
/// [`SealKeys::encrypting`] makes all of these unreadable, and an old key that is removed removes all it encrypted.
///
/// [`SealKeys::encrypting`]: countersign_core::seal::SealKeys
#[derive(Clone)]
pub struct PostgresStore(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) server: Arc<Server>,
    pub(super) alarms: Alarms,
    calls: mpsc::Sender<Call>,
    /// What ends with the store.
    tasks: Mutex<Vec<AbortHandle>>,
}

impl Inner {
    pub(super) fn new(server: Arc<Server>, calls: mpsc::Sender<Call>) -> Self {
        Self { server, alarms: Alarms::default(), calls, tasks: Mutex::default() }
    }

    /// Ends a task when the store is dropped.
    pub(super) fn keep<T>(&self, task: JoinHandle<T>) {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).push(task.abort_handle());
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.tasks.get_mut().unwrap_or_else(PoisonError::into_inner).iter().for_each(AbortHandle::abort);
    }
}

impl PostgresStore {
    fn server(&self) -> &Server {
        &self.0.server
    }
}

impl Intake for PostgresStore {
    fn store(&self, delivery: Incoming) -> Answer<'_, Stored> {
        Box::pin(async move {
            let (call, answer) = Call::new(delivery);
            self.0.calls.try_send(call).map_err(|error| match error {
                TrySendError::Full(_) => busy(),
                TrySendError::Closed(_) => stopped(),
            })?;
            answer.await.unwrap_or_else(|_| Err(stopped()))
        })
    }
}

impl Queue for PostgresStore {
    /// Any number of workers may work: their leases keep them apart.
    fn lead(&self) -> Answer<'_, Option<Lead>> {
        Box::pin(async { Ok(Some(Lead::new(false, ()))) })
    }

    /// It is made in a task, so that it ends in one way or the other.
    fn claim(&self, request: ClaimRequest) -> Answer<'_, Vec<Claimed>> {
        let (reply, answer) = oneshot::channel();
        let server = Arc::clone(&self.0.server);
        Box::pin(async move {
            tokio::spawn(async move {
                let claimed = in_transaction!(&server, Kind::Short, |tx| claim::claim(&tx, &server.clock, &request));
                let _ = reply.send(claimed.map(|claimed| Unheard { claimed, server }));
            });
            answered(answer.await.map_err(|_| stopped())?).map(Unheard::heard)
        })
    }

    fn renew(&self, token: LeaseToken, until: i64) -> Answer<'_, usize> {
        Box::pin(async move {
            let server = self.server();
            answered(in_transaction!(server, Kind::Short, |tx| {
                settle::renew(&tx, token, server.clock.to_server(until))
            }))
        })
    }

    fn settle(&self, claim: ClaimId, settled: Settled) -> Answer<'_, LeaseState> {
        Box::pin(async move {
            let server = self.server();
            answered(in_transaction!(server, Kind::Short, |tx| settle::settle(&tx, &server.clock, claim, &settled)))
        })
    }

    fn recover(&self, recovery: Recovery) -> Answer<'_, Recovered> {
        Box::pin(async move {
            let server = self.server();
            let mut all = Recovered::default();
            loop {
                let part = in_transaction!(server, Kind::Short, |tx| recover::recover(&tx, &server.clock, &recovery));
                let (recovered, is_more) = part?;
                all.suspects = all.suspects.saturating_add(recovered.suspects);
                all.charged = all.charged.saturating_add(recovered.charged);
                all.dead.extend(recovered.dead);
                if !is_more {
                    return Ok(all);
                }
            }
        })
    }

    fn waiting(&self) -> Answer<'_, Vec<Waiting>> {
        Box::pin(async move {
            let server = self.server();
            answered(in_transaction!(server, Kind::Short, |tx| claim::waiting(&tx, &server.clock)))
        })
    }

    fn watch(&self, arrived: Alarm) {
        self.alarms().add(arrived);
    }

    fn sweep(&self, now: i64, retention: Retention) -> Answer<'_, Swept> {
        Box::pin(async move {
            let server = self.server();
            let mut all = Swept::default();
            loop {
                let part =
                    in_transaction!(server, Kind::Short, |tx| { sweep::sweep(&tx, &server.clock, now, retention) });
                let (swept, is_more) = part?;
                all.bodies = all.bodies.saturating_add(swept.bodies);
                all.rows = all.rows.saturating_add(swept.rows);
                if !is_more {
                    return Ok(all);
                }
            }
        })
    }
}

/// What was claimed. If the caller does not wait for it any more, it is given back: nobody would handle it.
struct Unheard {
    claimed: Vec<Claimed>,
    server: Arc<Server>,
}

impl Unheard {
    fn heard(mut self) -> Vec<Claimed> {
        std::mem::take(&mut self.claimed)
    }
}

impl Drop for Unheard {
    fn drop(&mut self) {
        let (claimed, server) = (std::mem::take(&mut self.claimed), Arc::clone(&self.server));
        // Without a runtime, their leases expire.
        if !claimed.is_empty()
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(async move {
                for Claimed { claim, .. } in claimed {
                    let returned = in_transaction!(&server, Kind::Short, |tx| {
                        settle::settle(&tx, &server.clock, claim, &Settled::Returned)
                    });
                    drop(returned);
                }
            });
        }
    }
}

impl Ledger for PostgresStore {
    fn list(&self, filter: Filter, limit: usize) -> Answer<'_, Vec<Row>> {
        Box::pin(async move {
            let server = self.server();
            answered(in_transaction!(server, Kind::Long, |tx| filter::list(&tx, &server.clock, &filter, limit)))
        })
    }

    fn show(&self, id: RowId) -> Answer<'_, Option<Row>> {
        Box::pin(async move {
            let server = self.server();
            answered(in_transaction!(server, Kind::Long, |tx| filter::show(&tx, &server.clock, id)))
        })
    }

    fn counts(&self, filter: Filter) -> Answer<'_, Counts> {
        Box::pin(async move {
            let server = self.server();
            answered(in_transaction!(server, Kind::Long, |tx| filter::counts(&tx, &filter)))
        })
    }

    fn redrive(&self, filter: Filter, now: i64) -> Answer<'_, usize> {
        Box::pin(async move {
            let server = self.server();
            let (mut changed, mut after) = (0_usize, Some(i64::MIN));
            while let Some(from) = after {
                let part = in_transaction!(server, Kind::Long, |tx| {
                    purge::redrive(&tx, &server.clock, &filter, now, from)
                });
                let Part { changed: some, last } = part?;
                changed = changed.saturating_add(some);
                after = last;
            }
            server.stored.notify_one();
            Ok(changed)
        })
    }

    fn purge(&self, filter: Filter, purge: Purge) -> Answer<'_, usize> {
        Box::pin(async move {
            let server = self.server();
            let (mut changed, mut after) = (0_usize, Some(i64::MIN));
            while let Some(from) = after {
                let part = in_transaction!(server, Kind::Long, |tx| {
                    purge::purge(&tx, &server.clock, &filter, purge, from)
                });
                let Part { changed: some, last } = part?;
                changed = changed.saturating_add(some);
                after = last;
            }
            // In a task: whoever gives up does not leave a connection on which it still runs.
            let server = Arc::clone(&self.0.server);
            if changed > 0 && !tokio::spawn(clean(server)).await.is_ok_and(|cleaned| cleaned.is_ok()) {
                tracing::warn!(
                    target: "countersign",
                    "what was purged is still in the files of the inbox's tables: autovacuum removes it, or run `VACUUM`"
                );
            }
            Ok(changed)
        })
    }
}

/// Has the server overwrite what was removed.
async fn clean(server: Arc<Server>) -> Result<(), Failure> {
    let deadline = Tries::new(server.deadline(Kind::Long)).deadline;
    // One at a time: others hold their table for each other, and for long where somebody else holds it.
    let turn = timeout_at(deadline.into(), server.cleaning.lock()).await.map_err(|_| Failure::late())?;
    let client = server.connection(deadline).await?;
    let cleaned = within(deadline, client.batch_execute(&qualified(CLEAN, &server.schema))).await;
    if cleaned.is_err() {
        drop(Object::take(client));
    }
    drop(turn);
    cleaned
}

/// `Debug` shows where the tables are, and nothing of the server.
impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore")
            .field("schema", &self.0.server.schema)
            .field("settings", &self.0.server.settings)
            .finish_non_exhaustive()
    }
}
