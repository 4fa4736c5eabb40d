//! A store that fails in the middle, and handlers that misbehave: nothing is stuck.

use std::{
    panic::panic_any,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
        mpsc,
    },
    time::{Duration, Instant},
};

use countersign::{
    dedupe::{LeaseState, LeaseToken},
    inbox::{
        Backoff, End, Handler, Inbox, Received, SealKeys, StoreError, StoreErrorKind,
        sqlite::{Settings, SqliteStore},
        store::{
            Answer, ClaimId, ClaimRequest, Claimed, Counts, Filter, Incoming, Intake, Lead, Ledger, Purge, Queue,
            Recovered, Recovery, Retention, Row, RowId, Settled, State, Stored, Swept, Waiting,
        },
    },
    providers::{ScreenScore, Zeodyn},
};
use tempfile::TempDir;

use super::{Book, Working, at, delivery, rows, until};

/// What goes wrong.
#[derive(Default)]
pub(super) struct Faults {
    /// Says why nothing can be stored.
    pub(super) refuse_stores: AtomicBool,
    /// What is stored is not answered.
    pub(super) hang_stores: AtomicBool,
    /// So many claims are made, but not answered.
    lose_claims: AtomicUsize,
    fail_settles: AtomicUsize,
    hang_claims: AtomicBool,
    hang_settles: AtomicBool,
    hang_sweeps: AtomicBool,
    claims: AtomicUsize,
}

/// A store with faults.
struct Faulty(SqliteStore, Arc<Faults>);

fn lost() -> StoreError {
    StoreError::new(StoreErrorKind::Unavailable, "the connection is lost")
}

fn one_less(number: &AtomicUsize) -> bool {
    number.fetch_update(SeqCst, SeqCst, |number| number.checked_sub(1)).is_ok()
}

impl Intake for Faulty {
    fn store(&self, delivery: Incoming) -> Answer<'_, Stored> {
        Box::pin(async move {
            if self.1.refuse_stores.load(SeqCst) {
                return Err(lost());
            }
            let stored = self.0.store(delivery).await?;
            if self.1.hang_stores.load(SeqCst) {
                std::future::pending::<()>().await;
            }
            Ok(stored)
        })
    }
}

impl Queue for Faulty {
    fn lead(&self) -> Answer<'_, Option<Lead>> {
        self.0.lead()
    }

    fn claim(&self, request: ClaimRequest) -> Answer<'_, Vec<Claimed>> {
        self.1.claims.fetch_add(1, SeqCst);
        if self.1.hang_claims.load(SeqCst) {
            return Box::pin(std::future::pending());
        }
        Box::pin(async move {
            let claimed = self.0.claim(request).await?;
            if !claimed.is_empty() && one_less(&self.1.lose_claims) { Err(lost()) } else { Ok(claimed) }
        })
    }

    fn renew(&self, token: LeaseToken, until: i64) -> Answer<'_, usize> {
        self.0.renew(token, until)
    }

    fn settle(&self, claim: ClaimId, settled: Settled) -> Answer<'_, LeaseState> {
        if self.1.hang_settles.load(SeqCst) {
            return Box::pin(std::future::pending());
        }
        if one_less(&self.1.fail_settles) {
            return Box::pin(std::future::ready(Err(lost())));
        }
        self.0.settle(claim, settled)
    }

    fn recover(&self, recovery: Recovery) -> Answer<'_, Recovered> {
        self.0.recover(recovery)
    }

    fn waiting(&self) -> Answer<'_, Vec<Waiting>> {
        self.0.waiting()
    }

    fn sweep(&self, now: i64, retention: Retention) -> Answer<'_, Swept> {
        if self.1.hang_sweeps.load(SeqCst) {
            return Box::pin(std::future::pending());
        }
        self.0.sweep(now, retention)
    }
}

impl Ledger for Faulty {
    fn list(&self, filter: Filter, limit: usize) -> Answer<'_, Vec<Row>> {
        self.0.list(filter, limit)
    }

    fn show(&self, id: RowId) -> Answer<'_, Option<Row>> {
        self.0.show(id)
    }

    fn counts(&self, filter: Filter) -> Answer<'_, Counts> {
        self.0.counts(filter)
    }

    fn redrive(&self, filter: Filter, now: i64) -> Answer<'_, usize> {
        self.0.redrive(filter, now)
    }

    fn purge(&self, filter: Filter, purge: Purge) -> Answer<'_, usize> {
        self.0.purge(filter, purge)
    }
}

pub(super) async fn faulty() -> (TempDir, Arc<Faults>, Inbox) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("inbox.db"), Settings::default()).unwrap();
    let keys = SealKeys::new(store.key().await.unwrap()).unwrap();
    let faults = Arc::<Faults>::default();
    (folder, Arc::clone(&faults), Inbox::on_store(Faulty(store, faults), keys))
}

async fn put(inbox: &Inbox, count: usize) {
    for id in 0..count {
        inbox.store::<Zeodyn>().accept(&delivery(&id.to_string())).await.unwrap();
    }
}

async fn all_are(inbox: &Inbox, state: State) {
    until(&format!("all are {state}"), || async { rows(inbox).await.iter().all(|row| row.state == state) }).await;
}

/// Rows that were claimed for nobody are found, also while others run all the time.
#[tokio::test]
async fn a_claim_whose_answer_is_lost_is_taken_back() {
    let (_folder, faults, inbox) = faulty().await;
    let book = Book::default();
    let own = book.clone();
    let inbox = inbox.on::<Zeodyn, _>(move |hook: Received<Zeodyn>| {
        own.write(&hook);
        std::future::ready(())
    });
    put(&inbox, 3).await;
    faults.lose_claims.store(1, SeqCst);
    let working = Working::start(&inbox);
    all_are(&inbox, State::Done).await;
    // No attempt was made of the lost ones.
    let mut entries = book.entries();
    entries.sort();
    assert_eq!(entries, [("0".to_owned(), 1), ("1".to_owned(), 1), ("2".to_owned(), 1)]);
    working.stop().await;
}

/// However long the store fails: a process that lives never leaves its rows behind.
#[tokio::test]
async fn an_end_is_told_to_the_store_until_it_hears_it() {
    let (_folder, faults, inbox) = faulty().await;
    let inbox = inbox.on::<Zeodyn, _>(|_: Received<Zeodyn>| std::future::ready(()));
    put(&inbox, 1).await;
    faults.fail_settles.store(200, SeqCst);
    tokio::time::pause();
    let working = Working::start(&inbox);
    all_are(&inbox, State::Done).await;
    assert_eq!(inbox.counters().done, 1);
    working.stop().await;
}

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(std::thread::panicking(), "a bomb");
    }
}

/// Panics before there is a future.
struct Eager;

impl Handler<Zeodyn> for Eager {
    fn call(&self, _: Received<Zeodyn>) -> impl Future<Output = End> + Send {
        assert!(std::thread::panicking(), "too eager");
        async { End::done() }
    }
}

#[tokio::test]
async fn a_panic_anywhere_is_an_attempt_that_failed() {
    async fn why<H: Handler<Zeodyn>>(handler: H) -> String {
        let (_folder, _, inbox) = faulty().await;
        let inbox = inbox.with_backoff(Backoff::new(1)).with_attempt_timeout(Duration::from_millis(20));
        let inbox = inbox.on::<Zeodyn, _>(handler);
        put(&inbox, 1).await;
        let working = Working::start(&inbox);
        all_are(&inbox, State::Dead).await;
        working.stop().await;
        rows(&inbox).await[0].errors[0].why.clone()
    }

    assert_eq!(why(Eager).await, "the handler panicked: too eager");
    // In the drop of what it holds: when it has ended, and at its deadline.
    let ended = |_: Received<Zeodyn>| {
        let bomb = Bomb;
        async move {
            let _bomb = &bomb;
        }
    };
    assert_eq!(why(ended).await, "the handler panicked: a bomb");
    let late = |_: Received<Zeodyn>| {
        let bomb = Bomb;
        async move {
            let _bomb = bomb;
            std::future::pending::<()>().await;
        }
    };
    assert_eq!(why(late).await, "the handler panicked: a bomb");
    // What it panics with may be anything.
    let payload = |_: Received<Zeodyn>| async {
        if true {
            panic_any(Bomb)
        }
    };
    assert_eq!(why(payload).await, "the handler panicked: ");
}

/// Stops a worker, in the time that an orchestrator gives.
async fn stop(working: Working) {
    tokio::time::timeout(Duration::from_secs(15), working.stop()).await.expect("the worker does not stop");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_shutdown_ends_whatever_hangs() {
    // A store that does not answer any more.
    let (_folder, faults, inbox) = faulty().await;
    faults.hang_claims.store(true, SeqCst);
    let inbox = inbox.on::<Zeodyn, _>(|_: Received<Zeodyn>| std::future::ready(()));
    let working = Working::start(&inbox);
    until("it claims", || async { faults.claims.load(SeqCst) > 0 }).await;
    stop(working).await;

    // Rows that cannot be given back are not waited for one by one.
    let (_folder, faults, inbox) = faulty().await;
    let started = Arc::new(AtomicUsize::new(0));
    let own = Arc::clone(&started);
    let handler = move |_: Received<Zeodyn>| {
        own.fetch_add(1, SeqCst);
        std::future::pending::<()>()
    };
    let inbox = inbox.with_concurrency(100).with_grace(Duration::ZERO).on::<Zeodyn, _>(handler);
    put(&inbox, 50).await;
    let working = Working::start(&inbox);
    until("all run", || async { started.load(SeqCst) == 50 }).await;
    faults.hang_settles.store(true, SeqCst);
    stop(working).await;

    // A handler that blocks its thread cannot be stopped, and is left behind.
    let (_folder, _, inbox) = faulty().await;
    let (release, released) = mpsc::channel::<()>();
    let released = Arc::new(std::sync::Mutex::new(released));
    let is_blocked = Arc::new(AtomicBool::new(false));
    let own = Arc::clone(&is_blocked);
    let handler = move |_: Received<Zeodyn>| {
        own.store(true, SeqCst);
        let _ = released.lock().unwrap().recv_timeout(Duration::from_secs(60));
        std::future::ready(())
    };
    let inbox = inbox.with_grace(Duration::ZERO).on::<Zeodyn, _>(handler);
    put(&inbox, 1).await;
    let working = Working::start(&inbox);
    until("it blocks", || async { is_blocked.load(SeqCst) }).await;
    stop(working).await;
    // It still runs: its row is not given to anybody before the next worker asks.
    assert_eq!(rows(&inbox).await[0].state, State::Claimed);
    drop(release);
}

/// There may be a million rows to remove.
#[tokio::test]
async fn a_sweep_does_not_hold_up_the_worker() {
    let (_folder, faults, inbox) = faulty().await;
    faults.hang_sweeps.store(true, SeqCst);
    let inbox = inbox.on::<Zeodyn, _>(|_: Received<Zeodyn>| std::future::ready(()));
    let working = Working::start(&inbox);
    for id in 0..3 {
        inbox.store::<Zeodyn>().accept(&delivery(&id.to_string())).await.unwrap();
        all_are(&inbox, State::Done).await;
    }
    stop(working).await;
}

/// A worker that has nothing to do asks once in a second, whatever waits.
#[tokio::test]
async fn rows_that_cannot_be_claimed_do_not_keep_the_worker_busy() {
    let (_folder, faults, inbox) = faulty().await;
    let gate = Arc::new(tokio::sync::Notify::new());
    let own = Arc::clone(&gate);
    let handler = move |_: Received<Zeodyn>| {
        let gate = Arc::clone(&own);
        async move { gate.notified().await }
    };
    // One runs, the others have no room.
    let inbox = inbox.on::<Zeodyn, _>(handler).with_concurrency_of::<Zeodyn>(1);
    put(&inbox, 3).await;
    let working = Working::start(&inbox);
    until("one runs", || async { rows(&inbox).await.iter().any(|row| row.state == State::Claimed) }).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let before = (faults.claims.load(SeqCst), Instant::now());
    tokio::time::sleep(Duration::from_millis(300)).await;
    let claims = faults.claims.load(SeqCst) - before.0;
    assert!(claims <= 2 + usize::try_from(before.1.elapsed().as_secs()).unwrap(), "{claims}");
    gate.notify_waiters();
    working.stop().await;
}

/// They are not lost, but nobody may know.
#[tokio::test]
async fn rows_without_a_handler_wait_and_are_warned_of_once() {
    let (_folder, faults, inbox) = faulty().await;
    let clock = at(1_700_000_000);
    let inbox = inbox.with_clock(clock.clone());
    put(&inbox, 2).await;
    let capture = countersign_test_support::capture::Capture::start();
    let is_it = |text: &str| {
        text.starts_with("stored deliveries of this provider wait, and the worker has no handler for them")
    };
    let warned = || capture.take().0.iter().filter(|traced| traced.field("message").is_some_and(is_it)).count();
    let inbox = inbox.on::<ScreenScore, _>(|_: Received<ScreenScore>| std::future::ready(()));
    let working = Working::start(&inbox);
    until("it claims", || async { faults.claims.load(SeqCst) > 0 }).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let before = (faults.claims.load(SeqCst), Instant::now());
    tokio::time::sleep(Duration::from_millis(300)).await;
    let claims = faults.claims.load(SeqCst) - before.0;
    assert!(claims <= 2 + usize::try_from(before.1.elapsed().as_secs()).unwrap(), "{claims}");
    assert_eq!(warned(), 0);
    clock.advance(Duration::from_secs(10));
    for expected in [1, 0] {
        let before = faults.claims.load(SeqCst);
        inbox.wake();
        until("it claims", || async { faults.claims.load(SeqCst) > before }).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(warned(), expected);
    }
    assert!(rows(&inbox).await.iter().all(|row| row.state == State::Ready && row.attempts == 0));
    working.stop().await;
}
