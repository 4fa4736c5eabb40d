//! The store of one process: what it forgets, and when.

use std::time::{Duration, SystemTime};

use countersign::{
    Clock,
    dedupe::{Claim, ClaimStore, DeliveryKey, LeaseState, LeaseToken, MemoryStore},
};

const LONG: Duration = Duration::from_secs(60);

fn key(number: u64) -> DeliveryKey {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    bytes.into()
}

async fn claim(store: &MemoryStore, number: u64) -> Claim {
    store.claim(key(number), LeaseToken::unique(), LONG).await.unwrap()
}

async fn remember(store: &MemoryStore, number: u64, retention: Duration) {
    let token = LeaseToken::unique();
    assert_eq!(store.claim(key(number), token, LONG).await.unwrap(), Claim::New);
    assert_eq!(store.commit(key(number), token, retention).await.unwrap(), LeaseState::Held);
}

fn timed(capacity: usize) -> (MemoryStore, Clock) {
    let clock = Clock::manual(SystemTime::now());
    (MemoryStore::with_capacity(capacity).with_clock(clock.clone()), clock)
}

#[tokio::test]
async fn a_full_store_forgets_the_delivery_that_was_asked_for_least_recently() {
    let store = MemoryStore::with_capacity(3);
    for number in 1..=3 {
        remember(&store, number, LONG).await;
    }
    assert_eq!(store.evicted(), 0);
    assert_eq!(claim(&store, 1).await, Claim::Done, "asked for");
    remember(&store, 4, LONG).await;
    // Clones are the same store.
    let clone = store.clone();
    assert_eq!(clone.evicted(), 1);
    for number in [1, 3, 4] {
        assert_eq!(claim(&clone, number).await, Claim::Done, "{number}");
    }
    assert_eq!(claim(&store, 2).await, Claim::New, "the oldest of those that were not asked for");
}

#[tokio::test]
async fn released_and_expired_deliveries_are_not_counted_as_evicted() {
    let (store, clock) = timed(10);
    for number in 0..100 {
        let token = LeaseToken::unique();
        store.claim(key(number), token, LONG).await.unwrap();
        store.release(key(number), token).await.unwrap();
    }
    assert_eq!(store.evicted(), 0, "released");
    for number in 0..10 {
        remember(&store, number, LONG).await;
    }
    clock.advance(LONG);
    for number in 10..20 {
        remember(&store, number, LONG).await;
    }
    assert_eq!(store.evicted(), 0, "expired before the store was full");
    remember(&store, 20, LONG).await;
    assert_eq!(store.evicted(), 1, "one too many");
}

#[tokio::test]
async fn f10_leases_and_retentions_end_by_the_clock_it_is_given() {
    let (store, clock) = timed(100);
    let (token, next) = (LeaseToken::unique(), LeaseToken::unique());
    let lease = Duration::from_secs(10);
    assert_eq!(store.claim(key(1), token, lease).await.unwrap(), Claim::New);
    clock.advance(lease - Duration::from_nanos(1));
    assert_eq!(store.claim(key(1), next, lease).await.unwrap(), Claim::InFlight);
    assert_eq!(store.renew(key(1), token, lease).await.unwrap(), LeaseState::Held);
    clock.advance(lease);
    assert_eq!(store.renew(key(1), token, lease).await.unwrap(), LeaseState::Lost, "I8: the end is exclusive");
    assert_eq!(store.commit(key(1), token, LONG).await.unwrap(), LeaseState::Lost);
    assert_eq!(store.claim(key(1), next, lease).await.unwrap(), Claim::New);
    assert_eq!(store.release(key(1), token).await.unwrap(), LeaseState::Lost);
    assert_eq!(store.commit(key(1), next, LONG).await.unwrap(), LeaseState::Held);
    clock.advance(LONG - Duration::from_nanos(1));
    assert_eq!(claim(&store, 1).await, Claim::Done);
    clock.advance(Duration::from_nanos(1));
    assert_eq!(claim(&store, 1).await, Claim::New);
}

#[tokio::test]
async fn f10_a_retention_longer_than_the_lease_before_it_is_kept() {
    let (store, clock) = timed(100);
    let token = LeaseToken::unique();
    // An expired lease is removed; the handled delivery that took its place is not.
    store.claim(key(1), token, LONG / 2).await.unwrap();
    store.commit(key(1), token, LONG).await.unwrap();
    clock.advance(LONG - Duration::from_nanos(1));
    assert_eq!(store.evicted(), 0);
    assert_eq!(claim(&store, 1).await, Claim::Done);
}

#[test]
fn a6_a_store_without_capacity_is_rejected() {
    let error = MemoryStore::try_with_capacity(0).unwrap_err();
    assert_eq!(error.to_string(), "the capacity of the store must not be 0");
    assert!(MemoryStore::try_with_capacity(1).is_ok());
    let panic = std::panic::catch_unwind(|| MemoryStore::with_capacity(0)).unwrap_err();
    assert_eq!(panic.downcast_ref::<String>(), Some(&error.to_string()));
}
