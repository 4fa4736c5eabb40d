//! What is claimed, and by whom it is ended.

use std::time::Duration;

use countersign_core::dedupe::LeaseState::{Held, Lost};

use super::{Given, NOW, ONE, Store, TWO, dead, done, request, retry, token};
use crate::store::{AttemptError, ClaimId, ClaimRequest, Ledger, Queue, Recovery, RowId, Settled, State};

pub(super) async fn in_order<S: Queue + Ledger>(store: &Store<S>) {
    // Received in another order than stored; three at the same time.
    for (number, at) in [(1, 30), (2, 10), (3, 20), (4, 20), (5, 20), (6, 501), (7, 500)] {
        store.store(Given::new(number).with(|columns| columns.received_at = NOW + at)).await;
    }
    store.next_due(Some(NOW + 10), "the next row").await;
    let some = |at_most, now| ClaimRequest { at_most, now, ..request(token(1)) };
    store.claims(some(0, NOW + 500), &[], "no row at most").await;
    store.claims(some(9, NOW + 9), &[], "rows before they are due").await;
    store.claims(some(2, NOW + 500), &[2, 3], "the first that are due, and of equal ones the oldest").await;
    store.next_due(Some(NOW + 20), "the next row that is not claimed").await;
    store.claims(some(9, NOW + 500), &[4, 5, 1, 7], "the others that are due").await;
    store.claims(some(9, NOW + 500), &[], "rows that are claimed").await;
    store.next_due(Some(NOW + 501), "the next row that is not claimed").await;
    store.claims(some(9, NOW + 501), &[6], "a row at the time when it is due").await;
    store.next_due(None, "the next row, if all are claimed").await;
}

pub(super) async fn rooms<S: Queue + Ledger>(store: &Store<S>) {
    for number in 1..=9 {
        store.store(Given::new(number).of([TWO, ONE, "zoom"][usize::from(number % 3)])).await;
    }
    store.next_due(Some(NOW + 1), "the next row of all providers").await;
    let of = |providers: &[(&str, usize)], at_most| {
        let providers = providers.iter().map(|&(name, room)| (name.to_owned(), room)).collect();
        ClaimRequest { providers, at_most, ..request(token(1)) }
    };
    store.claims(of(&[], 9), &[], "no provider").await;
    store.claims(of(&[("paddle", 9)], 9), &[], "another provider").await;
    store.claims(of(&[(ONE, 0)], 9), &[], "a provider without room").await;
    store.claims(of(&[(ONE, 2), (TWO, 1)], 9), &[1, 3, 4], "as many of each provider as there is room").await;
    store.claims(of(&[(ONE, 9), (TWO, 9)], 2), &[6, 7], "at most so many of all").await;
    store.claims(of(&[("zoom", 9), (TWO, 0)], 9), &[2, 5, 8], "a provider's rows").await;
    store.claims(of(&[(ONE, 9), (TWO, 9), ("zoom", 9)], 9), &[9], "what is left").await;
}

pub(super) async fn others<S: Queue + Ledger>(store: &Store<S>) {
    for number in 1..=9 {
        store.store(Given::new(number).tenant("acme").of([TWO, ONE, "zoom"][usize::from(number % 3)])).await;
    }
    let of = |providers: &[(&str, usize)], at_most| {
        let providers = providers.iter().map(|&(name, room)| (name.to_owned(), room)).collect();
        ClaimRequest { providers, at_most, others: true, ..request(token(1)) }
    };
    store.claims(of(&[(ONE, 0), (TWO, 1)], 2), &[2, 3], "other providers beside one with room for one").await;
    store.claims(of(&[(ONE, 0)], 2), &[5, 6], "all but one").await;
    let fair = ClaimRequest { is_fair: true, ..of(&[("zoom", 0)], 2) };
    store.claims(fair, &[1, 4], "others, with tenants in turn").await;
    store.claims(of(&[], 9), &[7, 8, 9], "all").await;
    store.claims(of(&[], 9), &[], "nothing is left").await;
    // A suspect of another provider runs alone.
    store.recovers(Recovery::new(token(2), NOW + 400, true, 2), 9, 0, 0, "what ran beside others").await;
    let mut alone = ClaimRequest { token: token(2), running: 1, ..of(&[(ONE, 9)], 9) };
    store.claims(alone.clone(), &[], "nothing beside a suspect").await;
    alone.running = 0;
    store.claims(ClaimRequest { providers: vec![(ONE.into(), 0)], ..alone }, &[2], "a suspect of another").await;
}

pub(super) async fn turns<S: Queue + Ledger>(store: &Store<S>) {
    let fair = |at_most, rooms: [usize; 2]| {
        let providers = vec![(ONE.to_owned(), rooms[0]), (TWO.to_owned(), rooms[1])];
        ClaimRequest { is_fair: true, at_most, providers, ..request(token(1)) }
    };
    // One tenant with many, one with a few of both providers, one with one, and some without a tenant.
    for number in 1..=20 {
        store.store(Given::new(number).tenant("many")).await;
    }
    for number in 21..=24 {
        store.store(Given::new(number).tenant("few").of([ONE, TWO][usize::from(number % 2)])).await;
    }
    store.store(Given::new(25).tenant("")).await;
    store.store(Given::new(26)).await;
    store.store(Given::new(27)).await;
    store.store(Given::new(28).tenant("later").with(|columns| columns.received_at = NOW + 501)).await;
    store.claims(fair(3, [9, 9]), &[1, 21, 25], "the first of each tenant").await;
    store.claims(fair(5, [9, 9]), &[2, 22, 26, 3, 23], "the first of each tenant, and then the second").await;
    store.claims(fair(9, [2, 1]), &[4, 24], "no more of a provider than there is room").await;
    store.claims(fair(4, [9, 9]), &[5, 27, 6, 7], "the last of one tenant, and the next of another").await;
    store.claims(request(token(1)), &(8..=20).collect::<Vec<_>>(), "without turns").await;
}

pub(super) async fn fences<S: Queue + Ledger>(store: &Store<S>) {
    for number in 1..=3 {
        store.store(Given::new(number)).await;
    }
    let one = ClaimRequest { at_most: 1, ..request(token(1)) };
    let first = store.claims(one.clone(), &[1], "a claim").await.remove(0).claim;
    assert_eq!(first.attempt, 1, "the number of the first attempt");
    let others = [
        ClaimId { token: token(2), ..first },
        ClaimId { attempt: 0, ..first },
        ClaimId { attempt: 2, ..first },
        ClaimId { id: RowId(first.id.0 + 1), ..first },
        ClaimId { id: RowId(-1), ..first },
    ];
    for settled in [done(), retry(), dead(), Settled::Returned] {
        for other in others {
            store.settle(other, settled.clone(), Lost, "the end of an attempt by another").await;
        }
    }
    assert_eq!(store.row(first.id).await.state, State::Claimed, "a row that others tried to end");
    store.settle(first, retry(), Held, "the end of an attempt").await;
    for settled in [done(), retry(), dead(), Settled::Returned] {
        store.settle(first, settled, Lost, "the end of an attempt that has ended").await;
    }
    // The same worker has it again: only its new attempt counts.
    let later = ClaimRequest { now: NOW + 700, ..one };
    let _ = store.claims(later.clone(), &[2], "the next one").await;
    let _ = store.claims(later.clone(), &[3], "the next one").await;
    let second = store.claims(later, &[1], "the first one again").await.remove(0).claim;
    assert_eq!((second.id, second.attempt), (first.id, 2), "the second attempt");
    store.settle(first, done(), Lost, "the end of the first attempt").await;
    for (renewed, expected) in [(token(2), 0), (token(1), 3)] {
        let held = store.0.renew(renewed, NOW + 1_000_000).await;
        assert!(matches!(held, Ok(held) if held == expected), "a renewal: expected {expected}, found {held:?}");
    }
    store.settle(second, done(), Held, "the end of the second attempt").await;
    let held = store.0.renew(token(1), NOW + 1_000_000).await;
    assert!(matches!(held, Ok(2)), "a renewal of two rows: found {held:?}");
}

pub(super) async fn ends<S: Queue + Ledger>(store: &Store<S>) {
    for number in 1..=5 {
        store.store(Given::new(number)).await;
    }
    let claimed = store.claims(request(token(1)), &[1, 2, 3, 4, 5], "all").await;
    let keep = Some(NOW + 5_000);
    for (claimed, settled) in claimed.iter().zip([
        done(),
        Settled::Done { now: NOW + 600, keep_body_until: keep },
        retry(),
        dead(),
        Settled::Returned,
    ]) {
        store.end(claimed, settled).await;
    }
    let (at, given_up) = (NOW + 600, "given up");
    for (claimed, state, attempts, settled, has_body, error) in [
        (&claimed[0], State::Done, 1, Some(at), false, None),
        (&claimed[1], State::Done, 1, Some(at), true, None),
        (&claimed[2], State::Ready, 1, None, true, Some("failed")),
        (&claimed[3], State::Dead, 1, Some(at), true, Some(given_up)),
        (&claimed[4], State::Ready, 0, None, true, None),
    ] {
        let row = store.row(claimed.claim.id).await;
        let number = claimed.sealed.columns().key.as_bytes()[0];
        assert_eq!((row.state, row.attempts, row.settled), (state, attempts, settled), "the row of delivery {number}");
        let body = row.sealed.columns().body.is_some();
        assert_eq!((body, row.bytes.is_some()), (has_body, has_body), "the body of delivery {number}");
        let errors: Vec<_> = error.map(|why| AttemptError::new(1, at, why)).into_iter().collect();
        assert_eq!(row.errors, errors, "the errors of delivery {number}");
    }
    store.next_due(Some(NOW + 5), "the next row, which was given back").await;
    let again = store.claims(request(token(1)), &[5], "what was given back").await;
    assert_eq!(again[0].claim.attempt, 1, "an attempt that did not count");
    store.next_due(Some(NOW + 700), "the next row, which is to be tried again").await;
    let later = ClaimRequest::new(token(1), NOW + 700, Duration::from_secs(1), 9);
    let later = ClaimRequest { providers: request(token(1)).providers, ..later };
    let again = store.claims(later, &[3], "what is to be tried again, when it is due").await;
    assert_eq!(again[0].claim.attempt, 2, "the second attempt");
}
