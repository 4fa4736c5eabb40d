//! Two stores on one file, at once.

use std::collections::HashSet;

use super::{NOW, Place, incoming, number, request, token};
use crate::store::{ClaimRequest, Filter, Intake, Ledger, Purge, Queue, Retention, Settled, Stored};

#[tokio::test(flavor = "multi_thread")]
async fn two_stores_on_one_file_store_each_delivery_once_and_claim_each_row_once() {
    let place = Place::new();
    let stores = [place.open(), place.open()];
    let mut calls = tokio::task::JoinSet::new();
    for sender in 0..16_u64 {
        // Each number comes from both stores, and from several senders.
        let store = stores[usize::from(sender % 2 == 0)].clone();
        calls.spawn(async move {
            let mut new = 0_u32;
            for number in 0..50 {
                let number = (number * 7 + sender / 4) % 100;
                new += u32::from(store.store(incoming(number)).await.unwrap() == Stored::New);
            }
            new
        });
    }
    let rows: u32 = number(
        &{
            let new: u32 = calls.join_all().await.into_iter().sum();
            let sql = place.sql();
            assert_eq!(number::<u32>(&sql, "SELECT count(*) FROM countersign_inbox"), new);
            assert_eq!(number::<u32>(&sql, "SELECT sum(duplicates) FROM countersign_inbox"), 16 * 50 - new);
            sql
        },
        "SELECT \"rows\" FROM countersign_inbox_totals WHERE state = 0",
    );

    // Workers of both, while somebody sweeps and purges.
    let mut workers = tokio::task::JoinSet::new();
    for worker in 0..4_u8 {
        let store = stores[usize::from(worker % 2)].clone();
        workers.spawn(async move {
            let mut ids = Vec::new();
            loop {
                let claimed = store.claim(ClaimRequest { token: token(worker), ..request(7) }).await.unwrap();
                if claimed.is_empty() {
                    return ids;
                }
                for claimed in claimed {
                    store.sweep(NOW, Retention::default()).await.unwrap();
                    let none = Filter { tenant: Some("nobody".into()), ..Filter::default() };
                    store.purge(none, Purge::Rows).await.map(drop).unwrap_or_default();
                    store.settle(claimed.claim, Settled::Done { now: NOW, keep_body_until: None }).await.unwrap();
                    ids.push(claimed.claim.id);
                }
            }
        });
    }
    let ids: Vec<_> = workers.join_all().await.into_iter().flatten().collect();
    assert_eq!((ids.len(), ids.iter().collect::<HashSet<_>>().len()), (rows as usize, rows as usize));
    assert_eq!(stores[0].counts(Filter::default()).await.unwrap().done, u64::from(rows));
    assert_eq!(number::<String>(&place.sql(), "PRAGMA integrity_check"), "ok");
}
