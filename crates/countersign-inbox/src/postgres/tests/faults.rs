//! Too much at once.

use super::{Place, incoming, number, says};
use crate::{
    error::StoreErrorKind::Unavailable,
    store::{Filter, Intake, Ledger, Stored},
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
