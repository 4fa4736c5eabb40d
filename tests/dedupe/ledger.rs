//! A store between the library and the real one: it keeps the books of every call, holds each answer against them, and
//! fails when it is told to.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    error::Error,
    fmt::Debug,
    future::pending,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use countersign::dedupe::{Claim, ClaimStore, DeliveryKey, LeaseState, LeaseToken};
use tokio::{
    task::{self, yield_now},
    time::Instant,
};

use crate::entry::{Entry, later, wrong_claim, wrong_end};

type Answer<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It fails, and nothing happened.
    Error,
    /// It never answers, and nothing happened.
    Hang,
    /// It happened, and the caller is told that it failed.
    Lost,
}

/// A call of a task, and what the real store answered; `None` if it was not asked, or its answer was not waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Claim(Option<Claim>),
    Renew(Option<LeaseState>),
    Commit(Option<LeaseState>),
    Release(Option<LeaseState>),
}

pub(crate) struct Ledger<S> {
    inner: Arc<S>,
    books: Arc<Books>,
    /// How often a call waits before and after it is made.
    waits: usize,
}

impl<S> Clone for Ledger<S> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), books: Arc::clone(&self.books), waits: self.waits }
    }
}

#[derive(Default)]
pub(crate) struct Books {
    number: AtomicUsize,
    busy: AtomicUsize,
    faults: Mutex<BTreeMap<usize, Fault>>,
    entries: Mutex<HashMap<DeliveryKey, Entry>>,
    /// Whose call was dropped half way on a store that is elsewhere: it may have happened or not.
    unknown: Mutex<HashSet<DeliveryKey>>,
    calls: Mutex<HashMap<task::Id, Vec<Call>>>,
    /// Tasks of which a call failed.
    failed: Mutex<HashSet<task::Id>>,
    /// What was wrong. (A panic would be taken for a failure of the store.)
    violations: Mutex<Vec<String>>,
    /// Tasks whose handler has not been dropped yet.
    handling: Mutex<HashSet<task::Id>>,
    keys: Mutex<HashMap<task::Id, DeliveryKey>>,
}

impl<S: ClaimStore> Ledger<S> {
    pub(crate) fn new(inner: S, waits: usize) -> Self {
        Self { inner: Arc::new(inner), books: Arc::default(), waits }
    }

    pub(crate) fn books(&self) -> Arc<Books> {
        Arc::clone(&self.books)
    }

    async fn around<T: Copy + Debug>(
        &self,
        key: DeliveryKey,
        call: impl Future<Output = Answer<T>>,
        keep: impl FnOnce(&mut HashMap<DeliveryKey, Entry>, T, (Instant, Instant)) -> Option<&'static str>,
        log: fn(Option<T>) -> Call,
    ) -> Answer<T> {
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
        let _busy = Busy::new(&books.busy);
        for _ in 0..self.waits {
            yield_now().await;
        }
        let before = Instant::now();
        let unknown = Unknown { books, key };
        let answer = call.await?;
        std::mem::forget(unknown);
        if !books.unknown.lock().unwrap().contains(&key) {
            let mut entries = books.entries.lock().unwrap();
            let (entry, when) = (entries.get(&key).copied(), (before, Instant::now()));
            if let Some(wrong) = keep(&mut entries, answer, when) {
                books.violated(format!("{wrong}: {:?} of {entry:?} at {when:?}", log(Some(answer))));
            }
        }
        books.calls.lock().unwrap().get_mut(&task).unwrap()[place] = log(Some(answer));
        for _ in 0..self.waits {
            yield_now().await;
        }
        if fault == Some(Fault::Lost) { Err("the answer is lost".into()) } else { Ok(answer) }
    }
}

/// Marks a key of which nothing is known any more, if it is dropped.
struct Unknown<'a> {
    books: &'a Books,
    key: DeliveryKey,
}

impl Drop for Unknown<'_> {
    fn drop(&mut self) {
        self.books.unknown.lock().unwrap().insert(self.key);
    }
}

struct Busy<'a>(&'a AtomicUsize);

impl<'a> Busy<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl<S: ClaimStore> ClaimStore for Ledger<S> {
    async fn claim(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> Answer<Claim> {
        self.books.keys.lock().unwrap().insert(task::id(), key);
        let call = self.inner.claim(key, token, lease);
        let keep = |entries: &mut HashMap<DeliveryKey, Entry>, claim, when| {
            let wrong = wrong_claim(entries.get(&key), claim, when);
            if claim == Claim::New {
                entries.insert(key, Entry { token, is_done: false, end: later(when, lease) });
            }
            wrong
        };
        self.around(key, call, keep, Call::Claim).await
    }

    async fn renew(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> Answer<LeaseState> {
        let call = self.inner.renew(key, token, lease);
        let keep = |entries: &mut HashMap<DeliveryKey, Entry>, held, when| {
            let wrong = wrong_end(entries.get(&key), token, held, when);
            if held == LeaseState::Held {
                entries.insert(key, Entry { token, is_done: false, end: later(when, lease) });
            }
            wrong
        };
        self.around(key, call, keep, Call::Renew).await
    }

    async fn commit(&self, key: DeliveryKey, token: LeaseToken, retention: Duration) -> Answer<LeaseState> {
        self.books.check_that_it_is_handled();
        let call = self.inner.commit(key, token, retention);
        let keep = |entries: &mut HashMap<DeliveryKey, Entry>, held, when| {
            let wrong = wrong_end(entries.get(&key), token, held, when);
            if held == LeaseState::Held {
                entries.insert(key, Entry { token, is_done: true, end: later(when, retention) });
            }
            wrong
        };
        self.around(key, call, keep, Call::Commit).await
    }

    async fn release(&self, key: DeliveryKey, token: LeaseToken) -> Answer<LeaseState> {
        self.books.check_that_it_is_handled();
        let call = self.inner.release(key, token);
        let keep = |entries: &mut HashMap<DeliveryKey, Entry>, held, when| {
            let wrong = wrong_end(entries.get(&key), token, held, when);
            if held == LeaseState::Held {
                entries.remove(&key);
            }
            wrong
        };
        self.around(key, call, keep, Call::Release).await
    }
}

impl Books {
    /// Has the call fail that comes after this many others.
    pub(crate) fn fail(&self, after: usize, fault: Fault) {
        self.faults.lock().unwrap().insert(self.number.load(Ordering::SeqCst) + after, fault);
    }

    pub(crate) fn heal(&self) {
        self.faults.lock().unwrap().clear();
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.busy.load(Ordering::SeqCst) > 0
    }

    /// What a task asked the store, in order.
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

    /// What a task claimed, or tried to.
    pub(crate) fn key(&self, task: task::Id) -> Option<DeliveryKey> {
        self.keys.lock().unwrap().get(&task).copied()
    }

    pub(crate) fn has_failed(&self, task: task::Id) -> bool {
        self.failed.lock().unwrap().contains(&task)
    }

    pub(crate) fn is_unknown(&self, key: DeliveryKey) -> bool {
        self.unknown.lock().unwrap().contains(&key)
    }

    fn check_that_it_is_handled(&self) {
        if self.handling.lock().unwrap().contains(&task::id()) {
            self.violated("F14: a lease ends while its handler is still there".to_owned());
        }
    }
}
