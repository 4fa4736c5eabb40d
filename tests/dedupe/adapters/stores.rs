//! A store that records its calls, and fails on demand.

use std::{
    collections::HashMap,
    future::pending,
    panic::resume_unwind,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use countersign::{
    Clock,
    dedupe::{Claim, ClaimStore, DeliveryKey, LeaseState, LeaseToken, MemoryStore, StoreResult as Answer},
};

use super::book::Book;

/// How a call fails.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    Error,
    Hang,
    Panic,
    /// It takes effect, and is not answered.
    Unanswered,
}

/// Those that have no effect.
pub(crate) const FAULTS: [Fault; 3] = [Fault::Error, Fault::Hang, Fault::Panic];

#[derive(Clone)]
pub(crate) struct Store {
    inner: MemoryStore,
    book: Arc<Book>,
    faults: Arc<Mutex<HashMap<&'static str, Fault>>>,
    /// Stands still, so that no lease expires unless a test says so.
    clock: Clock,
}

impl Store {
    pub(crate) fn new(book: &Arc<Book>) -> Self {
        let clock = Clock::manual(SystemTime::now());
        Self {
            inner: MemoryStore::new().with_clock(clock.clone()),
            book: Arc::clone(book),
            faults: Arc::default(),
            clock,
        }
    }

    /// The calls of this name fail from now on: `claim`, `renew`, `commit` or `release`.
    pub(crate) fn fail(&self, call: &'static str, fault: Fault) {
        self.faults.lock().unwrap().insert(call, fault);
    }

    pub(crate) fn heal(&self) {
        self.faults.lock().unwrap().clear();
    }

    /// Advances the clock by which leases and retentions expire.
    pub(crate) fn let_pass(&self, time: Duration) {
        self.clock.advance(time);
    }

    async fn ask<T>(&self, call: &'static str, answer: impl Future<Output = Answer<T>>) -> Answer<T> {
        let fault = self.faults.lock().unwrap().get(call).copied();
        // Only now, so that a test that has read it may heal the store.
        self.book.note(call);
        match fault {
            None => answer.await,
            Some(Fault::Error) => Err("the store is down".into()),
            Some(Fault::Hang) => pending().await,
            Some(Fault::Panic) => resume_unwind(Box::new("told to")),
            Some(Fault::Unanswered) => {
                answer.await?;
                pending().await
            }
        }
    }
}

impl ClaimStore for Store {
    async fn claim(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> Answer<Claim> {
        self.ask("claim", self.inner.claim(key, token, lease)).await
    }

    async fn renew(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> Answer<LeaseState> {
        self.ask("renew", self.inner.renew(key, token, lease)).await
    }

    async fn commit(&self, key: DeliveryKey, token: LeaseToken, retention: Duration) -> Answer<LeaseState> {
        self.ask("commit", self.inner.commit(key, token, retention)).await
    }

    async fn release(&self, key: DeliveryKey, token: LeaseToken) -> Answer<LeaseState> {
        self.ask("release", self.inner.release(key, token)).await
    }
}
