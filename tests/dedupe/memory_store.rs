//! The store of one process: what it forgets, and when.

use std::{
    convert::Infallible,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use countersign::{
    Clock,
    dedupe::{Claim, ClaimStore, Dedupe, DeliveryKey, LeaseState, LeaseToken, MemoryStore},
    providers::Zeodyn,
    tower::VerifyWebhook,
};
use http_body_util::Full;
use tower::{Layer, ServiceExt, service_fn};

use crate::convert::{documented, of, to_http};

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
async fn when_it_is_full_the_one_that_was_asked_for_least_recently_is_forgotten() {
    let store = MemoryStore::with_capacity(3);
    for number in 1..=3 {
        remember(&store, number, LONG).await;
    }
    assert_eq!(store.forgotten(), 0);
    assert_eq!(claim(&store, 1).await, Claim::Done, "asked for");
    remember(&store, 4, LONG).await;
    assert_eq!(store.forgotten(), 1);
    for number in [1, 3, 4] {
        assert_eq!(claim(&store, number).await, Claim::Done, "{number}");
    }
    assert_eq!(claim(&store, 2).await, Claim::New, "the oldest of all that nobody asked for");
}

#[tokio::test]
async fn what_is_given_up_or_over_is_not_counted_as_forgotten() {
    let (store, clock) = timed(10);
    for number in 0..100 {
        let token = LeaseToken::unique();
        store.claim(key(number), token, LONG).await.unwrap();
        store.release(key(number), token).await.unwrap();
    }
    assert_eq!(store.forgotten(), 0, "released");
    for number in 0..10 {
        remember(&store, number, LONG).await;
    }
    clock.advance(LONG);
    for number in 10..20 {
        remember(&store, number, LONG).await;
    }
    assert_eq!(store.forgotten(), 0, "run out before there was want of room");
    remember(&store, 20, LONG).await;
    assert_eq!(store.forgotten(), 1, "one too many");
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
    assert_eq!(store.renew(key(1), token, lease).await.unwrap(), LeaseState::Lost, "I8: at the very end it is over");
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
async fn f10_a_retention_by_its_clock_outlives_a_shorter_one_before() {
    let (store, clock) = timed(100);
    let token = LeaseToken::unique();
    // The room that a lease takes goes when it is over: not that of what it was turned into.
    store.claim(key(1), token, LONG / 2).await.unwrap();
    store.commit(key(1), token, LONG).await.unwrap();
    clock.advance(LONG - Duration::from_nanos(1));
    assert_eq!(store.forgotten(), 0);
    assert_eq!(claim(&store, 1).await, Claim::Done);
}

#[tokio::test]
async fn the_longest_time_is_for_ever() {
    let (store, clock) = timed(100);
    remember(&store, 1, Duration::MAX).await;
    store.claim(key(2), LeaseToken::unique(), Duration::MAX).await.unwrap();
    clock.advance(Duration::from_secs(60 * 60 * 24 * 365 * 200));
    assert_eq!(claim(&store, 1).await, Claim::Done);
    assert_eq!(claim(&store, 2).await, Claim::InFlight);
}

#[tokio::test]
async fn clones_are_the_same_store() {
    let store = MemoryStore::with_capacity(2);
    let clone = store.clone();
    remember(&store, 1, LONG).await;
    assert_eq!(claim(&clone, 1).await, Claim::Done);
    for number in 2..=4 {
        remember(&clone, number, LONG).await;
    }
    assert_eq!((store.forgotten(), clone.forgotten()), (2, 2));
}

#[tokio::test]
async fn t14_f10_no_room_at_all_handles_everything_and_loses_nothing() {
    let store = MemoryStore::with_capacity(0);
    for _ in 0..3 {
        assert_eq!(claim(&store, 1).await, Claim::New);
    }
}

#[tokio::test]
async fn t11_t14_forged_deliveries_take_no_room() {
    let store = MemoryStore::with_capacity(2);
    let inner = service_fn(|_: http::Request<Full<Bytes>>| async {
        Ok::<_, Infallible>(http::Response::<Full<Bytes>>::default())
    });
    let layer = VerifyWebhook::zeodyn(of::<Zeodyn>().secret()).with_dedupe(Dedupe::new(store.clone()));
    let service = layer.layer(inner);
    let status = async |request: &crate::support::http::Request| {
        service.clone().oneshot(to_http::<Full<Bytes>>(request)).await.unwrap().status().as_u16()
    };
    let genuine = documented::<Zeodyn>();
    // The forged copy of a delivery comes before it.
    let forged = of::<Zeodyn>().proven_with(b"guessed", genuine.body.clone());
    assert_eq!((status(&forged).await, status(&genuine).await), (401, 200));
    for number in 0..1000 {
        let body = format!(r#"{{"event":"scan_complete","scanId":"forged-{number}"}}"#);
        assert_eq!(status(&of::<Zeodyn>().proven_with(b"guessed", body)).await, 401);
    }
    assert_eq!(store.forgotten(), 0, "I4");
    let again = service.oneshot(to_http::<Full<Bytes>>(&genuine)).await.unwrap();
    assert!(again.headers().contains_key(countersign::dedupe::DELIVERY_HEADER), "it is still remembered");
}
