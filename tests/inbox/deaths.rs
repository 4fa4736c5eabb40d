//! What a worker leaves behind that ends in the middle, and what the next one does with it.

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use countersign::{
    dedupe::LeaseToken,
    inbox::{
        Inbox, Received,
        sqlite::{Settings, SqliteStore},
        store::{ClaimRequest, Queue, State},
    },
    providers::{ScreenScore, Zeodyn},
};
use countersign_testkit::Payload;

use super::{Book, SECRET, Working, inbox, open, rows, until};

async fn put(inbox: &Inbox, id: &str, n: usize) {
    let body = format!(r#"{{"event":"scan_complete","scanId":"{id}","n":{n}}}"#);
    let (head, body) = Payload::<Zeodyn>::new(body).signed_with(SECRET).to_http::<Vec<u8>>().into_parts();
    let delivery = countersign::Verifier::<Zeodyn>::new(SECRET).verify(&head, body).unwrap();
    inbox.store::<Zeodyn>().with_endpoint(n.to_string()).accept(&delivery).await.unwrap();
}

/// A worker of another process claims what is due, and dies.
async fn die(folder: &Path, providers: &[&str]) {
    let store = SqliteStore::open(folder.join("inbox.db"), Settings::default()).unwrap();
    let mut request = ClaimRequest::new(LeaseToken::unique(), i64::MAX, Duration::from_secs(30), 100);
    request.providers = providers.iter().map(|name| ((*name).to_owned(), 100)).collect();
    assert!(!store.claim(request).await.unwrap().is_empty());
}

/// One after the other, and before the rest; in their order; and those that nobody handles hold up nobody.
#[tokio::test]
async fn what_a_dead_worker_left_is_handled_alone_and_in_order() {
    let (folder, inbox) = inbox().await;
    let inbox = inbox.in_order_by_resource();
    let request = Payload::<ScreenScore>::documented("analysis.completed").unwrap().signed_with(SECRET);
    let (head, body) = request.to_http::<Vec<u8>>().into_parts();
    let other = countersign::Verifier::<ScreenScore>::new(SECRET).verify(&head, body).unwrap();
    inbox.store::<ScreenScore>().accept(&other).await.unwrap();
    for (id, n) in [("a", 1), ("a", 2), ("b", 1), ("a", 3), ("c", 1)] {
        put(&inbox, id, n).await;
    }
    // Two of `a` wait for the first.
    die(folder.path(), &["zeodyn", "screenscore"]).await;
    for n in 0..20 {
        put(&inbox, &format!("later {n}"), 1).await;
    }
    let (running, log) = (Arc::new(AtomicUsize::new(0)), Arc::<Mutex<Vec<(String, usize)>>>::default());
    let (own_running, own_log) = (Arc::clone(&running), Arc::clone(&log));
    let handler = move |hook: Received<Zeodyn>| {
        let (running, log) = (Arc::clone(&own_running), Arc::clone(&own_log));
        async move {
            let beside = running.fetch_add(1, SeqCst);
            log.lock().unwrap().push((hook.resource_id().unwrap().to_owned(), beside));
            tokio::time::sleep(Duration::from_millis(2)).await;
            running.fetch_sub(1, SeqCst);
        }
    };
    let inbox = inbox.on::<Zeodyn, _>(handler);
    let working = Working::start(&inbox);
    until("all but one are done", || async { inbox.counters().done == 25 }).await;
    working.stop().await;
    let log = log.lock().unwrap().clone();
    let alone: Vec<_> = log[..3].iter().map(|(id, beside)| (id.as_str(), *beside)).collect();
    assert_eq!(alone, [("a", 0), ("b", 0), ("c", 0)]);
    assert_eq!(log.iter().filter(|(id, _)| id == "a").count(), 3);
    let waiting: Vec<_> = rows(&inbox).await.into_iter().filter(|row| row.state != State::Done).collect();
    assert_eq!(waiting.len(), 1);
    assert_eq!((waiting[0].state, waiting[0].attempts, waiting[0].deaths), (State::Ready, 0, 0));
    assert_eq!(waiting[0].sealed.columns().provider, "screenscore");
}

/// One that is dropped in the middle, as by `select!`, leaves its rows to the next, in the same process, too.
#[tokio::test]
async fn a_worker_that_is_dropped_is_followed_by_another() {
    let (_folder, inbox) = inbox().await;
    let (book, is_stuck) = (Book::default(), Arc::new(AtomicBool::new(true)));
    let (own, stuck) = (book.clone(), Arc::clone(&is_stuck));
    let handler = move |hook: Received<Zeodyn>| {
        own.write(&hook);
        let is_stuck = stuck.load(SeqCst);
        async move {
            if is_stuck {
                std::future::pending::<()>().await;
            }
        }
    };
    let inbox = inbox.on::<Zeodyn, _>(handler);
    for id in ["a", "b", "c"] {
        put(&inbox, id, 1).await;
    }
    let working = Working::start(&inbox);
    until("all run", || async { book.entries().len() == 3 }).await;
    // A second one of the same inbox waits for its turn.
    let second = Working::start(&inbox);
    is_stuck.store(false, SeqCst);
    working.task.abort();
    until("all are done", || async { inbox.counters().done == 3 }).await;
    second.stop().await;
    assert!(rows(&inbox).await.iter().all(|row| (row.state, row.attempts, row.deaths) == (State::Done, 1, 0)));
    assert_eq!(book.entries().len(), 6);
}

/// Nothing is lost in a runtime that is shut down in the middle.
#[test]
fn a_runtime_that_ends_leaves_everything_to_the_next() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..3 {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let book = Book::default();
        let own = book.clone();
        runtime.block_on(async {
            let handler = move |hook: Received<Zeodyn>| {
                own.write(&hook);
                async move { tokio::time::sleep(Duration::from_millis(if round == 2 { 0 } else { 60_000 })).await }
            };
            let inbox = open(folder.path()).await.on::<Zeodyn, _>(handler);
            put(&inbox, &round.to_string(), 1).await;
            let _working = Working::start(&inbox);
            let expected = if round == 2 { 3 } else { 1 };
            until("it works", || async { book.entries().len() >= expected }).await;
            if round == 2 {
                until("all are done", || async { rows(&inbox).await.iter().all(|row| row.state == State::Done) }).await;
            }
        });
        runtime.shutdown_timeout(Duration::ZERO);
    }
}
