//! How much an inbox takes.

use super::{NOW, Place, columns, incoming, request, says, store, until};
use crate::{
    error::StoreErrorKind::Full,
    store::{Incoming, Intake, Queue, Settled, Stored},
};

#[tokio::test]
async fn open_rows_and_bytes_have_bounds_which_others_reach_too() {
    let place = Place::new();
    let (one, two) = (place.open().await, place.with(place.settings().with_max_open_rows(3)).await);
    for number in 1..=3 {
        store(&two, number).await;
    }
    let text = "the inbox has 3 deliveries that wait: find out why they are not handled, or raise `max_open_rows`";
    says(two.store(incoming(4)).await, Full, text);
    // One that is known is not new, and one that is dead from the start is not open.
    assert!(matches!(store(&two, 1).await, Stored::Duplicate(_)));
    let unreadable = Incoming { unreadable: Some("it is not JSON".into()), ..incoming(5) };
    assert_eq!(two.store(unreadable).await.unwrap(), Stored::New);
    // What ends, and what another process stores, counts after a while.
    let claimed = one.claim(request(1)).await.unwrap();
    one.settle(claimed[0].claim, Settled::Done { now: NOW, keep_body_until: None }).await.unwrap();
    until(async || two.store(incoming(6)).await.is_ok()).await;
    says(two.store(incoming(7)).await, Full, text);

    let small = place.with(place.settings().with_max_bytes(1_000)).await;
    let big = |number, bytes: usize| {
        let mut columns = columns(number);
        columns.body = Some(vec![b'x'; bytes].into());
        small.store(Incoming::new(columns.into(), NOW))
    };
    let before = 3 * columns(1).body.unwrap().len();
    let text = |bytes| {
        format!(
            "the inbox has {bytes} bytes of deliveries that wait: find out why they are not handled, or raise `max_bytes`"
        )
    };
    says(big(8, 1_001 - before).await, Full, &text(before));
    assert_eq!(big(9, 1_000 - before).await.unwrap(), Stored::New);
    says(big(10, 1).await, Full, &text(1_000));
}
