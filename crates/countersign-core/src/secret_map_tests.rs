//! The secrets that a map keeps, and for how long, as a verifier sees them.

use std::time::SystemTime;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::*;
use crate::{RejectionKind, Secret, Verifier, providers::GeoScored};

#[path = "secret_map_model_tests.rs"]
mod model;
#[path = "secret_map_sweep_tests.rs"]
mod sweep;

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn map() -> (SecretMap, Clock) {
    let clock = Clock::manual(SystemTime::now());
    (SecretMap::new().with_clock(clock.clone()), clock)
}

fn insert(map: &SecretMap, id: impl AsRef<str>, secret: &'static str) -> Result<(), SecretMapFull> {
    map.insert(id, Secret::from_static(secret))
}

/// Sends a delivery about `id` that is signed with `secret`.
fn deliver(map: &SecretMap, id: &str, secret: &str) -> Result<usize, RejectionKind> {
    let body = format!(r#"{{"event":"scan.completed","scan_id":"{id}"}}"#);
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    let signature = format!("v1={}", hex::encode(mac.finalize().into_bytes()));
    let request = http::Request::post("/").header("x-geoscored-signature", signature).body(()).unwrap();
    let verifier = Verifier::<GeoScored>::from_lookup(map.clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    match runtime.block_on(verifier.verify_async(&request, body, tokio::time::sleep)) {
        Ok(delivery) => Ok(delivery.matched_secret().position()),
        Err(error) => Err(error.kind()),
    }
}

const NOT_FOUND: Result<usize, RejectionKind> = Err(RejectionKind::SecretNotFound);
const MISMATCH: Result<usize, RejectionKind> = Err(RejectionKind::SignatureMismatch);

/// Every entry that ends is in the order of ends, once, and nothing else is.
fn assert_consistent(map: &SecretMap) {
    let entries = map.entries.lock().unwrap();
    let ends: BTreeSet<_> =
        entries.by_id.iter().filter_map(|(id, entry)| entry.end.map(|end| (end, id.clone()))).collect();
    assert_eq!(entries.by_end, ends);
}

#[test]
fn each_resource_has_its_own_secrets() {
    let (map, _) = map();
    assert_eq!((map.len(), map.is_empty(), deliver(&map, "a", "of-a")), (0, true, NOT_FOUND));
    insert(&map, "a", "of-a").unwrap();
    let secrets = Secrets::new(Secret::from_static("of-b")).add_previous(Secret::from_static("before"));
    map.insert(String::from("b"), secrets).unwrap();
    assert_eq!((map.len(), map.is_empty()), (2, false));
    assert_eq!([deliver(&map, "a", "of-a"), deliver(&map, "a", "of-b")], [Ok(0), MISMATCH]);
    assert_eq!([deliver(&map, "b", "of-b"), deliver(&map, "b", "before")], [Ok(0), Ok(1)]);
    assert_eq!([deliver(&map, "c", "of-a"), deliver(&map, "A", "of-a"), deliver(&map, "", "of-a")], [NOT_FOUND; 3]);
}

#[test]
fn another_insertion_replaces_the_secrets_and_keeps_them_from_then_on() {
    let (map, clock) = map();
    let secrets = Secrets::new(Secret::from_static("first")).add_previous(Secret::from_static("older"));
    map.insert("a", secrets).unwrap();
    clock.advance(DAY - SECOND);
    insert(&map, "a", "second").unwrap();
    assert_eq!(map.len(), 1);
    clock.advance(DAY - SECOND);
    assert_eq!(
        [deliver(&map, "a", "first"), deliver(&map, "a", "older"), deliver(&map, "a", "second")],
        [MISMATCH, MISMATCH, Ok(0)]
    );
    clock.advance(SECOND);
    assert_eq!(deliver(&map, "a", "second"), NOT_FOUND);
    assert_consistent(&map);
}

#[test]
fn what_is_removed_is_gone() {
    let (map, _) = map();
    insert(&map, "a", "of-a").unwrap();
    insert(&map, "b", "of-b").unwrap();
    assert_eq!([map.remove("a"), map.remove("a"), map.remove("c")], [true, false, false]);
    assert_eq!((deliver(&map, "a", "of-a"), deliver(&map, "b", "of-b"), map.len()), (NOT_FOUND, Ok(0), 1));
    assert_consistent(&map);
}

#[test]
fn the_end_of_the_expiry_is_not_included() {
    for expiry in [None, Some(SECOND * 7)] {
        let (map, clock) = map();
        let (map, expiry) = expiry.map_or((map.clone(), DAY), |expiry| (map.with_expiry(expiry), expiry));
        insert(&map, "a", "of-a").unwrap();
        clock.advance(expiry - Duration::from_nanos(1));
        assert_eq!((deliver(&map, "a", "of-a"), map.len()), (Ok(0), 1));
        clock.advance(Duration::from_nanos(1));
        assert_eq!((deliver(&map, "a", "of-a"), map.len(), map.is_empty()), (NOT_FOUND, 0, true));
        assert_eq!((map.remove("a"), map.remove_after("a", DAY)), (false, false));
        assert_consistent(&map);
    }
}

#[test]
fn an_expiry_holds_for_what_is_inserted_from_then_on() {
    let (map, clock) = map();
    insert(&map, "day", "d").unwrap();
    let brief = map.clone().with_expiry(SECOND);
    insert(&brief, "second", "s").unwrap();
    assert_eq!(map.len(), 2);
    clock.advance(SECOND);
    assert_eq!([deliver(&brief, "day", "d"), deliver(&map, "second", "s")], [Ok(0), NOT_FOUND]);
}

#[test]
fn an_expiry_beyond_all_time_never_comes() {
    let (map, clock) = map();
    let map = map.with_expiry(Duration::MAX);
    insert(&map, "a", "of-a").unwrap();
    insert(&map, "b", "of-b").unwrap();
    insert(&map, "c", "of-c").unwrap();
    assert!(map.remove_after("b", Duration::MAX) && map.remove_after("c", SECOND));
    for _ in 0..100 {
        clock.advance(DAY * 365);
        assert_eq!((deliver(&map, "a", "of-a"), deliver(&map, "b", "of-b"), map.len()), (Ok(0), Ok(0), 2));
    }
    // A second call changes nothing.
    assert!(map.remove_after("b", Duration::ZERO) && map.remove_after("a", Duration::ZERO));
    assert_eq!((deliver(&map, "b", "of-b"), deliver(&map, "a", "of-a")), (Ok(0), NOT_FOUND));
    assert!(map.remove("b") && map.is_empty());
    assert_consistent(&map);
}

#[test]
fn a_full_map_forgets_nothing_to_make_room() {
    let (map, clock) = map();
    let map = map.with_capacity(2);
    insert(&map, "a", "of-a").unwrap();
    clock.advance(SECOND);
    insert(&map, "b", "of-b").unwrap();
    let error = insert(&map, "c", "of-c").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the secret map is full, with 2 unexpired secrets: set a larger capacity, or a shorter expiry"
    );
    assert_eq!([deliver(&map, "a", "of-a"), deliver(&map, "b", "of-b")], [Ok(0); 2]);
    assert_eq!((deliver(&map, "c", "of-c"), map.len()), (NOT_FOUND, 2));

    insert(&map, "b", "of-b-anew").unwrap();
    assert_eq!((deliver(&map, "b", "of-b-anew"), map.len()), (Ok(0), 2));

    clock.advance(DAY - SECOND - Duration::from_nanos(1));
    assert_eq!(insert(&map, "c", "of-c"), Err(error));
    clock.advance(Duration::from_nanos(1));
    insert(&map, "c", "of-c").unwrap();
    assert_eq!([deliver(&map, "a", "of-a"), deliver(&map, "c", "of-c")], [NOT_FOUND, Ok(0)]);

    assert_eq!(insert(&map, "d", "of-d"), Err(error));
    map.remove("b");
    insert(&map, "d", "of-d").unwrap();
    assert!(map.remove_after("d", SECOND));
    assert_eq!(insert(&map, "e", "of-e"), Err(error));
    clock.advance(SECOND);
    insert(&map, "e", "of-e").unwrap();
    assert_consistent(&map);
}

#[test]
fn what_a_clone_of_another_capacity_put_in_can_be_replaced() {
    let (map, _) = map();
    insert(&map, "a", "of-a").unwrap();
    insert(&map, "b", "of-b").unwrap();
    assert_eq!((insert(&map.clone().with_capacity(1), "a", "anew"), deliver(&map, "a", "anew")), (Ok(()), Ok(0)));
}

#[test]
fn a6_a_map_without_room_or_time_is_rejected() {
    let (map, _) = map();
    let texts = [map.clone().try_with_capacity(0), map.clone().try_with_expiry(Duration::ZERO)]
        .map(|map| map.unwrap_err().to_string());
    assert_eq!(texts, ["the capacity of the secret map must not be 0", "the expiry of secrets must not be 0"]);
    assert!(map.clone().try_with_capacity(1).is_ok() && map.try_with_expiry(Duration::from_nanos(1)).is_ok());
}

#[test]
fn what_leaves_stays_for_the_delay_of_the_first_call() {
    let (map, clock) = map();
    for id in ["shorter", "longer", "twice", "anew"] {
        insert(&map, id, "s").unwrap();
    }
    assert!(map.remove_after("shorter", 10 * SECOND) && map.remove_after("longer", DAY + SECOND));
    assert!(map.remove_after("twice", 10 * SECOND) && map.remove_after("anew", 10 * SECOND));
    assert!(!map.remove_after("unknown", SECOND) && map.len() == 4);
    clock.advance(9 * SECOND);
    assert!(map.remove_after("twice", 10 * SECOND) && map.remove_after("twice", Duration::ZERO));
    assert_eq!([deliver(&map, "shorter", "s"), deliver(&map, "twice", "s")], [Ok(0); 2]);
    insert(&map, "anew", "t").unwrap();
    clock.advance(SECOND);
    assert_eq!([deliver(&map, "shorter", "s"), deliver(&map, "twice", "s")], [NOT_FOUND; 2]);
    assert!(!map.remove_after("twice", SECOND));

    // Inserted again, it stays until it is removed again.
    assert_eq!(deliver(&map, "anew", "t"), Ok(0));
    assert!(map.remove_after("anew", Duration::ZERO) && deliver(&map, "anew", "t") == NOT_FOUND);

    clock.advance(DAY - 9 * SECOND - Duration::from_nanos(1));
    assert_eq!(deliver(&map, "longer", "s"), Ok(0));
    clock.advance(Duration::from_nanos(1));
    assert_eq!((deliver(&map, "longer", "s"), map.len()), (NOT_FOUND, 0));
    assert_consistent(&map);
}

#[test]
fn clones_are_the_same_map() {
    let (map, _) = map();
    let verifier = Verifier::<GeoScored>::from_lookup(map.clone());
    let (clone, copy) = (map.clone(), verifier.clone());
    insert(&clone, "a", "of-a").unwrap();
    assert_eq!((deliver(&map, "a", "of-a"), map.len()), (Ok(0), 1));
    drop((map, verifier, copy));
    assert!(clone.remove("a"));
    assert!(SecretMap::default().is_empty());
}

#[test]
fn threads_share_it() {
    let (map, clock) = map();
    let map = map.with_expiry(50 * SECOND).with_capacity(40);
    std::thread::scope(|scope| {
        for thread in 0..8_u32 {
            let (map, clock) = (&map, &clock);
            scope.spawn(move || {
                for step in 0..2_000_u32 {
                    let id = format!("{}", (thread * 7 + step * 13) % 60);
                    match (thread + step) % 5 {
                        0 | 1 => drop(insert(map, id, "s3cr3t")),
                        2 => drop(map.remove(&id)),
                        3 => drop(map.remove_after(&id, SECOND * (step % 9))),
                        _ if step % 40 == 0 => assert!(deliver(map, &id, "s3cr3t") != MISMATCH),
                        _ => clock.advance(SECOND / 8),
                    }
                    assert!(map.len() <= 40);
                }
            });
        }
    });
    assert_consistent(&map);
    clock.advance(DAY);
    assert!(map.is_empty());
    assert_consistent(&map);
}

#[test]
fn t19_debug_shows_neither_ids_nor_secrets() {
    let (map, _) = map();
    insert(&map, "scan-id", "s3cr3t").unwrap();
    assert_eq!(format!("{map:?}"), "SecretMap { expiry: 86400s, capacity: 100000, .. }");
    let map = map.with_expiry(SECOND).with_capacity(1);
    assert_eq!(format!("{map:?}"), "SecretMap { expiry: 1s, capacity: 1, .. }");
    let error = insert(&map, "other", "s3cr3t").unwrap_err();
    assert_eq!(format!("{error:?}"), "SecretMapFull { capacity: 1 }");
}
