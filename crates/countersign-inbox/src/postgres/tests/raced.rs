//! Two machines on one database, at once.

use std::{collections::HashSet, sync::Arc};

use tokio::{sync::Barrier, task::JoinSet};

use super::{NOW, Place, columns, incoming, number, request, token};
use crate::store::{
    ClaimRequest, Filter, Incoming, Intake, Ledger, Purge, Queue, Recovery, Retention, Settled, Stored,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_deliveries_that_come_twenty_times_at_once_are_stored_and_claimed_once_each() {
    let place = Place::new();
    let stores = [place.open().await, place.open().await];
    let start = Arc::new(Barrier::new(20));
    let mut senders = JoinSet::new();
    for sender in 0..20_u64 {
        let (store, start) = (stores[usize::from(sender % 2 == 0)].clone(), Arc::clone(&start));
        senders.spawn(async move {
            start.wait().await;
            let mut calls = JoinSet::new();
            for number in 0..100 {
                // Each sender in another order.
                let store = store.clone();
                calls.spawn(async move { store.store(incoming((number * 7 + sender * 13) % 100)).await.unwrap() });
            }
            calls.join_all().await.into_iter().filter(|stored| *stored == Stored::New).count()
        });
    }
    assert_eq!(senders.join_all().await.into_iter().sum::<usize>(), 100);
    let sql = place.sql().await;
    super::until(async || number(&sql, "SELECT sum(duplicates) FROM countersign_inbox").await == 1_900).await;
    assert_eq!(number(&sql, "SELECT count(*) FROM countersign_inbox").await, 100);

    // Workers of both, while somebody sweeps, recovers and purges.
    let mut workers = JoinSet::new();
    for worker in 0..4_u8 {
        let store = stores[usize::from(worker % 2)].clone();
        workers.spawn(async move {
            let mut ids = Vec::new();
            let mut idle = 0;
            while idle < 3 {
                let mut some = ClaimRequest { token: token(worker), ..request(7) };
                some.is_fair = worker % 2 == 0;
                let claimed = store.claim(some).await.unwrap();
                idle = if claimed.is_empty() { idle + 1 } else { 0 };
                for claimed in claimed {
                    store.sweep(NOW, Retention::default()).await.unwrap();
                    store.recover(Recovery::new(token(worker), NOW, false, 2)).await.unwrap();
                    let none = Filter { tenant: Some("nobody".into()), ..Filter::default() };
                    store.purge(none, Purge::Rows).await.unwrap();
                    store.settle(claimed.claim, Settled::Done { now: NOW, keep_body_until: None }).await.unwrap();
                    ids.push(claimed.claim.id);
                }
            }
            ids
        });
    }
    let ids: Vec<_> = workers.join_all().await.into_iter().flatten().collect();
    assert_eq!((ids.len(), ids.iter().collect::<HashSet<_>>().len()), (100, 100));
    assert_eq!(stores[0].counts(Filter::default()).await.unwrap().done, 100);
}

/// Of each resource, one runs at a time, and they end in the order in which they were stored, while senders, workers,
/// people who redrive and duplicates are in each other's way.
#[tokio::test(flavor = "multi_thread")]
async fn deliveries_about_one_resource_run_one_at_a_time_and_none_is_left_waiting() {
    const RESOURCES: u64 = 5;
    let place = Place::new();
    let stores = [place.open().await, place.open().await];
    let mut tasks = JoinSet::new();
    for sender in 0..RESOURCES {
        for copy in 0..2 {
            // One sender of each resource, and one that repeats everything.
            let store = stores[usize::from((sender + copy) % 2 == 0)].clone();
            tasks.spawn(async move {
                for number in 0..30_u64 {
                    let mut columns = columns(sender * 1_000 + number);
                    columns.resource = Some(format!("r{sender}"));
                    let mut incoming = Incoming::new(columns.into(), NOW);
                    incoming.is_ordered = true;
                    store.store(incoming).await.unwrap();
                }
            });
        }
    }
    let running: Arc<std::sync::Mutex<HashSet<String>>> = Arc::default();
    let ended: Arc<std::sync::Mutex<usize>> = Arc::default();
    for worker in 0..4_u8 {
        let (store, running, ended) = (stores[usize::from(worker % 2)].clone(), running.clone(), ended.clone());
        tasks.spawn(async move {
            let end = std::time::Instant::now() + std::time::Duration::from_secs(100);
            while *ended.lock().unwrap() < 30 * usize::try_from(RESOURCES).unwrap() {
                assert!(std::time::Instant::now() < end, "some wait for ever");
                let some = ClaimRequest { token: token(worker), ..request(3) };
                for claimed in store.claim(some).await.unwrap() {
                    let resource = claimed.sealed.columns().resource.clone().unwrap();
                    assert!(running.lock().unwrap().insert(resource.clone()), "two of {resource} run");
                    tokio::task::yield_now().await;
                    let is_first = claimed.claim.attempt == 1 && claimed.claim.id.0 % 3 == 0;
                    let settled = if is_first {
                        Settled::Retry { now: NOW, due: NOW, why: String::new() }
                    } else {
                        Settled::Done { now: NOW, keep_body_until: None }
                    };
                    assert!(running.lock().unwrap().remove(&resource));
                    store.settle(claimed.claim, settled).await.unwrap();
                    *ended.lock().unwrap() += usize::from(!is_first);
                }
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
        });
    }
    tasks.join_all().await;
    // They were stored in order, and ended in it.
    let sql = place.sql().await;
    let wrong = "SELECT count(*) FROM countersign_inbox AS a JOIN countersign_inbox AS b USING (resource)
        WHERE a.id < b.id AND (a.key > b.key)";
    assert_eq!(number(&sql, wrong).await, 0);
    assert_eq!(number(&sql, "SELECT count(*) FROM countersign_inbox WHERE state = 2").await, 150);
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(number(&sql, deadlocks).await, 0, "locks are taken in one order");
}

/// A claim that nobody waits for is given back.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_claimed_for_a_caller_that_is_gone_is_given_back() {
    let place = Place::new();
    let one = place.open().await;
    for number in 0..20 {
        super::store(&one, number).await;
    }
    for wait in 0..20_u64 {
        let claim = one.claim(request(20));
        // Some are heard, and others end at any moment.
        let heard = tokio::time::timeout(std::time::Duration::from_micros(wait * 300), claim).await;
        for claimed in heard.into_iter().flatten().flatten() {
            one.settle(claimed.claim, Settled::Returned).await.unwrap();
        }
    }
    let sql = place.sql().await;
    let free = "SELECT count(*) FROM countersign_inbox WHERE state = 0 AND attempts = 0";
    super::until(async || number(&sql, free).await == 20).await;
}
