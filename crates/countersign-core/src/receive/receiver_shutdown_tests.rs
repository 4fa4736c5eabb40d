//! The shutdown: handlers that run are counted, awaited and stopped.

use std::{
    future::{Future, pending, poll_fn},
    pin::Pin,
    task::{Context, Poll, Waker},
};

use tokio::task::{consume_budget, yield_now};

use super::{
    claims::{Memory, TEST, leased},
    leases::hang,
    *,
};
use crate::dedupe::{Dedupe, Outcome};

fn is_ready(future: Pin<&mut impl Future<Output = ()>>) -> bool {
    future.poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

#[tokio::test]
async fn c16_a_dedupe_is_idle_once_no_handler_runs() {
    let dedupe = Dedupe::new(Memory::default());
    let receiver = plain::<GeoScored>().with_dedupe(dedupe.clone().with_namespace("a clone counts, too"));
    assert_eq!(dedupe.running(), 0);
    dedupe.idle().await;
    let (one, other) = (leased(genuine(&receiver, SCAN).await), leased(genuine(&receiver, TEST).await));
    let mut idle = std::pin::pin!(dedupe.idle());
    assert_eq!((dedupe.running(), is_ready(idle.as_mut())), (2, false), "they are claimed");
    let waits = tokio::spawn(dedupe.idle());
    let (end, ends) = tokio::sync::oneshot::channel();
    let task = tokio::spawn(one.hold(ends, |_| Outcome::Done, sleep));
    other.hold(async {}, |()| Outcome::Done, sleep).await.unwrap();
    assert_eq!((dedupe.running(), is_ready(idle.as_mut())), (1, false));
    end.send(()).unwrap();
    waits.await.unwrap();
    assert_eq!((dedupe.running(), is_ready(idle.as_mut())), (0, true));
    // It was committed before.
    assert!(matches!(answered(genuine(&receiver, SCAN).await).why(), Why::Duplicate));
    task.await.unwrap().unwrap().unwrap();

    // Whatever ends it.
    let lease = leased(genuine(&receiver, &SCAN.replace("abc", "dropped")).await);
    assert_eq!(dedupe.running(), 1);
    drop(lease);
    let task = tokio::spawn(leased(genuine(&receiver, &SCAN.replace("abc", "aborted")).await).hold(
        pending::<()>(),
        |()| Outcome::Done,
        sleep,
    ));
    yield_now().await;
    task.abort();
    dedupe.idle().await;
    assert_eq!(dedupe.running(), 0);
}

#[tokio::test]
async fn c16_a_stop_ends_every_handler_and_releases_its_delivery() {
    let store = Arc::new(Memory::default());
    let dedupe = Dedupe::new(Arc::clone(&store));
    let receiver = plain::<GeoScored>().with_dedupe(dedupe.clone());
    let waits = tokio::spawn(leased(genuine(&receiver, SCAN).await).hold(pending::<()>(), |()| Outcome::Done, sleep));
    let spins = leased(genuine(&receiver, TEST).await);
    let spins = tokio::spawn(spins.hold(
        async {
            loop {
                consume_budget().await;
            }
        },
        |()| Outcome::Done,
        sleep,
    ));
    // It is claimed, and its handler begins after the stop.
    let late = leased(genuine(&receiver, &SCAN.replace("abc", "late")).await);
    yield_now().await;
    let stop = tokio::spawn(dedupe.stop());
    for handler in [waits, spins] {
        assert_eq!(handler.await.unwrap().unwrap_err().kind(), RejectionKind::ShuttingDown);
    }
    assert_eq!(hang(late).await, RejectionKind::ShuttingDown);
    stop.await.unwrap();
    for body in [SCAN, TEST, &SCAN.replace("abc", "new")] {
        let answer = answered(genuine(&receiver, body).await);
        assert_eq!((kind(&answer), answer.status()), (RejectionKind::ShuttingDown, 503));
    }
    // Another process handles them.
    let other = plain::<GeoScored>().with_dedupe(Dedupe::new(store));
    for body in [SCAN, &SCAN.replace("abc", "late")] {
        leased(genuine(&other, body).await).hold(async {}, |()| Outcome::Done, sleep).await.unwrap();
    }
}

#[tokio::test]
async fn c16_a_handler_that_changes_its_task_is_stopped_in_the_new_one() {
    let dedupe = Dedupe::new(Memory::default());
    let receiver = plain::<GeoScored>().with_dedupe(dedupe.clone());
    let lease = leased(genuine(&receiver, SCAN).await);
    let mut held = Box::pin(lease.hold(pending::<()>(), |()| Outcome::Done, sleep));
    assert!(poll_fn(|cx| Poll::Ready(held.as_mut().poll(cx))).await.is_pending());
    let moved = tokio::spawn(held);
    yield_now().await;
    dedupe.stop().await;
    assert_eq!(moved.await.unwrap().unwrap_err().kind(), RejectionKind::ShuttingDown);
}

/// Its drop asks the `Dedupe`, as that of a task does which owns another handler.
struct AsksInDrop(Dedupe);

impl std::task::Wake for AsksInDrop {
    fn wake(self: Arc<Self>) {}
}

impl Drop for AsksInDrop {
    fn drop(&mut self) {
        self.0.running();
    }
}

#[tokio::test]
async fn c16_a_task_that_is_dropped_with_a_handler_does_not_lock_it_out() {
    let dedupe = Dedupe::new(Memory::default());
    let receiver = plain::<GeoScored>().with_dedupe(dedupe.clone());
    let lease = leased(genuine(&receiver, SCAN).await);
    let mut held = Box::pin(lease.hold(pending::<()>(), |()| Outcome::Done, sleep));
    for _ in 0..2 {
        let waker = Arc::new(AsksInDrop(dedupe.clone())).into();
        assert!(held.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    }
    drop(held);
    assert_eq!(dedupe.running(), 0);
}
