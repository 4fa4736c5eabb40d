//! For how long rows are kept; redrives and purges.

use std::time::Duration;

use super::{Given, NOW, Store, dead, done, of_row, request, retry, token};
use crate::store::{
    AttemptError, ClaimRequest, Filter, Ledger, Purge, Queue, Retention, Settled, State, Stored, Swept,
};

impl<S: Queue + Ledger> Store<S> {
    async fn sweeps(&self, now: i64, bodies: usize, rows: usize, what: &str) {
        let swept = self.0.sweep(now, Retention { dead: Duration::from_millis(3_000) }).await;
        assert!(matches!(swept, Ok(swept) if swept == Swept { bodies, rows }), "{what}: {bodies}, {rows}: {swept:?}");
    }

    async fn purges(&self, filter: Filter, purge: Purge, expected: usize, what: &str) {
        let purged = self.0.purge(filter, purge).await;
        assert!(matches!(purged, Ok(found) if found == expected), "{what}: expected {expected}, found {purged:?}");
    }
}

pub(super) async fn sweep<S: Queue + Ledger>(store: &Store<S>) {
    for number in 1..=5 {
        store.store(Given::new(number)).await;
    }
    // It was settled long before its key may go.
    let late = Given::new(6);
    let stored = store.0.store(crate::store::Incoming { keep_until: NOW + 9_000, ..late.incoming() }).await;
    assert!(matches!(stored, Ok(Stored::New)), "a new delivery: found {stored:?}");
    let claimed = store.claims(request(token(1)), &[1, 2, 3, 4, 5, 6], "all").await;
    let keep = |until| Settled::Done { now: NOW + 600, keep_body_until: Some(NOW + until) };
    let ends = [done(), keep(800), keep(2_000), dead(), retry(), dead()];
    for (claimed, settled) in claimed.iter().zip(ends) {
        store.end(claimed, settled).await;
    }
    store.sweeps(NOW + 799, 0, 0, "before anything").await;
    store.sweeps(NOW + 800, 1, 0, "a body that was kept").await;
    store.sweeps(NOW + 999, 0, 0, "before the keys may go").await;
    let row = store.row(claimed[1].claim.id).await;
    assert_eq!((row.state, row.bytes), (State::Done, None), "one whose body went");
    let stored = store.0.store(Given::new(1).incoming()).await;
    assert!(matches!(stored, Ok(Stored::Duplicate(_))), "a key that is kept: found {stored:?}");
    store.sweeps(NOW + 1_000, 0, 2, "what was done, when its key may go").await;
    store.store(Given::new(1)).await;
    store.sweeps(NOW + 1_999, 0, 0, "before the other body").await;
    store.sweeps(NOW + 2_000, 1, 1, "the other body, and its row").await;
    store.sweeps(NOW + 3_599, 0, 0, "before dead ones").await;
    store.sweeps(NOW + 3_600, 0, 1, "a dead one").await;
    store.sweeps(NOW + 8_999, 0, 0, "a dead one whose key is kept").await;
    store.sweeps(NOW + 9_000, 0, 1, "a dead one whose key may go").await;
    let numbers: Vec<u8> =
        store.rows(Filter::default()).await.iter().map(|row| row.sealed.columns().key.as_bytes()[0]).collect();
    assert_eq!(numbers, [1, 5], "what is not ended stays");
    // More than a store may remove at once.
    let many = (0..=600_u16).map(|number| {
        let [high, low] = number.to_be_bytes();
        let mut key = [200; 32];
        (key[0], key[1]) = (high, low);
        Given::new(200).with(|columns| columns.key = key.into())
    });
    store.store_all(many).await;
    store.claims(ClaimRequest { at_most: 1, ..request(token(1)) }, &[1], "one").await;
    store.purges(Filter::default(), Purge::Bodies, 602, "a purge of all that is not handled").await;
    store.sweeps(i64::MAX, 0, 602, "many rows").await;
}

pub(super) async fn redrive<S: Queue + Ledger>(store: &Store<S>) {
    for number in 1..=6 {
        store.store(Given::new(number)).await;
    }
    let claimed = store.claims(request(token(1)), &[1, 2, 3, 4, 5, 6], "all").await;
    let keep = Settled::Done { now: NOW + 600, keep_body_until: Some(NOW + 2_000) };
    for (claimed, settled) in claimed.iter().zip([done(), keep, dead(), dead(), retry()]) {
        store.end(claimed, settled).await;
    }
    store.purges(of_row(claimed[3].claim.id), Purge::Bodies, 1, "a purge of a dead one").await;
    for (left, what) in [(0, "no body"), (3, "a purged body"), (5, "one that runs")] {
        store.redrives(of_row(claimed[left].claim.id), NOW + 650, 0, what).await;
    }
    store.redrives(Filter::default(), NOW + 650, 3, "a dead one, a done one with a body, and one that waits").await;
    store.redrives(Filter::default(), NOW + 650, 0, "what is due and was not tried").await;
    store.next_due(Some(NOW + 650), "the next row after a redrive").await;
    for redriven in [&claimed[1], &claimed[2], &claimed[4]] {
        let row = store.row(redriven.claim.id).await;
        assert_eq!((row.state, row.attempts, row.deaths, row.settled), (State::Ready, 0, 0, None), "one redriven");
    }
    assert_eq!(
        store.row(claimed[2].claim.id).await.errors,
        [AttemptError::new(1, NOW + 600, "given up")],
        "the errors of one that is redriven stay"
    );
    // A body that was to be kept until then is needed now.
    store.sweeps(NOW + 2_000, 0, 1, "a sweep of one that is redriven").await;
    let again = ClaimRequest { now: NOW + 650, ..request(token(1)) };
    let again = store.claims(again, &[2, 3, 5], "those that were redriven").await;
    assert!(again.iter().all(|again| again.claim.attempt == 1 && again.sealed.columns().body.is_some()), "{again:?}");
}

pub(super) async fn purge<S: Queue + Ledger>(store: &Store<S>) {
    for number in 1..=6 {
        store.store(Given::new(number)).await;
    }
    let claimed = store.claims(request(token(1)), &[1, 2, 3, 4, 5, 6], "all").await;
    let keep = Settled::Done { now: NOW + 600, keep_body_until: Some(NOW + 9_000) };
    for (claimed, settled) in claimed.iter().zip([done(), keep, dead(), retry(), retry()]) {
        store.end(claimed, settled).await;
    }
    let running = of_row(claimed[5].claim.id);
    for purge in [Purge::Bodies, Purge::Rows] {
        store.purges(running.clone(), purge, 0, "one that runs").await;
    }
    store.purges(of_row(claimed[4].claim.id), Purge::Rows, 1, "a row").await;
    store.purges(Filter::default(), Purge::Bodies, 3, "the bodies").await;
    store.purges(Filter::default(), Purge::Bodies, 0, "the bodies again").await;
    for (number, state) in [(0, State::Done), (1, State::Done), (2, State::Dead), (3, State::Dead)] {
        let row = store.row(claimed[number].claim.id).await;
        assert_eq!((row.state, row.bytes, row.sealed.columns().body.is_none()), (state, None, true), "one purged");
        let errors = row.errors.iter().map(|error| error.why.as_str()).collect::<Vec<_>>();
        let expected: &[&str] = if number == 3 { &["its body was purged"] } else { &[] };
        assert_eq!(errors, expected, "the errors of one purged");
        let stored = store.0.store(Given::new(claimed[number].sealed.columns().key.as_bytes()[0]).incoming()).await;
        assert!(matches!(stored, Ok(Stored::Duplicate(_))), "the key of one purged: found {stored:?}");
    }
    store.next_due(None, "the next row after a purge").await;
    store.store(Given::new(5)).await;
    store.purges(Filter::in_state(State::Done), Purge::Rows, 2, "rows that are done").await;
    store.store(Given::new(1)).await;
    store.end(&claimed[5], done()).await;
}
