//! The memory that the store takes.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing, reason = "tests")]

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
    time::SystemTime,
};

use allocation_counter::measure;

use super::*;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The store never waits.
fn ready<T>(call: impl Future<Output = StoreResult<T>>) -> T {
    match pin!(call).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer.unwrap(),
        Poll::Pending => unreachable!("it never waits"),
    }
}

fn remember(store: &MemoryStore, number: u64) {
    // Spread like hashes are.
    let mut bytes = [0; 32];
    for (part, bytes) in bytes.chunks_exact_mut(8).enumerate() {
        bytes.copy_from_slice(&(number ^ part as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    }
    let (key, token) = (DeliveryKey::from(bytes), LeaseToken::unique());
    assert_eq!(ready(store.claim(key, token, Duration::from_secs(10))), Claim::New);
    assert_eq!(ready(store.commit(key, token, DAY)), LeaseState::Held);
}

fn len(store: &MemoryStore) -> u64 {
    store.shared.entries.lock().unwrap().len() as u64
}

#[test]
fn i7_t14_any_number_of_deliveries_takes_the_room_of_its_capacity() {
    // Unoptimised, it takes some microseconds each.
    let (capacity, deliveries) = if cfg!(debug_assertions) { (10_000, 100_000) } else { (100_000, 1_000_000) };
    let store = MemoryStore::with_capacity(capacity as usize);
    let fill = |range: std::ops::Range<u64>| measure(|| range.for_each(|number| remember(&store, number)));
    let full = fill(0..capacity);
    assert_eq!((len(&store), store.evicted()), (capacity, 0));
    let each = full.bytes_current as u64 / capacity;
    println!("{each} bytes for each of {capacity}");
    assert!((100..=200).contains(&each), "{each} bytes for each remembered delivery");

    let more = fill(capacity..deliveries);
    assert_eq!((len(&store), store.evicted()), (capacity, deliveries - capacity));
    let (grown, peak) = (more.bytes_current, more.bytes_max);
    // The table is reallocated now and then.
    assert!(grown < full.bytes_current / 3, "{grown} bytes more, on top of {}", full.bytes_current);
    assert!(peak < full.bytes_max, "{peak} bytes at the peak, on top of {}", full.bytes_current);
}

#[test]
fn the_room_of_expired_entries_is_freed() {
    let clock = Clock::manual(SystemTime::UNIX_EPOCH);
    let store = MemoryStore::with_capacity(1000).with_clock(clock.clone());
    for number in 0..100_u64 {
        let key = DeliveryKey::from([number as u8; 32]);
        let (token, time) = (LeaseToken::unique(), Duration::from_secs(10));
        assert_eq!(ready(store.claim(key, token, time)), Claim::New);
        if number % 2 == 0 {
            ready(store.commit(key, token, time));
        }
    }
    clock.advance(Duration::from_secs(10));
    // Two are removed with each write, and each delivery is written twice.
    (1000..1025).for_each(|number| remember(&store, number));
    assert_eq!((len(&store), store.evicted()), (25, 0));
}
