//! A store that notes what it is asked, and fails when it is told to.

use std::{
    collections::HashMap,
    error::Error,
    future::pending,
    panic::resume_unwind,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use countersign::dedupe::{Claim, ClaimStore, DeliveryKey, Held, LeaseToken, MemoryStore};

use super::book::Book;

/// How a call fails.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    Error,
    Hang,
    Panic,
    /// It has its effect, and its answer does not come.
    Unanswered,
}

/// Those that have no effect.
pub(crate) const FAULTS: [Fault; 3] = [Fault::Error, Fault::Hang, Fault::Panic];

#[derive(Clone)]
pub(crate) struct Store {
    inner: MemoryStore,
    book: Arc<Book>,
    faults: Arc<Mutex<HashMap<&'static str, Fault>>>,
    /// How far its clock is ahead of the real one.
    ahead: Arc<Mutex<Duration>>,
}

impl Store {
    pub(crate) fn new(book: &Arc<Book>) -> Self {
        let ahead = Arc::<Mutex<Duration>>::default();
        let by = Arc::clone(&ahead);
        Self {
            inner: MemoryStore::new().with_clock(move || Instant::now() + *by.lock().unwrap()),
            book: Arc::clone(book),
            faults: Arc::default(),
            ahead,
        }
    }

    /// The calls of this name fail from now on: `claim`, `renew`, `commit` or `release`.
    pub(crate) fn fail(&self, call: &'static str, fault: Fault) {
        self.faults.lock().unwrap().insert(call, fault);
    }

    pub(crate) fn heal(&self) {
        self.faults.lock().unwrap().clear();
    }

    /// Has leases run out.
    pub(crate) fn let_pass(&self, time: Duration) {
        *self.ahead.lock().unwrap() += time;
    }

    async fn ask<T>(&self, call: &'static str, answer: impl Future<Output = Answer<T>>) -> Answer<T> {
        self.book.note(call);
        let fault = self.faults.lock().unwrap().get(call).copied();
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

type Answer<T> = Result<T, Box<dyn Error + Send + Sync>>;

impl ClaimStore for Store {
    async fn claim(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> Answer<Claim> {
        self.ask("claim", self.inner.claim(key, token, lease)).await
    }

    async fn renew(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> Answer<Held> {
        self.ask("renew", self.inner.renew(key, token, lease)).await
    }

    async fn commit(&self, key: DeliveryKey, token: LeaseToken, retention: Duration) -> Answer<Held> {
        self.ask("commit", self.inner.commit(key, token, retention)).await
    }

    async fn release(&self, key: DeliveryKey, token: LeaseToken) -> Answer<Held> {
        self.ask("release", self.inner.release(key, token)).await
    }
}
