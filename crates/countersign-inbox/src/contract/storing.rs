//! What is stored comes back as it was, and once.

use bytes::Bytes;

use super::{Given, NOW, Store, of_row, request, token};
use crate::store::{AttemptError, Counts, Filter, Incoming, Ledger, Queue, State, Stored};

pub(super) async fn check<S: Queue + Ledger>(store: &Store<S>) {
    store.next_due(None, "the next row of an empty store").await;
    assert_eq!(store.counts(Filter::default()).await, Counts::default(), "the counts of an empty store");
    let every: Vec<u8> = (0..=255).collect();
    let unusual = [
        Given::new(1),
        Given::new(2).tenant("").about("").with(|columns| columns.event = String::new()),
        Given::new(3).with(|columns| columns.body = Some(Bytes::new())),
        Given::new(4).with(|columns| columns.body = Some(every.clone().into())),
        Given::new(5).with(|columns| columns.confirmed = Some(every.clone().into())),
        Given::new(6).with(|columns| columns.meta = every.clone().into()),
        Given::new(7).with(|columns| columns.seal = every.clone().into()),
        Given::new(8).tenant("'; DROP TABLE countersign_inbox; --").about("ÄÖÜ 漢字 🦀 %_\"\\\n\0"),
        Given::new(9).with(|columns| columns.body = Some(vec![b'x'; 1 << 20].into())),
    ];
    for given in &unusual {
        store.store(given.clone()).await;
    }
    for given in &unusual {
        let again = given.clone().with(|columns| columns.body = Some(Bytes::from_static(b"another body")));
        let stored = store.0.store(again.incoming()).await;
        let is_it = matches!(stored, Ok(Stored::Duplicate(known)) if known.state == State::Ready);
        assert!(is_it, "an equal delivery: expected `Duplicate`, found {stored:?}");
    }
    let claimed = store.claim(request(token(1))).await;
    assert_eq!(claimed.len(), unusual.len(), "each delivery is stored once");
    for (given, claimed) in unusual.iter().zip(claimed) {
        assert!(claimed.sealed == given.sealed(), "a delivery comes back as it was stored, not as it came again");
        let row = store.row(claimed.claim.id).await;
        assert!(row.sealed == given.sealed(), "a row shows the delivery as it was stored");
        assert_eq!((row.duplicates, row.state, row.attempts), (1, State::Claimed, 1), "a row that came twice");
        let bytes = given.0.body.iter().chain(&given.0.confirmed).map(Bytes::len).sum::<usize>();
        assert_eq!(row.bytes, u64::try_from(bytes).ok(), "the bytes of a row");
        let listed = store.rows(of_row(claimed.claim.id)).await;
        assert!(listed[0].sealed.columns().body.is_none() && listed[0].bytes == row.bytes, "a list has no bodies");
    }
    // A key that differs in one bit is another one.
    for bit in 0..8 {
        let mut key = [10; 32];
        key[31] ^= 1 << bit;
        store.store(Given::new(10).with(|columns| columns.key = key.into())).await;
    }
}

pub(super) async fn dead_from_the_start<S: Queue + Ledger>(store: &Store<S>) {
    let given = Given::new(1).about("resource");
    let incoming = Incoming { unreadable: Some("it is not JSON".into()), ..given.incoming() };
    let stored = store.0.store(incoming).await;
    assert!(matches!(stored, Ok(Stored::New)), "a body that cannot be read: expected `New`, found {stored:?}");
    store.next_due(None, "the next row, of one that is dead").await;
    // It is not open: nothing waits for it.
    store.store(Given::new(2).about("resource").ordered()).await;
    let claimed = store.claims(request(token(1)), &[2], "a delivery that cannot be read is not claimed").await;
    store.end(&claimed[0], super::done()).await;
    let stored = store.0.store(given.incoming()).await;
    let is_it = matches!(stored, Ok(Stored::Duplicate(known)) if known.state == State::Dead);
    assert!(is_it, "an equal delivery: expected `Duplicate`, found {stored:?}");
    let [row] = &store.rows(Filter::in_state(State::Dead)).await[..] else { panic!("expected one dead row") };
    assert_eq!(row.errors, [AttemptError::new(0, NOW + 1, "it is not JSON")], "the reason of a dead row");
    assert_eq!((row.attempts, row.settled), (0, Some(NOW + 1)), "a row that is dead from the start");
    store.redrives(Filter::in_state(State::Dead), NOW + 9, 1, "a redrive of one that could not be read").await;
    store.next_due(Some(NOW + 9), "the next row after a redrive").await;
    store.claims(request(token(1)), &[1], "a delivery that is redriven is claimed").await;
}
