//! What would leave deliveries unhandled is said, once.

use std::time::Duration;

use countersign::{
    inbox::{Backoff, End, Received},
    providers::{ScreenScore, Zeodyn},
};
use countersign_test_support::capture::Capture;

use super::{Book, Working, at, delivery, delivery_of, inbox, rows, until};

/// How often a message with this beginning was logged since the last time.
fn count(capture: &Capture, beginning: &str) -> usize {
    let is_it = |text: &str| text.starts_with(beginning);
    capture.take().0.iter().filter(|traced| traced.field("message").is_some_and(is_it)).count()
}

#[tokio::test]
async fn a_worker_that_never_runs_is_warned_of() {
    const TEXT: &str = "deliveries are stored, and `run` was not called in this process";

    let (_folder, inbox) = inbox().await;
    let clock = at(1_700_000_000);
    let inbox = inbox.with_clock(clock.clone());
    let store = inbox.store::<Zeodyn>();
    let capture = Capture::start();
    store.accept(&delivery("1")).await.unwrap();
    // A service starts.
    assert_eq!(count(&capture, TEXT), 0);
    clock.advance(Duration::from_secs(31));
    store.accept(&delivery("2")).await.unwrap();
    store.accept(&delivery("3")).await.unwrap();
    assert_eq!(count(&capture, TEXT), 1);
}

#[tokio::test]
async fn a_provider_that_is_stored_without_a_handler_is_warned_of() {
    const TEXT: &str = "deliveries of this provider are stored, and the inbox has no handler for them";

    let (_folder, inbox) = inbox().await;
    let inbox = inbox.on::<Zeodyn, _>(Book::default().handler());
    let _stores = (inbox.store::<Zeodyn>(), inbox.store::<ScreenScore>());
    for (inbox, expected) in [(inbox.clone().on_any(|_| std::future::ready(())), 0), (inbox, 1)] {
        let capture = Capture::start();
        let working = Working::start(&inbox);
        working.stop().await;
        assert_eq!(count(&capture, TEXT), expected);
    }
}

#[tokio::test]
async fn an_order_that_there_is_not_is_warned_of() {
    const TEXT: &str = "a delivery has no resource ID: `in_order_by_resource` keeps no order of such deliveries";

    let (_folder, inbox) = inbox().await;
    let inbox = inbox.in_order_by_resource();
    let store = inbox.store::<Zeodyn>();
    let capture = Capture::start();
    store.accept(&delivery("1")).await.unwrap();
    assert_eq!(count(&capture, TEXT), 0);
    for n in 1..=2 {
        let body = format!(r#"{{"event":"scan_complete","timestamp":"2026-01-0{n}T00:00:00Z"}}"#);
        store.clone().accept(&delivery_of::<Zeodyn>(&body)).await.unwrap();
    }
    assert_eq!(count(&capture, TEXT), 1);
}

/// A person may have sent it again after mending the handler.
#[tokio::test]
async fn a_dead_letter_that_comes_again_is_warned_of() {
    const TEXT: &str = "a delivery came again that is a dead letter: to have it handled again, redrive it";

    let (_folder, inbox) = inbox().await;
    let handler = |_: Received<Zeodyn>| std::future::ready(End::give_up("no"));
    let inbox = inbox.with_backoff(Backoff::new(1)).on::<Zeodyn, _>(handler);
    let store = inbox.store::<Zeodyn>();
    store.accept(&delivery("1")).await.unwrap();
    let working = Working::start(&inbox);
    until("it is dead", || async { inbox.counters().dead == 1 }).await;
    until("it is settled", || async { rows(&inbox).await[0].settled.is_some() }).await;
    working.stop().await;
    let capture = Capture::start();
    store.accept(&delivery("1")).await.unwrap();
    assert_eq!(count(&capture, TEXT), 1);
}
