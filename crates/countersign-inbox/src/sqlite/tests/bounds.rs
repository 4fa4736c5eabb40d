//! How much an inbox takes.

use super::{super::Settings, NOW, Place, columns, incoming, is, number, request, store};
use crate::{
    error::StoreErrorKind::Full,
    store::{Filter, Incoming, Intake, Ledger, Purge, Queue, Settled, Stored},
};

#[tokio::test]
async fn open_rows_have_a_bound_in_all_processes_together() {
    let place = Place::new();
    let settings = Settings::default().with_max_open_rows(3);
    let (one, two) = (place.with(settings), place.with(settings));
    for (number, of) in [(1, &one), (2, &two), (3, &one)] {
        assert_eq!(store(of, number).await, Stored::New);
    }
    let text = "the inbox has 3 deliveries that wait: find out why they are not handled, or raise `max_open_rows`";
    for of in [&one, &two] {
        is(of.store(incoming(4)).await, Full, text, &place.path());
        // One that is known is not new, and one that is dead from the start is not open.
        assert!(matches!(store(of, 1).await, Stored::Duplicate(_)));
    }
    let unreadable = Incoming { unreadable: Some("it is not JSON".into()), ..incoming(5) };
    assert_eq!(one.store(unreadable).await.unwrap(), Stored::New);
    assert_eq!(number::<i64>(&place.sql(), "SELECT sum(duplicates) FROM countersign_inbox"), 2);

    let claimed = one.claim(request(1)).await.unwrap();
    is(two.store(incoming(4)).await, Full, text, &place.path());
    one.settle(claimed[0].claim, Settled::Done { now: NOW, keep_body_until: None }).await.unwrap();
    assert_eq!(store(&two, 4).await, Stored::New);
    is(one.store(incoming(6)).await, Full, text, &place.path());
    one.purge(Filter::default(), Purge::Rows).await.unwrap();
    assert_eq!(store(&one, 6).await, Stored::New);
}

#[tokio::test]
async fn bytes_have_a_bound() {
    let place = Place::new();
    let one = place.with(Settings::default().with_max_bytes(1_000));
    let of = |number, body: usize, confirmed: usize| {
        let mut columns = columns(number);
        columns.body = Some(vec![b'x'; body].into());
        columns.confirmed = Some(vec![b'y'; confirmed].into());
        one.store(Incoming::new(columns.into(), NOW))
    };
    let text = |bytes| {
        format!(
            "the inbox has {bytes} bytes of deliveries that wait: find out why they are not handled, or raise `max_bytes`"
        )
    };
    is(of(1, 900, 101).await, Full, &text(0), &place.path());
    assert_eq!(of(2, 500, 100).await.unwrap(), Stored::New);
    is(of(3, 401, 0).await, Full, &text(600), &place.path());
    assert_eq!(of(4, 300, 100).await.unwrap(), Stored::New);
    is(of(5, 1, 0).await, Full, &text(1_000), &place.path());
    // What is not open does not count, also if its body is kept.
    let claimed = one.claim(request(1)).await.unwrap();
    one.settle(claimed[0].claim, Settled::Dead { now: NOW, why: String::new() }).await.unwrap();
    assert_eq!(of(5, 600, 0).await.unwrap(), Stored::New);
    is(of(6, 1, 0).await, Full, &text(1_000), &place.path());
    // A redrive is not turned away.
    assert_eq!(one.redrive(Filter::default(), NOW).await.unwrap(), 1);
    is(of(6, 1, 0).await, Full, &text(1_600), &place.path());
}
