//! The tasks that store: whatever waits is one transaction, and one flush of the server's log.

use std::sync::Arc;

use tokio::sync::{Mutex, mpsc, oneshot};

use super::{
    failures::Failure,
    insert::{self, Outcome, Outcomes},
    known,
    server::Server,
    transaction::{Kind, in_transaction},
};
use crate::{
    error::{StoreError, StoreErrorKind::Unavailable},
    sql::bounds::bytes,
    store::{Incoming, Stored},
};

/// How many calls may wait.
const ROOM: usize = 1_024;

/// How many calls are one transaction.
const GROUP: usize = 256;

/// After how many bytes of bodies a transaction takes no more.
const BYTES: i64 = 8 * 1024 * 1024;

/// How many transactions there are at the same time: while one is flushed, the next one is gathered.
const TASKS: usize = 2;

/// How often a delivery is tried whose row comes and goes.
const TRIES: u32 = 5;

/// A call.
pub(super) struct Call {
    delivery: Incoming,
    reply: oneshot::Sender<Result<Stored, StoreError>>,
    tries: u32,
}

impl Call {
    /// Makes a call, and where its answer comes.
    pub(super) fn new(delivery: Incoming) -> (Self, oneshot::Receiver<Result<Stored, StoreError>>) {
        let (reply, answer) = oneshot::channel();
        (Self { delivery, reply, tries: 0 }, answer)
    }
}

type Calls = Arc<Mutex<mpsc::Receiver<Call>>>;

/// Starts the tasks. They end when the sender is dropped and everything sent is done.
pub(super) fn start(server: &Arc<Server>) -> mpsc::Sender<Call> {
    let (sender, calls) = mpsc::channel(ROOM);
    let calls = Arc::new(Mutex::new(calls));
    for _ in 0..TASKS {
        tokio::spawn(run(Arc::clone(server), Arc::clone(&calls)));
    }
    sender
}

async fn run(server: Arc<Server>, calls: Calls) {
    let mut again = Vec::new();
    while let Some(mut group) = gather(&calls, std::mem::take(&mut again)).await {
        // Whoever does not wait any more has said that it was not stored.
        group.retain(|call| !call.reply.is_closed());
        if server.totals.begin() {
            let server = Arc::clone(&server);
            tokio::spawn(async move { server.count().await.map_err(|_| ()) });
        }
        again = write(&server, group).await;
    }
}

/// Whatever waits. `None` if nothing comes any more.
async fn gather(calls: &Mutex<mpsc::Receiver<Call>>, mut group: Vec<Call>) -> Option<Vec<Call>> {
    let mut calls = if group.is_empty() {
        let mut calls = calls.lock().await;
        group.push(calls.recv().await?);
        calls
    } else {
        // The other task may have it until something comes: these do not wait for that.
        let Ok(calls) = calls.try_lock() else { return Some(group) };
        calls
    };
    let size = |call: &Call| bytes(call.delivery.sealed.columns());
    let mut all: i64 = group.iter().map(size).fold(0, i64::saturating_add);
    while group.len() < GROUP && all < BYTES {
        let Ok(call) = calls.try_recv() else { break };
        all = all.saturating_add(size(&call));
        group.push(call);
    }
    Some(group)
}

/// Stores deliveries, and answers. Returns the calls that are to be made again.
async fn write(server: &Arc<Server>, group: Vec<Call>) -> Vec<Call> {
    if group.is_empty() {
        return group;
    }
    match insert(server, &group).await {
        Ok(outcomes) => answer(server, group, outcomes),
        // One of them is to blame: the others are stored without it.
        Err(failure) if failure.is_of_the_row() && group.len() > 1 => {
            let (mut again, mut group) = (Vec::new(), group.into_iter());
            while let Some(call) = group.next() {
                if call.reply.is_closed() {
                    continue;
                }
                match insert(server, std::slice::from_ref(&call)).await {
                    Ok(outcomes) => again.extend(answer(server, vec![call], outcomes)),
                    Err(failure) if failure.is_of_the_row() => drop(failed(vec![call], &failure)),
                    // The server is gone: none of them has time to find that out by itself.
                    Err(failure) => drop(failed(std::iter::once(call).chain(group.by_ref()).collect(), &failure)),
                }
            }
            again
        }
        Err(failure) => failed(group, &failure),
    }
}

async fn insert(server: &Server, group: &[Call]) -> Result<Outcomes, Failure> {
    let deliveries: Vec<&Incoming> = group.iter().map(|call| &call.delivery).collect();
    in_transaction!(server, Kind::Short, |tx| insert::insert(&tx, server, &deliveries))
}

fn failed(group: Vec<Call>, failure: &Failure) -> Vec<Call> {
    for call in group {
        let _ = call.reply.send(Err(failure.into()));
    }
    Vec::new()
}

fn answer(server: &Arc<Server>, group: Vec<Call>, outcomes: Outcomes) -> Vec<Call> {
    let (mut again, mut is_new) = (Vec::new(), false);
    for (mut call, outcome) in group.into_iter().zip(outcomes.each) {
        let answer = match outcome {
            Outcome::Stored(stored) => {
                if stored == Stored::New && call.delivery.unreadable.is_none() {
                    is_new = true;
                    server.totals.stored(bytes(call.delivery.sealed.columns()));
                }
                Ok(stored)
            }
            Outcome::Full(full) => Err(full),
            Outcome::Again if call.tries < TRIES => {
                call.tries = call.tries.saturating_add(1);
                again.push(call);
                continue;
            }
            Outcome::Again => {
                Err(StoreError::new(Unavailable, "the inbox's rows come and go: find out what removes them"))
            }
        };
        let _ = call.reply.send(answer);
    }
    if is_new {
        server.stored.notify_one();
    }
    for row in outcomes.uncounted {
        let server = Arc::clone(server);
        tokio::spawn(async move {
            let counted = in_transaction!(&server, Kind::Short, |tx| known::count(&tx, row));
            counted.map_err(|_| ())
        });
    }
    again
}
