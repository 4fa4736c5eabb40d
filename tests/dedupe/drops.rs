//! F17: the guarded future is dropped at every await point once.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use bytes::Bytes;
use countersign::{
    dedupe::{Admission, Claim, ClaimStore, DELIVERY_HEADER, DUPLICATE, Dedupe, MemoryStore, Outcome},
    providers::Zeodyn,
    tower::VerifyWebhook,
};
use futures_util::future::join_all;
use http_body_util::Full;
use tokio::{task::yield_now, time::sleep};
use tower::{Layer, ServiceExt, service_fn};

use crate::{
    convert::{of, to_http},
    deliveries::{DroppedAfter, about, tokio_clock},
    ledger::{Call, Ledger},
    redis::Redis,
};

/// By tokio's clock, which is paused; on Redis by the server's.
const LEASE: Duration = Duration::from_secs(1);

/// Counts the handlers that ran to their end.
async fn handler(ends: Arc<AtomicUsize>) {
    for _ in 0..3 {
        yield_now().await;
    }
    ends.fetch_add(1, SeqCst);
}

/// Claims and handles a delivery; whether it was a duplicate.
async fn guarded(dedupe: Dedupe, id: &str, ends: Arc<AtomicUsize>) -> bool {
    match dedupe.admit(&about(id), sleep).await {
        Admission::Claimed(lease) => {
            lease.hold(handler(ends), |()| Outcome::Done, sleep).await.expect("in time");
            false
        }
        Admission::Duplicate => true,
        other => panic!("{other:?}"),
    }
}

fn memory() -> MemoryStore {
    MemoryStore::new().with_clock(tokio_clock())
}

/// Drops the future after this many polls, and delivers the same again when the lease has expired. Whether the future
/// ended before.
async fn drop_after<S: ClaimStore>(ledger: Ledger<S>, polls: usize) -> bool {
    let books = ledger.books();
    let dedupe = Dedupe::new(ledger).with_lease(LEASE);
    let (id, ends) = (format!("dropped-{polls}"), Arc::new(AtomicUsize::new(0)));
    let (instance, its, name) = (dedupe.clone(), Arc::clone(&ends), id.clone());
    let first = tokio::spawn(async move { DroppedAfter::new(polls, guarded(instance, &name, its)).await });
    let task = first.id();
    let first = first.await.unwrap();
    let ended = ends.load(SeqCst);
    let calls = books.calls(task);
    let is_committed = matches!(calls.last(), Some(Call::Commit(Some(_))));
    assert!(ended == 1 || !is_committed, "I2: committed before its end, after {polls} polls");
    if let Some(Call::Claim(Some(claim))) = calls.first() {
        assert_eq!(*claim, Claim::New);
    }

    sleep(LEASE + LEASE / 10).await;
    let is_duplicate = tokio::spawn({
        let (instance, its) = (dedupe.clone(), Arc::clone(&ends));
        async move { guarded(instance, &id, its).await }
    });
    let is_duplicate = is_duplicate.await.unwrap();
    let runs = ends.load(SeqCst);
    assert!(runs >= 1, "F17: swallowed after {polls} polls");
    assert!(!is_duplicate || ended == 1, "I2: a duplicate of what did not end, after {polls} polls");
    assert!(!is_committed || runs == 1, "I3: handled again after {polls} polls");
    assert_eq!(books.violations(), Vec::<String>::new());
    assert!(first.is_none() || is_duplicate && runs == 1);
    first.is_some()
}

#[tokio::test(start_paused = true)]
async fn f17_dropped_at_any_poll_a_delivery_ends_or_runs_again_in_memory() {
    let ledger = Ledger::new(memory(), 3);
    let mut polls = 0;
    while !drop_after(ledger.clone(), polls).await {
        polls += 1;
    }
    assert!(polls >= 15, "every wait of the store and of the handler: {polls}");
}

#[tokio::test]
async fn f17_dropped_at_any_poll_a_delivery_ends_or_runs_again_on_redis() {
    let redis = Redis::start();
    let ledger = Ledger::new(redis.store().await, 1);
    // All at once: they mostly wait for their leases.
    let ended = join_all((0..30).map(|polls| drop_after(ledger.clone(), polls))).await;
    let polls = ended.iter().take_while(|has_ended| !**has_ended).count();
    assert!((9..30).contains(&polls), "every wait of the store and of the handler, and then the end: {polls}");
}

#[tokio::test(start_paused = true)]
async fn f17_f16_a_client_that_hangs_up_at_any_poll_neither_stops_nor_repeats_the_handler() {
    let ledger = Ledger::new(memory(), 3);
    let dedupe = Dedupe::new(ledger.clone()).with_lease(LEASE);
    let (mut polls, mut before_the_handler, mut beside_it) = (0, 0, 0);
    loop {
        let ends = Arc::new(AtomicUsize::new(0));
        let its = Arc::clone(&ends);
        let inner = service_fn(move |_: http::Request<Full<Bytes>>| {
            let ends = Arc::clone(&its);
            async move {
                handler(ends).await;
                Ok::<_, Infallible>(http::Response::<Full<Bytes>>::default())
            }
        });
        let service = VerifyWebhook::zeodyn(of::<Zeodyn>().secret()).with_dedupe(dedupe.clone()).layer(inner);
        let request = crate::convert::about(&format!("hung-up-{polls}"));
        let first = service.clone().oneshot(to_http::<Full<Bytes>>(&request));
        let first = tokio::spawn(DroppedAfter::new(polls, first)).await.unwrap();
        sleep(LEASE + LEASE / 10).await;
        match (&first, ends.load(SeqCst)) {
            (None, 0) => before_the_handler += 1,
            (None, 1) => beside_it += 1,
            (Some(Ok(response)), 1) => assert_eq!(response.status(), 200),
            other => panic!("{other:?} after {polls} polls"),
        }
        let ran = ends.load(SeqCst);

        let second = tokio::spawn(service.oneshot(to_http::<Full<Bytes>>(&request))).await.unwrap().unwrap();
        assert_eq!(second.status(), 200);
        let mark = second.headers().get(DELIVERY_HEADER).map(|mark| mark.to_str().unwrap());
        assert_eq!(mark, (ran == 1).then_some(DUPLICATE), "after {polls} polls");
        assert_eq!(ends.load(SeqCst), 1, "handled once, after {polls} polls");
        assert_eq!(ledger.books().violations(), Vec::<String>::new());
        if first.is_some() {
            break;
        }
        polls += 1;
    }
    assert!(before_the_handler >= 6, "every wait of the claim: {before_the_handler}");
    assert!(beside_it >= 1, "the wait for the handler's task: {beside_it}");
}

/// A process that is killed takes the handler's task along.
#[tokio::test(start_paused = true)]
async fn f1_what_was_claimed_by_a_task_that_never_ran_is_free_after_the_lease() {
    let dedupe = Dedupe::new(memory()).with_lease(LEASE);
    let Admission::Claimed(lease) = dedupe.admit(&about("killed"), sleep).await else { panic!() };
    drop(lease);
    sleep(LEASE - Duration::from_millis(1)).await;
    assert!(matches!(dedupe.admit(&about("killed"), sleep).await, Admission::Rejected(_)), "still leased");
    sleep(Duration::from_millis(1)).await;
    assert!(matches!(dedupe.admit(&about("killed"), sleep).await, Admission::Claimed(_)), "I2");
}

#[tokio::test(start_paused = true)]
async fn f14_a_handler_that_hangs_is_dropped_before_its_lease_ends() {
    let ledger = Ledger::new(memory(), 2);
    let dedupe = Dedupe::new(ledger.clone()).with_lease(LEASE).with_handler_timeout(LEASE * 3);
    let held = tokio::spawn({
        let dedupe = dedupe.clone();
        async move {
            let Admission::Claimed(lease) = dedupe.admit(&about("hangs"), sleep).await else { panic!() };
            lease.hold(std::future::pending::<()>(), |()| Outcome::Done, sleep).await
        }
    });
    sleep(LEASE * 2).await;
    assert!(matches!(dedupe.counters().released(), 0));
    let error = held.await.unwrap().unwrap_err();
    assert_eq!((error.status(), error.to_string().as_str()), (503, "the handler did not answer in time"));
    let counts = dedupe.counters();
    assert_eq!(
        (counts.timed_out(), counts.released(), counts.lost()),
        (1, 1, 0),
        "the lease was renewed all the while"
    );
    let task = tokio::spawn(async move { matches!(dedupe.admit(&about("hangs"), sleep).await, Admission::Claimed(_)) });
    assert!(task.await.unwrap(), "I2: free at once");
    assert_eq!(ledger.books().violations(), Vec::<String>::new());
}
