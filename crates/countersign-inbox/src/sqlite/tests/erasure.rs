//! After a purge, nothing of a body is left.

use std::fs;

use super::{NOW, Place, columns, is, request};
use crate::{
    error::StoreErrorKind::Unavailable,
    store::{Filter, Incoming, Intake, Ledger, Purge, Queue, Settled},
};

/// A text that is in bodies and in errors only, and no digit of which is in a row otherwise.
const MARK: &str = "ZQXJKVWY";

fn is_anywhere(place: &Place) -> bool {
    let files = fs::read_dir(place.0.path()).unwrap().map(|entry| entry.unwrap().path());
    files.into_iter().any(|path| fs::read(path).unwrap().windows(MARK.len()).any(|bytes| bytes == MARK.as_bytes()))
}

#[tokio::test]
async fn nothing_of_a_body_is_left_in_any_file() {
    for purge in [Purge::Bodies, Purge::Rows] {
        let place = Place::new();
        let one = place.open();
        // Of all sizes, so that bodies are in leaves, in overflow pages, and moved about.
        let stored = (0..400_u64).map(|number| {
            let mut columns = columns(number);
            let length = usize::try_from(number * number % 9_001).unwrap();
            columns.body = Some(MARK.repeat(length / MARK.len() + 1).into());
            columns.confirmed = (number % 3 == 0).then(|| MARK.repeat(9).into());
            let mut incoming = Incoming::new(columns.into(), NOW + 1_000);
            incoming.unreadable = (number % 7 == 0).then(|| format!("unreadable: {MARK}"));
            tokio::spawn(one.clone().stored(incoming))
        });
        for stored in stored.collect::<Vec<_>>() {
            stored.await.unwrap();
        }
        let claimed = one.claim(request(150)).await.unwrap();
        let ends = claimed.iter().enumerate().map(|(number, claimed)| {
            let settled = match number % 4 {
                0 => Settled::Done { now: NOW, keep_body_until: None },
                1 => Settled::Done { now: NOW, keep_body_until: Some(NOW + 9) },
                2 => Settled::Dead { now: NOW, why: format!("it said {MARK}") },
                _ => Settled::Retry { now: NOW, due: NOW, why: format!("it said {MARK}") },
            };
            one.settle(claimed.claim, settled)
        });
        for end in ends.collect::<Vec<_>>() {
            end.await.unwrap();
        }
        assert!(is_anywhere(&place), "otherwise the test finds nothing");
        assert!(one.purge(Filter::default(), purge).await.unwrap() > 300);
        assert!(!is_anywhere(&place), "{purge:?}");
        assert_eq!(super::number::<i64>(&place.sql(), "PRAGMA freelist_count"), 0, "free pages are given back");
        assert_eq!(fs::metadata(place.0.path().join("inbox.db-wal")).unwrap().len(), 0);
    }
}

impl super::SqliteStore {
    async fn stored(self, incoming: Incoming) {
        self.store(incoming).await.unwrap();
    }
}

#[tokio::test]
async fn a_purge_of_one_row_leaves_nothing_of_it_and_all_of_the_others() {
    let place = Place::new();
    let one = place.open();
    for number in 0..20_u64 {
        let mut columns = columns(number);
        let text = if number == 7 { MARK } else { "another" };
        columns.tenant = Some(format!("tenant {number}"));
        columns.body = Some(text.repeat(500).into());
        one.store(Incoming::new(columns.into(), NOW)).await.unwrap();
    }
    assert!(is_anywhere(&place));
    let filter = Filter { tenant: Some("tenant 7".into()), ..Filter::default() };
    assert_eq!(one.purge(filter, Purge::Bodies).await.unwrap(), 1);
    assert!(!is_anywhere(&place));
    assert_eq!(one.claim(request(99)).await.unwrap().len(), 19);
}

#[tokio::test]
async fn a_purge_says_so_if_somebody_still_reads_what_was_purged() {
    let place = Place::new();
    let one = place.open();
    super::store(&one, 1).await;
    let reader = place.sql();
    reader.execute_batch("BEGIN; SELECT count(*) FROM countersign_inbox").unwrap();
    let text = "what was purged is still in the inbox's log, because another process reads the inbox: purge again";
    is(one.purge(Filter::default(), Purge::Rows).await, Unavailable, text, &place.path());
    reader.execute_batch("COMMIT").unwrap();
    assert_eq!(one.purge(Filter::default(), Purge::Rows).await.unwrap(), 0);
    assert_eq!(fs::metadata(place.0.path().join("inbox.db-wal")).unwrap().len(), 0);
}
