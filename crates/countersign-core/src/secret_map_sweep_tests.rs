//! Secrets that have expired and are not wiped yet.

use super::*;

/// A7: secrets that were inserted at start-up expire together, and no look-up waits until all are wiped.
#[test]
fn a7_each_call_removes_a_bounded_number_of_expired_secrets() {
    const COUNT: usize = 1000;
    let (map, clock) = map();
    for id in 0..COUNT {
        insert(&map, id.to_string(), "of-all").unwrap();
    }
    let kept = || map.entries.lock().unwrap().by_id.len();
    clock.advance(DAY);
    let mut expected = COUNT;
    let mut calls = |call: &dyn Fn()| {
        call();
        expected -= SWEPT;
        assert_eq!(kept(), expected);
    };
    // What has expired is gone for everyone, although it is still there.
    calls(&|| assert_eq!(deliver(&map, "999", "of-all"), NOT_FOUND));
    calls(&|| assert_eq!(map.len(), 0));
    calls(&|| assert!(map.is_empty()));
    calls(&|| assert!(!map.remove("none")));
    calls(&|| assert!(!map.remove_after("none", DAY)));
    assert!(!map.remove("999") && !map.remove_after("998", DAY) && map.is_empty());
    insert(&map, "997", "anew").unwrap();
    assert_eq!((map.len(), map.is_empty(), deliver(&map, "997", "anew")), (1, false, Ok(0)));
    assert_consistent(&map);

    // It does not fill the map, whatever the capacity: nothing unexpired has to leave.
    let small = map.clone().with_capacity(2);
    insert(&small, "another", "of-another").unwrap();
    assert!(insert(&small, "more", "of-more").is_err() && kept() > 2);
    insert(&small, "997", "again").unwrap();
    assert_eq!([deliver(&map, "997", "again"), deliver(&map, "another", "of-another")], [Ok(0); 2]);
    for _ in 0..COUNT / SWEPT {
        assert_eq!(deliver(&map, "997", "again"), Ok(0));
    }
    assert_eq!((kept(), map.len()), (2, 2));
    assert_consistent(&map);
}
