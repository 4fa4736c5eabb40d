//! An incident, replayed: the database of the handler is down for an hour.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use countersign::{
    inbox::{
        End, Received,
        store::{Row, State},
    },
    providers::Zeodyn,
};

use super::{Working, at, delivery, inbox, rows, until};

const DELIVERIES: usize = 200;

/// Everything that came in the hour is handled after it, none is dead, and they do not all come at once.
#[tokio::test]
async fn an_hour_without_the_database_loses_nothing() {
    let (_folder, inbox) = inbox().await;
    let (clock, is_down) = (at(1_700_000_000), Arc::new(AtomicBool::new(true)));
    let handled: Arc<Mutex<HashMap<String, u64>>> = Arc::default();
    let (own_clock, own_down, own_handled) = (clock.clone(), Arc::clone(&is_down), Arc::clone(&handled));
    let handler = move |hook: Received<Zeodyn>| {
        let second = own_clock.now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() - 1_700_000_000;
        std::future::ready(if own_down.load(SeqCst) {
            End::retry("the database is down")
        } else {
            own_handled.lock().unwrap().insert(hook.resource_id().unwrap().to_owned(), second);
            End::done()
        })
    };
    let inbox = inbox.on::<Zeodyn, _>(handler).with_clock(clock.clone());
    let working = Working::start(&inbox);
    let store = inbox.store::<Zeodyn>();
    let now = || i64::try_from(clock.now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis()).unwrap();
    let mut stored = 0;
    for step in 0.. {
        let is_hour_over = step >= 60;
        is_down.store(!is_hour_over, SeqCst);
        while !is_hour_over && stored < DELIVERIES * (step + 1) / 60 {
            store.accept(&delivery(&stored.to_string())).await.unwrap();
            stored += 1;
        }
        // What is due is tried before the clock moves on.
        until("what is due was tried", || async {
            inbox.wake();
            let is_settled = |row: &Row| row.state == State::Done || (row.state == State::Ready && row.due > now());
            rows(&inbox).await.iter().all(is_settled)
        })
        .await;
        if is_hour_over && handled.lock().unwrap().len() == DELIVERIES {
            break;
        }
        assert!(step < 60 + 24 * 6, "{} of {DELIVERIES} are handled", handled.lock().unwrap().len());
        clock.advance(Duration::from_secs(if is_hour_over { 600 } else { 60 }));
    }
    working.stop().await;
    let all = rows(&inbox).await;
    assert_eq!((all.len(), all.iter().filter(|row| row.state == State::Done).count()), (DELIVERIES, DELIVERIES));
    // No stampede: in no minute are more handled than a third, although all of them waited.
    let mut minutes: HashMap<u64, usize> = HashMap::new();
    for second in handled.lock().unwrap().values() {
        *minutes.entry(second / 60).or_default() += 1;
    }
    let most = minutes.values().max().copied().unwrap_or_default();
    assert!(most <= DELIVERIES / 3, "{most} in one minute: {minutes:?}");
}
