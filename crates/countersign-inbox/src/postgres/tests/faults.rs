//! Too much at once.

use super::{Place, incoming, number, says};
use crate::{
    error::StoreErrorKind::Unavailable,
    store::{Filter, Intake, Ledger, Purge, Stored},
};

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_find_no_room_fail_at_once_and_those_that_wait_are_stored() {
    let place = Place::new();
    let one = place.open().await;
    // Somebody else holds the table, so that everything waits.
    let holder = place.sql().await;
    holder.batch_execute("BEGIN; LOCK countersign_inbox IN EXCLUSIVE MODE").await.unwrap();
    let calls: Vec<_> = (0..2_000)
        .map(|number| {
            let one = one.clone();
            tokio::spawn(async move { one.store(incoming(number)).await })
        })
        .collect();
    super::until(async || calls.iter().any(|call| call.is_finished())).await;
    // Others are answered all the while.
    assert_eq!(one.list(Filter::default(), 9).await.unwrap().len(), 0);
    holder.batch_execute("COMMIT").await.unwrap();
    let mut stored = 0;
    for call in calls {
        match call.await.unwrap() {
            Ok(answer) => {
                assert_eq!(answer, Stored::New);
                stored += 1;
            }
            failed => says(failed, Unavailable, "the inbox's server is too slow: 1024 calls wait for it already"),
        }
    }
    assert!(stored >= 1_024, "{stored}");
    assert_eq!(number(&holder, "SELECT count(*) FROM countersign_inbox").await, stored);
}

/// ANALYZE, another VACUUM and CREATE INDEX CONCURRENTLY hold such a lock for long.
#[tokio::test(flavor = "multi_thread")]
async fn purges_that_wait_leave_connections_to_others() {
    let place = Place::new();
    let one = place.with(place.settings().with_connections(4)).await;
    let holder = place.sql().await;
    holder.batch_execute("BEGIN; LOCK countersign_inbox_body IN SHARE UPDATE EXCLUSIVE MODE").await.unwrap();
    let mut purges = tokio::task::JoinSet::new();
    for number in 0..4 {
        super::store(&one, number).await;
        let one = one.clone();
        let id = one.list(Filter::default(), 1).await.unwrap()[0].id;
        purges.spawn(async move { one.purge(Filter { id: Some(id), ..Filter::default() }, Purge::Rows).await });
    }
    let is_waiting = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'VACUUM%' AND wait_event_type = 'Lock'";
    super::until(async || number(&holder, is_waiting).await > 0).await;
    for number in 10..30 {
        assert_eq!(one.store(incoming(number)).await.unwrap(), Stored::New);
    }
    // Nor does one that is given up.
    purges.shutdown().await;
    for number in 30..50 {
        assert_eq!(one.store(incoming(number)).await.unwrap(), Stored::New);
    }
    holder.batch_execute("COMMIT").await.unwrap();
}
