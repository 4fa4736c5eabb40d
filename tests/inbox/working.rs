//! The worker: attempts, dead letters, deadlines, concurrency, order, shutdown.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use countersign::{
    inbox::{
        Backoff, End, Inbox, Received, ReceivedAny,
        store::{Filter, State},
    },
    providers::{ScreenScore, Zeodyn},
};

use super::{Book, Working, at, delivery, delivery_of, inbox, open, rows, until};

/// No delay between attempts.
fn at_once(attempts: u32) -> Backoff {
    Backoff::new(attempts).with_most(Duration::ZERO)
}

async fn put(inbox: &Inbox, ids: &[&str]) {
    for id in ids {
        inbox.store::<Zeodyn>().accept(&delivery(id)).await.unwrap();
    }
}

async fn state(inbox: &Inbox, id: &str) -> Option<State> {
    let mut filter = Filter::default();
    filter.resources = vec![id.to_owned()];
    inbox.ledger().list(filter, 1).await.unwrap().first().map(|row| row.state)
}

async fn ends(inbox: &Inbox, id: &str, expected: State) {
    until(&format!("{id} is {expected}"), || async { state(inbox, id).await == Some(expected) }).await;
}

#[tokio::test]
async fn what_is_stored_is_handled_and_its_body_goes() {
    let (_folder, inbox) = inbox().await;
    let book = Book::default();
    let inbox = inbox.on::<Zeodyn, _>(book.handler());
    put(&inbox, &["before"]).await;
    let working = Working::start(&inbox);
    ends(&inbox, "before", State::Done).await;
    put(&inbox, &["after"]).await;
    ends(&inbox, "after", State::Done).await;
    assert_eq!(book.entries(), [("before".to_owned(), 1), ("after".to_owned(), 1)]);
    // The key stays.
    put(&inbox, &["after"]).await;
    let rows = rows(&inbox).await;
    assert_eq!((rows.len(), rows[0].duplicates), (2, 1));
    assert!(rows.iter().all(|row| row.bytes.is_none() && row.errors.is_empty()));
    assert_eq!((inbox.counters().stored, inbox.counters().duplicates, inbox.counters().done), (2, 1, 2));
    working.stop().await;
}

#[tokio::test]
async fn an_attempt_that_fails_is_made_again_with_its_errors_kept() {
    let (_folder, inbox) = inbox().await;
    let book = Book::default();
    let own = book.clone();
    let handler = move |hook: Received<Zeodyn>| {
        let attempt = own.write(&hook);
        assert_eq!(hook.is_last_attempt(), attempt == 5);
        async move {
            match attempt {
                1 => Err("the database is down".into()),
                2 => panic!("a bug"),
                3 => Ok(End::retry_after(Duration::ZERO, "not yet")),
                _ => Ok::<_, Box<dyn std::error::Error + Send + Sync>>(End::done()),
            }
        }
    };
    let inbox = inbox.on::<Zeodyn, _>(handler).with_backoff(at_once(5));
    put(&inbox, &["1"]).await;
    let working = Working::start(&inbox);
    ends(&inbox, "1", State::Done).await;
    working.stop().await;
    let rows = rows(&inbox).await;
    let errors: Vec<_> = rows[0].errors.iter().map(|error| (error.attempt, error.why.as_str())).collect();
    assert_eq!(errors, [(1, "the database is down"), (2, "the handler panicked: a bug"), (3, "not yet")]);
    assert_eq!((book.entries().len(), rows[0].attempts, inbox.counters().retried), (4, 4, 3));
}

#[tokio::test]
async fn a_dead_letter_is_kept_with_its_body_and_can_be_redriven() {
    let (_folder, inbox) = inbox().await;
    let is_mended = Arc::new(AtomicUsize::new(0));
    let flag = Arc::clone(&is_mended);
    let handler = move |hook: Received<Zeodyn>| {
        let is_mended = flag.load(SeqCst) == 1;
        let given_up = hook.resource_id() == Some("given up");
        async move {
            match (is_mended, given_up) {
                (true, _) => End::done(),
                (false, true) => End::give_up("it makes no sense"),
                (false, false) => End::retry("still broken"),
            }
        }
    };
    let inbox = inbox.on::<Zeodyn, _>(handler).with_backoff(at_once(3));
    let working = Working::start(&inbox);
    put(&inbox, &["given up", "tried"]).await;
    ends(&inbox, "given up", State::Dead).await;
    ends(&inbox, "tried", State::Dead).await;
    for row in rows(&inbox).await {
        let expected = if row.sealed.columns().resource.as_deref() == Some("tried") { 3 } else { 1 };
        assert_eq!((row.attempts, row.errors.len()), (expected, usize::try_from(expected).unwrap()));
        assert!(row.bytes.is_some());
    }
    assert_eq!(inbox.counters().dead, 2);
    is_mended.store(1, SeqCst);
    assert_eq!(inbox.ledger().redrive(Filter::default(), 0).await.unwrap(), 2);
    inbox.wake();
    ends(&inbox, "given up", State::Done).await;
    ends(&inbox, "tried", State::Done).await;
    working.stop().await;
}

#[tokio::test]
async fn an_attempt_has_a_deadline() {
    let (_folder, inbox) = inbox().await;
    let handler = |_: Received<Zeodyn>| std::future::pending::<()>();
    let inbox = inbox.on::<Zeodyn, _>(handler).with_backoff(at_once(1)).with_attempt_timeout(Duration::from_millis(20));
    let working = Working::start(&inbox);
    put(&inbox, &["1"]).await;
    ends(&inbox, "1", State::Dead).await;
    assert_eq!(rows(&inbox).await[0].errors[0].why, "the handler missed its deadline of 20 ms");
    working.stop().await;
}

#[tokio::test]
async fn no_more_run_at_the_same_time_than_allowed() {
    let (_folder, inbox) = inbox().await;
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (own_running, own_most) = (Arc::clone(&running), Arc::clone(&most));
    let handler = move |_: Received<Zeodyn>| {
        let (running, most) = (Arc::clone(&own_running), Arc::clone(&own_most));
        async move {
            most.fetch_max(running.fetch_add(1, SeqCst) + 1, SeqCst);
            tokio::time::sleep(Duration::from_millis(5)).await;
            running.fetch_sub(1, SeqCst);
        }
    };
    let inbox = inbox.on::<Zeodyn, _>(handler).with_concurrency(8).with_concurrency_of::<Zeodyn>(3);
    let ids: Vec<String> = (0..30).map(|id| id.to_string()).collect();
    put(&inbox, &ids.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let working = Working::start(&inbox);
    until("all are done", || async { inbox.counters().done == 30 }).await;
    assert_eq!(most.load(SeqCst), 3);
    working.stop().await;
}

/// The delay is by the clock of the inbox.
#[tokio::test]
async fn a_retry_is_not_made_before_it_is_due() {
    let (_folder, inbox) = inbox().await;
    let (book, clock) = (Book::default(), at(1_700_000_000));
    let own = book.clone();
    let handler = move |hook: Received<Zeodyn>| {
        let attempt = own.write(&hook);
        std::future::ready(if attempt == 1 {
            End::retry_after(Duration::from_secs(3600), "later")
        } else {
            End::done()
        })
    };
    let inbox = inbox.on::<Zeodyn, _>(handler).with_clock(clock.clone());
    let working = Working::start(&inbox);
    put(&inbox, &["1"]).await;
    until("the first attempt ended", || async { inbox.counters().retried == 1 }).await;
    clock.advance(Duration::from_secs(3599));
    inbox.wake();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(book.entries().len(), 1);
    clock.advance(Duration::from_secs(1));
    inbox.wake();
    ends(&inbox, "1", State::Done).await;
    working.stop().await;
}

#[tokio::test]
async fn order_is_kept_by_resource_and_only_there() {
    let (_folder, inbox) = inbox().await;
    let book = Book::default();
    let own = book.clone();
    let handler = move |hook: Received<Zeodyn>| {
        let (attempt, is_first) = (own.write(&hook), hook.body().ends_with(br#""n":1}"#));
        std::future::ready(if is_first && attempt < 3 { End::retry("again") } else { End::done() })
    };
    let inbox = inbox.on::<Zeodyn, _>(handler).with_backoff(at_once(5)).in_order_by_resource();
    for (id, n) in [("a", 1), ("a", 2), ("b", 2), ("a", 3)] {
        let body =
            format!(r#"{{"event":"scan_complete","scanId":"{id}","timestamp":"2026-01-0{n}T00:00:00Z","n":{n}}}"#);
        let delivery = delivery_of::<Zeodyn>(&body);
        inbox.store::<Zeodyn>().accept(&delivery).await.unwrap();
    }
    let working = Working::start(&inbox);
    until("all are done", || async { inbox.counters().done == 4 }).await;
    let of_a: Vec<_> = book.entries().into_iter().filter(|(id, _)| id == "a").map(|(_, attempt)| attempt).collect();
    // Three attempts of the first, and then one of each of the others.
    assert_eq!(of_a, [1, 2, 3, 1, 1]);
    working.stop().await;
}

#[tokio::test]
async fn a_shutdown_waits_for_handlers_and_gives_back_the_others() {
    let (folder, inbox) = inbox().await;
    let started = Arc::new(AtomicUsize::new(0));
    let own = Arc::clone(&started);
    let handler = move |hook: Received<Zeodyn>| {
        own.fetch_add(1, SeqCst);
        let is_slow = hook.resource_id() == Some("slow");
        async move { tokio::time::sleep(if is_slow { Duration::from_secs(600) } else { Duration::from_millis(100) }).await }
    };
    let inbox = inbox.on::<Zeodyn, _>(handler).with_grace(Duration::from_millis(600));
    put(&inbox, &["quick", "slow"]).await;
    let working = Working::start(&inbox);
    until("both run", || async { started.load(SeqCst) == 2 }).await;
    put(&inbox, &["late"]).await;
    let before = Instant::now();
    working.stop().await;
    assert!(before.elapsed() < Duration::from_secs(20));
    assert_eq!(state(&inbox, "quick").await, Some(State::Done));
    // The attempt that was stopped does not count.
    let all = rows(&inbox).await;
    let slow = all.iter().find(|row| row.sealed.columns().resource.as_deref() == Some("slow")).unwrap();
    assert_eq!((slow.state, slow.attempts, slow.deaths), (State::Ready, 0, 0));
    // The next worker takes over at once.
    let next = open(folder.path()).await.on::<Zeodyn, _>(|_: Received<Zeodyn>| std::future::ready(()));
    let working = Working::start(&next);
    ends(&next, "slow", State::Done).await;
    ends(&next, "late", State::Done).await;
    working.stop().await;
}

#[tokio::test]
async fn one_worker_works_and_the_next_one_waits() {
    let (folder, inbox) = inbox().await;
    let (first, second) = (Book::default(), Book::default());
    let on = |inbox: Inbox, book: &Book| {
        let book = book.clone();
        inbox.on::<Zeodyn, _>(move |hook: Received<Zeodyn>| {
            book.write(&hook);
            std::future::ready(())
        })
    };
    let inbox = on(inbox, &first);
    let other = on(open(folder.path()).await, &second);
    let working = Working::start(&inbox);
    put(&inbox, &["1"]).await;
    ends(&inbox, "1", State::Done).await;
    let waiting = Working::start(&other);
    // Any process may store.
    put(&other, &["2"]).await;
    ends(&other, "2", State::Done).await;
    assert_eq!((first.entries().len(), second.entries().len()), (2, 0));
    working.stop().await;
    put(&inbox, &["3"]).await;
    ends(&inbox, "3", State::Done).await;
    assert_eq!((first.entries().len(), second.entries().len()), (2, 1));
    waiting.stop().await;
}

#[test]
fn a_setting_about_a_provider_without_a_handler_says_so() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let panic = std::panic::catch_unwind(|| {
        runtime.block_on(async {
            let (_folder, inbox) = inbox().await;
            let _ = inbox.with_concurrency_of::<Zeodyn>(1);
        });
    });
    let text = panic.unwrap_err().downcast_ref::<String>().cloned().unwrap();
    assert_eq!(text, "`with_concurrency_of` is about Zeodyn, which has no handler yet: call `on` before it");
}

const BODY: &str = r#"{"event":"analysis.completed","data":{"id":"ana_1"}}"#;

#[tokio::test]
async fn a_provider_without_a_handler_of_its_own_goes_to_that_of_any() {
    let (_folder, inbox) = inbox().await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let own = Arc::clone(&seen);
    let any = move |hook: ReceivedAny| {
        let name = hook.open::<ScreenScore>().map(|delivery| delivery.event_name().to_owned());
        assert!(hook.open::<Zeodyn>().is_err(), "it is of another provider");
        let body = String::from_utf8_lossy(hook.body()).into_owned();
        let text = format!("{} {} {:?} {body} {}", hook.provider(), hook.event_name(), hook.trust(), hook.attempt());
        own.lock().unwrap().push((name.unwrap(), text));
        // The second attempt succeeds.
        let end = if hook.attempt() == 1 { End::retry("not yet") } else { End::done() };
        std::future::ready(end)
    };
    let book = Book::default();
    let inbox = inbox.with_backoff(at_once(3)).on_any(any).on::<Zeodyn, _>(book.handler());
    put(&inbox, &["1"]).await;
    let delivery = delivery_of::<ScreenScore>(BODY);
    let name = delivery.event_name().to_owned();
    inbox.store::<ScreenScore>().accept(&delivery).await.unwrap();
    let working = Working::start(&inbox);
    until("both are done", || async { rows(&inbox).await.iter().all(|row| row.state == State::Done) }).await;
    working.stop().await;
    assert_eq!(book.entries(), [("1".to_owned(), 1)]);
    let line = |attempt| (name.clone(), format!("screenscore {name} Signed {BODY} {attempt}"));
    assert_eq!(*seen.lock().unwrap(), [line(1), line(2)]);
}
