//! Deliveries in order of their resource.

use super::{Given, NOW, Store, TWO, dead, done, of_row, request, retry, token};
use crate::store::{ClaimRequest, Filter, Ledger, Purge, Queue, Recovery, Settled, State};

pub(super) async fn check<S: Queue + Ledger>(store: &Store<S>) {
    for number in 1..=4 {
        store.store(Given::new(number).about("a").ordered()).await;
    }
    let all = || request(token(1));
    let later = || ClaimRequest { now: NOW + 700, ..request(token(1)) };
    let first = store.claims(all(), &[1], "the first of a resource").await;
    store.next_due(None, "the next row, while the others wait").await;
    store.claims(all(), &[], "while the first runs").await;
    store.end(&first[0], retry()).await;
    store.claims(all(), &[], "while the first waits for its retry").await;
    let first = store.claims(later(), &[1], "the first again").await;
    store.end(&first[0], Settled::Returned).await;
    let first = store.claims(later(), &[1], "the first, given back").await;
    store.recovers(Recovery::new(token(2), NOW, true, 9), 1, 0, 0, "the first, taken back").await;
    store.settle(first[0].claim, done(), countersign_core::dedupe::LeaseState::Lost, "a lost end").await;
    let first = store.claims(later(), &[1], "the first, a suspect").await;
    store.end(&first[0], done()).await;
    let second = store.claims(all(), &[2], "the second, when the first is done").await;
    store.end(&second[0], dead()).await;
    let third = store.claims(all(), &[3], "the third, when the second is dead").await;
    // A death ends it, too.
    store.recovers(Recovery::new(token(2), NOW, true, 1), 1, 0, 0, "the third, beside others").await;
    store.claims(all(), &[3], "the third alone").await;
    store.recovers(Recovery::new(token(2), NOW, true, 1), 0, 0, 1, "the third, dead").await;
    store.claims(all(), &[4], "the fourth, when the third is dead").await;
    assert_eq!(store.row(third[0].claim.id).await.state, State::Dead, "the third");
}

pub(super) async fn apart<S: Queue + Ledger>(store: &Store<S>) {
    // Another provider, tenant or resource is another line. Without a resource there is none.
    store.store(Given::new(1).about("a")).await;
    store.store(Given::new(2).about("a").ordered().of(TWO)).await;
    store.store(Given::new(3).about("a").ordered().tenant("")).await;
    store.store(Given::new(4).about("a").ordered().tenant("t")).await;
    store.store(Given::new(5).about("").ordered()).await;
    store.store(Given::new(6).ordered()).await;
    store.store(Given::new(7).ordered()).await;
    // These wait: for one that is not ordered itself, and for two.
    store.store(Given::new(8).about("a").ordered()).await;
    store.store(Given::new(9).about("a")).await;
    store.store(Given::new(10).about("a").ordered()).await;
    let all = || request(token(1));
    let claimed = store.claims(all(), &[1, 2, 3, 4, 5, 6, 7, 9], "what does not wait").await;
    store.end(&claimed[7], done()).await;
    store.claims(all(), &[], "while an older one is open").await;
    store.end(&claimed[0], done()).await;
    let next = store.claims(all(), &[8], "the first that waited").await;
    store.end(&next[0], done()).await;
    store.claims(all(), &[10], "the second that waited").await;
}

pub(super) async fn again<S: Queue + Ledger>(store: &Store<S>) {
    for number in 1..=4 {
        store.store(Given::new(number).about("a").ordered()).await;
    }
    let all = || request(token(1));
    let first = store.claims(all(), &[1], "the first").await;
    store.end(&first[0], dead()).await;
    // It comes back before those that wait, and before the one that could run.
    store.redrives(Filter::in_state(State::Dead), NOW, 1, "a redrive of the first").await;
    let first = store.claims(all(), &[1], "the first again, before the second").await;
    store.end(&first[0], dead()).await;
    let second = store.claims(all(), &[2], "the second").await;
    store.redrives(Filter::in_state(State::Dead), NOW, 1, "a redrive while the second runs").await;
    store.claims(all(), &[], "the first again, while the second runs").await;
    store.end(&second[0], Settled::Retry { now: NOW, due: NOW, why: String::new() }).await;
    let first = store.claims(all(), &[1], "the second waits for the first now").await;
    store.end(&first[0], done()).await;
    let second = store.claims(all(), &[2], "the second again").await;
    store.end(&second[0], dead()).await;
    // A purge ends what waits, and lets the next one go.
    let [_, third, ..] = &store.rows(Filter::in_state(State::Ready)).await[..] else { panic!("expected two rows") };
    let purged = store.0.purge(of_row(third.id), Purge::Bodies).await;
    assert!(matches!(purged, Ok(1)), "a purge of the third: expected 1, found {purged:?}");
    let fourth = store.claims(all(), &[4], "the fourth, when the third is purged").await;
    store.redrives(Filter::default(), NOW, 1, "a redrive of those whose body is there").await;
    store.claims(all(), &[], "the second again, while the fourth runs").await;
    store.recovers(Recovery::new(token(2), NOW, true, 9), 1, 0, 0, "the worker of the fourth dies").await;
    let second = store.claims(all(), &[2], "the second, which is older than all that is open").await;
    store.end(&second[0], done()).await;
    store.claims(all(), &[fourth[0].sealed.columns().key.as_bytes()[0]], "the fourth again").await;
}
