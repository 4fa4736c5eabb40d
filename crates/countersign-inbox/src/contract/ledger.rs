//! Rows by filter.

use super::{Given, NOW, ONE, Store, TWO, dead, done, request, retry, token};
use crate::store::{ClaimRequest, Counts, Filter, Ledger, Queue, RowId, Settled, State};

pub(super) async fn filters<S: Queue + Ledger>(store: &Store<S>) {
    store.store(Given::new(1)).await;
    store.store(Given::new(2).of(TWO)).await;
    store.store(Given::new(3).tenant("acme").about("r_1")).await;
    store.store(Given::new(4).tenant("Acme").about("r%1")).await;
    store.store(Given::new(5)).await;
    let four = ClaimRequest { at_most: 4, ..request(token(1)) };
    let claimed = store.claims(four, &[1, 2, 3, 4], "four").await;
    let quoted = Settled::Retry { now: NOW, due: NOW + 700, why: "timeout \"ü\"\n50%".into() };
    for (claimed, settled) in claimed.iter().zip([done(), dead(), quoted]) {
        store.end(claimed, settled).await;
    }
    let text = |text: &str| Some(text.to_owned());
    let all = Filter::default;
    for (filter, expected) in [
        (all(), &[5, 4, 3, 2, 1][..]),
        (Filter { id: Some(claimed[2].claim.id), ..all() }, &[3]),
        (Filter { id: Some(RowId(i64::MIN)), ..all() }, &[]),
        (Filter { provider: text(ONE), ..all() }, &[5, 4, 3, 1]),
        (Filter { provider: text("strip%"), ..all() }, &[]),
        (Filter { tenant: text("acme"), ..all() }, &[3]),
        (Filter { tenant: text(""), ..all() }, &[]),
        (Filter { event: text("event.4"), ..all() }, &[4]),
        (Filter { resources: vec!["r_1".into()], ..all() }, &[3]),
        (Filter { resources: vec!["another".into(), "r_1".into(), "r_1".into()], ..all() }, &[3]),
        (Filter { resources: vec!["another".into()], ..all() }, &[]),
        (Filter { state: Some(State::Ready), ..all() }, &[5, 3]),
        (Filter { state: Some(State::Claimed), ..all() }, &[4]),
        (Filter { state: Some(State::Done), ..all() }, &[1]),
        (Filter { state: Some(State::Dead), ..all() }, &[2]),
        (Filter { before: Some(NOW + 3), ..all() }, &[2, 1]),
        (Filter { since: Some(NOW + 3), ..all() }, &[5, 4, 3]),
        (Filter { since: Some(NOW + 2), before: Some(NOW + 4), ..all() }, &[3, 2]),
        (Filter { error: text("given"), ..all() }, &[2]),
        (Filter { error: text("\"ü\"\n50%"), ..all() }, &[3]),
        (Filter { error: text("attempt"), ..all() }, &[]),
        (Filter { error: text("_"), ..all() }, &[]),
        (Filter { provider: text(ONE), state: Some(State::Ready), tenant: text("acme"), ..all() }, &[3]),
    ] {
        let rows = store.rows(filter.clone()).await;
        let found: Vec<u8> = rows.iter().map(|row| row.sealed.columns().key.as_bytes()[0]).collect();
        assert_eq!(found, expected, "{filter:?}");
        let mut counts = Counts::default();
        for row in &rows {
            let (count, is_open) = match row.state {
                State::Ready => (&mut counts.ready, true),
                State::Claimed => (&mut counts.claimed, true),
                State::Done => (&mut counts.done, false),
                State::Dead => (&mut counts.dead, false),
            };
            *count += 1;
            let received = row.sealed.columns().received_at;
            if is_open {
                counts.oldest = Some(counts.oldest.map_or(received, |oldest| oldest.min(received)));
            }
        }
        assert_eq!(store.counts(filter.clone()).await, counts, "the counts of {filter:?}");
    }
    let two = store.0.list(all(), 2).await.map(|rows| rows.len());
    assert!(matches!(two, Ok(2)), "at most two rows: found {two:?}");
    let none = store.0.show(RowId(i64::MAX)).await;
    assert!(matches!(none, Ok(None)), "a row that is not there: found {none:?}");
    store.redrives(Filter { error: text("given"), provider: text(ONE), ..all() }, NOW, 0, "another provider's").await;
    store.redrives(Filter { error: text("given"), ..all() }, NOW, 1, "by its error").await;
    store.end(&claimed[3], retry()).await;
}
