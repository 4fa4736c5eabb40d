//! A store between the library and the real one: it records every call, checks each answer against the record, and fails
//! when it is told to.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt::Debug,
    future::pending,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use countersign::dedupe::{Claim, ClaimStore, DeliveryKey, LeaseState, LeaseToken, MemoryStore, StoreResult};
use tokio::{
    task::{self, yield_now},
    time::Instant,
};

use crate::{
    deliveries::tokio_clock,
    entry::{Entry, wrong_claim, wrong_end},
};

/// The error in an answer, and the change that it makes to the books.
type Kept = (Option<&'static str>, Change);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It fails, and nothing happened.
    Error,
    /// It never answers, and nothing happened.
    Hang,
    /// It happened, and the caller is told that it failed.
    Lost,
}

/// A call of a task, and the answer of the real store: `None` if it was not asked, or if the call was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Claim(Option<Claim>),
    Renew(Option<LeaseState>),
    Commit(Option<LeaseState>),
    Release(Option<LeaseState>),
}

#[derive(Clone)]
pub(crate) struct Ledger {
    inner: MemoryStore,
    books: Arc<Books>,
    /// How often a call waits before and after it is made.
    waits: usize,
}

#[derive(Default)]
pub(crate) struct Books {
    number: AtomicUsize,
    faults: Mutex<BTreeMap<usize, Fault>>,
    entries: Mutex<HashMap<DeliveryKey, Entry>>,
    calls: Mutex<HashMap<task::Id, Vec<Call>>>,
    /// Tasks of which a call failed.
    failed: Mutex<HashSet<task::Id>>,
    /// The errors found. (A panic would be taken for a failure of the store.)
    violations: Mutex<Vec<String>>,
    /// Tasks whose handler has not been dropped yet.
    handling: Mutex<HashSet<task::Id>>,
}

impl Ledger {
    /// By tokio's clock.
    pub(crate) fn new(waits: usize) -> Self {
        Self { inner: MemoryStore::new().with_clock(tokio_clock()), books: Arc::default(), waits }
    }

    pub(crate) fn books(&self) -> Arc<Books> {
        Arc::clone(&self.books)
    }

    async fn around<T: Copy + Debug>(
        &self,
        key: DeliveryKey,
        call: impl Future<Output = StoreResult<T>>,
        keep: impl FnOnce(Option<Entry>, T) -> Kept,
        log: fn(Option<T>) -> Call,
    ) -> StoreResult<T> {
        let books = &self.books;
        let task = task::id();
        let place = {
            let mut calls = books.calls.lock().unwrap();
            let calls = calls.entry(task).or_default();
            calls.push(log(None));
            calls.len() - 1
        };
        let fault = books.faults.lock().unwrap().remove(&books.number.fetch_add(1, Ordering::SeqCst));
        if fault.is_some() {
            books.failed.lock().unwrap().insert(task);
        }
        match fault {
            Some(Fault::Error) => return Err("down".into()),
            Some(Fault::Hang) => return pending().await,
            _ => {}
        }
        for _ in 0..self.waits {
            yield_now().await;
        }
        let answer = call.await?;
        if let Some(wrong) = books.keep(key, |entry| keep(entry, answer)) {
            books.violated(format!("{wrong}: {:?}", log(Some(answer))));
        }
        books.calls.lock().unwrap().get_mut(&task).unwrap()[place] = log(Some(answer));
        for _ in 0..self.waits {
            yield_now().await;
        }
        if fault == Some(Fault::Lost) { Err("the answer is lost".into()) } else { Ok(answer) }
    }
}

/// The change that a call makes to the books.
enum Change {
    Write(Entry),
    Remove,
    Nothing,
}

/// Replaces or removes the entry if the caller still held the lease.
fn ended(token: LeaseToken, then: Option<(bool, Duration)>) -> impl FnOnce(Option<Entry>, LeaseState) -> Kept {
    move |entry, state| {
        let change = match (state, then) {
            (LeaseState::Held, Some((is_done, time))) => {
                Change::Write(Entry { token, is_done, end: Instant::now() + time })
            }
            (LeaseState::Held, None) => Change::Remove,
            _ => Change::Nothing,
        };
        (wrong_end(entry, token, state), change)
    }
}

impl ClaimStore for Ledger {
    async fn claim(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> StoreResult<Claim> {
        let keep = |entry, claim| {
            let new = Entry { token, is_done: false, end: Instant::now() + lease };
            (wrong_claim(entry, claim), if claim == Claim::New { Change::Write(new) } else { Change::Nothing })
        };
        self.around(key, self.inner.claim(key, token, lease), keep, Call::Claim).await
    }

    async fn renew(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> StoreResult<LeaseState> {
        let keep = ended(token, Some((false, lease)));
        self.around(key, self.inner.renew(key, token, lease), keep, Call::Renew).await
    }

    async fn commit(&self, key: DeliveryKey, token: LeaseToken, retention: Duration) -> StoreResult<LeaseState> {
        self.books.check_that_its_handler_has_ended();
        let keep = ended(token, Some((true, retention)));
        self.around(key, self.inner.commit(key, token, retention), keep, Call::Commit).await
    }

    async fn release(&self, key: DeliveryKey, token: LeaseToken) -> StoreResult<LeaseState> {
        self.books.check_that_its_handler_has_ended();
        self.around(key, self.inner.release(key, token), ended(token, None), Call::Release).await
    }
}

impl Books {
    fn keep(&self, key: DeliveryKey, change: impl FnOnce(Option<Entry>) -> Kept) -> Option<&'static str> {
        let mut entries = self.entries.lock().unwrap();
        let (wrong, change) = change(entries.get(&key).copied().filter(|entry| entry.end > Instant::now()));
        match change {
            Change::Write(entry) => _ = entries.insert(key, entry),
            Change::Remove => _ = entries.remove(&key),
            Change::Nothing => {}
        }
        wrong
    }

    /// Makes the call fail that comes after this many others.
    pub(crate) fn fail(&self, after: usize, fault: Fault) {
        self.faults.lock().unwrap().insert(self.number.load(Ordering::SeqCst) + after, fault);
    }

    pub(crate) fn heal(&self) {
        self.faults.lock().unwrap().clear();
    }

    /// Returns the calls of a task, in order.
    pub(crate) fn calls(&self, task: task::Id) -> Vec<Call> {
        self.calls.lock().unwrap().get(&task).cloned().unwrap_or_default()
    }

    /// A handler begins in its task, or is dropped.
    pub(crate) fn handling(&self, task: task::Id, is_handling: bool) {
        let mut handling = self.handling.lock().unwrap();
        let changed = if is_handling { handling.insert(task) } else { handling.remove(&task) };
        if !changed {
            self.violated("a handler runs twice in its task".to_owned());
        }
    }

    pub(crate) fn violated(&self, what: String) {
        self.violations.lock().unwrap().push(what);
    }

    pub(crate) fn violations(&self) -> Vec<String> {
        self.violations.lock().unwrap().clone()
    }

    pub(crate) fn has_failed(&self, task: task::Id) -> bool {
        self.failed.lock().unwrap().contains(&task)
    }

    fn check_that_its_handler_has_ended(&self) {
        if self.handling.lock().unwrap().contains(&task::id()) {
            self.violated("F14: a lease ends while its handler is still there".to_owned());
        }
    }
}
