//! Calls that start together.

use std::{collections::HashMap, sync::Arc};

use countersign_core::dedupe::LeaseState;
use tokio::{sync::Barrier, task::JoinSet};

use super::{Given, Store, dead, done, request, retry, token};
use crate::store::{ClaimRequest, Counts, Filter, Ledger, Queue, Settled, Stored};

const RUNNERS: u8 = 16;
const ROUNDS: u8 = 10;

pub(super) async fn check<S: Queue + Ledger>(store: &Store<S>) {
    for round in 0..ROUNDS {
        let stored =
            store.at_once(move |store, _| async move { store.store(Given::new(round).incoming()).await.ok() }).await;
        let new = stored.iter().filter(|stored| **stored == Some(Stored::New)).count();
        let duplicates = stored.iter().filter(|stored| matches!(stored, Some(Stored::Duplicate(_)))).count();
        assert_eq!((new, duplicates), (1, usize::from(RUNNERS) - 1), "equal deliveries at once: {stored:?}");
    }
    store.store_all((ROUNDS..100).map(Given::new)).await;
    let claimed = store
        .at_once(|store, runner| async move {
            let some = ClaimRequest { at_most: 10, ..request(token(runner)) };
            store.claim(some).await.unwrap_or_default()
        })
        .await;
    let claimed: Vec<_> = claimed.into_iter().flatten().collect();
    let by_row: HashMap<_, _> = claimed.iter().map(|claimed| (claimed.claim.id, claimed.claim)).collect();
    assert_eq!((claimed.len(), by_row.len()), (100, 100), "of claims at once, each row is in one");
    for claim in by_row.into_values().take(ROUNDS.into()) {
        let ends = store
            .at_once(move |store, runner| async move {
                let settled = match runner % 4 {
                    0 => done(),
                    1 => retry(),
                    2 => dead(),
                    _ => Settled::Returned,
                };
                store.settle(claim, settled).await.ok()
            })
            .await;
        let held = ends.iter().filter(|end| **end == Some(LeaseState::Held)).count();
        let lost = ends.iter().filter(|end| **end == Some(LeaseState::Lost)).count();
        assert_eq!((held, lost), (1, usize::from(RUNNERS) - 1), "ends of one attempt at once: {ends:?}");
    }
    let Counts { ready, claimed, done, dead, .. } = store.counts(Filter::default()).await;
    assert_eq!((claimed, ready + done + dead), (100 - u64::from(ROUNDS), ROUNDS.into()), "the rows after all");
}

impl<S: Queue + Ledger> Store<S> {
    /// Starts calls together and returns their answers.
    async fn at_once<T, F>(&self, call: impl Fn(Arc<S>, u8) -> F) -> Vec<T>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let start = Arc::new(Barrier::new(RUNNERS.into()));
        let mut calls = JoinSet::new();
        for number in 0..RUNNERS {
            let (start, call) = (Arc::clone(&start), call(Arc::clone(&self.0), number));
            calls.spawn(async move {
                start.wait().await;
                call.await
            });
        }
        calls.join_all().await
    }
}
