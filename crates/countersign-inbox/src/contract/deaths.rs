//! A worker that dies: what ran beside others is not charged.

use countersign_core::dedupe::LeaseState::{Held, Lost};

use super::{Given, NOW, Store, TWO, done, request, retry, token};
use crate::store::{ClaimRequest, Ledger, Queue, Recovery, Settled, State};

fn sole(by: u8) -> Recovery {
    Recovery::new(token(by), NOW + 510, true, 2)
}

pub(super) async fn suspects<S: Queue + Ledger>(store: &Store<S>) {
    for number in 1..=4 {
        store.store(Given::new(number)).await;
    }
    let two = ClaimRequest { at_most: 2, ..request(token(1)) };
    let lost = store.claims(two, &[1, 2], "a claim of two").await;
    // Its process died. The next worker takes both back, without their attempts.
    store.recovers(sole(2), 2, 0, 0, "two that ran beside each other").await;
    store.recovers(sole(2), 0, 0, 0, "a second recovery").await;
    store.settle(lost[0].claim, done(), Lost, "the end of an attempt that was taken back").await;
    let row = store.row(lost[0].claim.id).await;
    assert_eq!((row.state, row.attempts, row.deaths), (State::Ready, 0, 0), "a suspect");
    store.next_due(Some(NOW + 1), "the next row, a suspect").await;

    let by = |number| request(token(number));
    store.claims(ClaimRequest { running: 1, ..by(2) }, &[], "while something runs, no suspect and nothing else").await;
    let other = ClaimRequest { providers: vec![(TWO.into(), 9)], ..by(2) };
    store.claims(other, &[], "a worker of another provider").await;
    let alone = store.claims(by(2), &[1], "a suspect alone, and first").await;
    assert!(alone[0].is_suspect && alone[0].claim.attempt == 1, "a suspect's attempt: {alone:?}");
    store.claims(by(2), &[], "while a suspect runs, nothing").await;
    // It kills its process, and is charged.
    store.recovers(sole(3), 0, 1, 0, "one that ran alone").await;
    let row = store.row(alone[0].claim.id).await;
    assert_eq!((row.state, row.attempts, row.deaths), (State::Ready, 1, 1), "a suspect that was charged");
    assert_eq!(row.errors.len(), 1, "the error of a death: {:?}", row.errors);
    let alone = store.claims(by(3), &[1], "it is a suspect still").await;
    assert_eq!(alone[0].claim.attempt, 2, "the second attempt");
    store.recovers(sole(4), 0, 0, 1, "one that ran alone for the last time").await;
    let row = store.row(alone[0].claim.id).await;
    assert_eq!((row.state, row.deaths, row.settled), (State::Dead, 2, Some(NOW + 510)), "one that killed twice");

    // The other suspect is innocent: given back, it is a suspect still; ended, it is none.
    let alone = store.claims(by(4), &[2], "the other suspect").await;
    store.end(&alone[0], Settled::Returned).await;
    let alone = store.claims(by(4), &[2], "the other suspect again").await;
    assert!(alone[0].is_suspect, "a suspect that was given back");
    store.end(&alone[0], retry()).await;
    let rest = store.claims(by(4), &[3, 4], "the others beside each other").await;
    let later = ClaimRequest { now: NOW + 700, running: 2, ..by(4) };
    let again = store.claims(later, &[2], "one that was acquitted").await;
    assert!(rest.iter().chain(&again).all(|claimed| !claimed.is_suspect), "nothing is suspect any more");
    assert_eq!(again[0].claim.attempt, 2, "the second attempt");
}

pub(super) async fn leases<S: Queue + Ledger>(store: &Store<S>) {
    for number in 1..=3 {
        store.store(Given::new(number)).await;
    }
    let one = |by, until| ClaimRequest { at_most: 1, until, ..request(token(by)) };
    let first = store.claims(one(1, NOW + 1_000), &[1], "a claim").await.remove(0).claim;
    store.claims(one(2, NOW + 1_001), &[2], "a claim by another").await;
    store.claims(one(3, NOW + 1_000), &[3], "a claim by the third").await;
    let others = |by, now| Recovery::new(token(by), now, false, 2);
    store.recovers(others(3, NOW), 0, 0, 0, "leases that run").await;
    let held = store.0.renew(token(1), NOW + 2_000).await;
    assert!(matches!(held, Ok(1)), "a renewal of one row: found {held:?}");
    store.recovers(others(1, NOW + 999), 0, 0, 0, "leases that run").await;
    store.recovers(others(3, NOW + 1_000), 0, 0, 0, "its own lease, at its end").await;
    store.recovers(others(3, NOW + 1_001), 1, 0, 0, "a lease of another, at its end").await;
    store.settle(first, done(), Held, "the end of an attempt whose lease was renewed").await;
}

/// A clock that is set back and forward again.
pub(super) async fn clocks<S: Queue + Ledger>(store: &Store<S>) {
    for number in 1..=3 {
        store.store(Given::new(number)).await;
    }
    const BACK: i64 = NOW - 1_000_000;
    let at = |now| ClaimRequest { now, ..request(token(1)) };
    let first = store.claims(ClaimRequest { at_most: 1, ..at(NOW + 500) }, &[1], "before the clock is set back").await;
    store.claims(at(BACK), &[], "what was received later than now").await;
    let held = store.0.renew(token(1), BACK + 60_000).await;
    assert!(matches!(held, Ok(1)), "a renewal until an earlier time: found {held:?}");
    store.recovers(Recovery::new(token(2), BACK + 59_999, false, 2), 0, 0, 0, "a lease that runs").await;
    store.end(&first[0], Settled::Retry { now: BACK, due: BACK + 10, why: String::new() }).await;
    store.claims(at(BACK + 10), &[1], "what is due after the clock was set back").await;
    store.recovers(Recovery::new(token(2), NOW + 500, false, 2), 0, 0, 0, "a lease of that time").await;
    store.claims(at(NOW + 500), &[2, 3], "the others, once the clock is right again").await;
    let far = NOW + 1_000_000_000;
    store.recovers(Recovery::new(token(2), far, false, 2), 3, 0, 0, "leases after a clock was set forward").await;
}

/// A worker that is the sole one keeps others out until it ends.
pub(super) async fn leads<S: Queue + Ledger>(store: &Store<S>) {
    let lead = async || match store.0.lead().await {
        Ok(lead) => lead,
        Err(error) => panic!("the right to work: {error:?}"),
    };
    let Some(first) = lead().await else { panic!("nobody works, and nobody may") };
    assert_eq!(lead().await.is_none(), first.is_sole, "the right to work, beside another worker");
    drop(first);
    assert!(lead().await.is_some(), "the right to work, when the other worker has ended");
}
