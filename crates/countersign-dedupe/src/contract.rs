//! What a store has to do, as tests.
//!
//! Run [`check`] against a store of your own: it panics, with what was expected, where the store does otherwise.
//!
//! ```
//! # async fn example() {
//! countersign_dedupe::contract::check(countersign_dedupe::MemoryStore::new()).await;
//! # }
//! # tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(example());
//! ```

#![allow(
    clippy::panic,
    clippy::missing_panics_doc,
    clippy::arithmetic_side_effects,
    reason = "tests fail by panicking"
)]

mod races;
mod times;

use std::{fmt::Debug, sync::Arc, time::Duration};

use countersign_core::dedupe::{Claim, ClaimStore, DeliveryKey, LeaseState, LeaseToken};
use tokio::time::{sleep, timeout};

/// A lease that is over by the time it is looked at again.
const SHORT: Duration = Duration::from_millis(100);
const LONG: Duration = Duration::from_secs(60);
/// By when all of it is over, on a slow machine too.
const LIMIT: Duration = Duration::from_secs(60);

/// Every test of the contract, one after the other, in about five seconds. The store may hold other entries, and is
/// left with some that run out within a minute. It needs tokio with more than one thread, for the races.
///
/// # Panics
///
/// If the store does not keep the contract, returns an error, or does not answer.
pub async fn check(store: impl ClaimStore) {
    let store = Store(Arc::new(store));
    let all = async {
        store.a_delivery_is_claimed_once().await;
        store.what_is_committed_is_done().await;
        store.what_is_released_can_be_claimed_at_once().await;
        store.only_the_holder_renews_commits_and_releases().await;
        store.deliveries_do_not_meet().await;
        store.a_call_that_is_dropped_blocks_nobody().await;
        store.times().await;
        store.races().await;
    };
    assert!(timeout(LIMIT, all).await.is_ok(), "a call was not answered, or not soon enough");
}

struct Store<S>(Arc<S>);

#[track_caller]
fn is<T: PartialEq + Debug, E: Debug>(found: Result<T, E>, expected: T, what: &str) {
    match found {
        Ok(found) => assert!(found == expected, "{what}: {expected:?} was expected, and {found:?} came"),
        Err(error) => panic!("{what}: {expected:?} was expected, and an error came: {error:?}"),
    }
}

/// A key that nobody had before.
fn key() -> DeliveryKey {
    let mut bytes = [0; 32];
    for half in bytes.chunks_exact_mut(16) {
        half.copy_from_slice(&LeaseToken::unique().to_bytes());
    }
    bytes.into()
}

impl<S: ClaimStore> Store<S> {
    async fn claimed(&self, key: DeliveryKey, lease: Duration) -> LeaseToken {
        let token = LeaseToken::unique();
        is(self.0.claim(key, token, lease).await, Claim::New, "a claim of what nobody has");
        token
    }

    async fn a_delivery_is_claimed_once(&self) {
        let key = key();
        let token = self.claimed(key, LONG).await;
        is(self.0.claim(key, LeaseToken::unique(), LONG).await, Claim::InFlight, "a second claim");
        is(self.0.claim(key, token, LONG).await, Claim::InFlight, "a second claim by who has it");
    }

    async fn what_is_committed_is_done(&self) {
        let key = key();
        let token = self.claimed(key, LONG).await;
        is(self.0.commit(key, token, LONG).await, LeaseState::Held, "a commit");
        is(self.0.claim(key, LeaseToken::unique(), LONG).await, Claim::Done, "a claim of what is done");
        is(self.0.claim(key, LeaseToken::unique(), LONG).await, Claim::Done, "another claim of what is done");
    }

    async fn what_is_released_can_be_claimed_at_once(&self) {
        let key = key();
        let token = self.claimed(key, LONG).await;
        is(self.0.release(key, token).await, LeaseState::Held, "a release");
        let next = self.claimed(key, LONG).await;
        is(self.0.commit(key, token, LONG).await, LeaseState::Lost, "a commit by who released it");
        is(self.0.commit(key, next, LONG).await, LeaseState::Held, "a commit by who has it now");
    }

    async fn only_the_holder_renews_commits_and_releases(&self) {
        let (key, other) = (key(), LeaseToken::unique());
        is(self.0.renew(key, other, LONG).await, LeaseState::Lost, "a renewal of what nobody has");
        is(self.0.commit(key, other, LONG).await, LeaseState::Lost, "a commit of what nobody has");
        is(self.0.release(key, other).await, LeaseState::Lost, "a release of what nobody has");
        let token = self.claimed(key, LONG).await;
        is(self.0.renew(key, other, LONG).await, LeaseState::Lost, "a renewal by another");
        is(self.0.commit(key, other, LONG).await, LeaseState::Lost, "a commit by another");
        is(self.0.release(key, other).await, LeaseState::Lost, "a release by another");
        for position in 0..16 {
            let mut bytes = token.to_bytes();
            bytes.iter_mut().skip(position).take(1).for_each(|byte| *byte ^= 1);
            is(
                self.0.renew(key, bytes.into(), LONG).await,
                LeaseState::Lost,
                "a renewal by one of nearly the same token",
            );
        }
        is(self.0.claim(key, LeaseToken::unique(), LONG).await, Claim::InFlight, "a claim after all that");
        is(self.0.commit(key, token, LONG).await, LeaseState::Held, "a commit by the holder");
    }

    async fn deliveries_do_not_meet(&self) {
        let first = key();
        let mut keys = vec![first];
        for position in 0..first.as_bytes().len() {
            for bit in 0..8_u8 {
                let mut bytes = *first.as_bytes();
                if let Some(byte) = bytes.get_mut(position) {
                    *byte ^= 1 << bit;
                }
                keys.push(bytes.into());
            }
        }
        let mut leases = Vec::new();
        for &key in &keys {
            leases.push((key, self.claimed(key, LONG).await));
        }
        // What becomes of one becomes of none of the others.
        for (number, &(key, token)) in leases.iter().enumerate() {
            let (what, end) = if number % 2 == 0 {
                ("a commit of one of many", self.0.commit(key, token, LONG).await)
            } else {
                ("a release of one of many", self.0.release(key, token).await)
            };
            is(end, LeaseState::Held, what);
        }
        for (number, &(key, _)) in leases.iter().enumerate() {
            let expected = if number % 2 == 0 { Claim::Done } else { Claim::New };
            is(self.0.claim(key, LeaseToken::unique(), LONG).await, expected, "a claim of one of many");
        }
    }

    async fn a_call_that_is_dropped_blocks_nobody(&self) {
        for polls in 1..4 {
            let key = key();
            let token = LeaseToken::unique();
            // It may have happened or not; whoever comes next gets an answer all the same.
            give_up_after(polls, self.0.claim(key, token, SHORT)).await;
            give_up_after(polls, self.0.renew(key, token, SHORT)).await;
            give_up_after(polls, self.0.commit(key, token, SHORT)).await;
            give_up_after(polls, self.0.release(key, token)).await;
            sleep(SHORT * 2).await;
            let next = self.claimed(key, LONG).await;
            is(self.0.commit(key, next, LONG).await, LeaseState::Held, "a commit after calls that were dropped");
        }
    }
}

/// Polls a call so often at most, and drops it.
async fn give_up_after<T>(polls: usize, call: impl Future<Output = T>) {
    let (mut call, mut left) = (std::pin::pin!(call), polls);
    std::future::poll_fn(|cx| {
        left = left.saturating_sub(1);
        match call.as_mut().poll(cx) {
            std::task::Poll::Pending if left > 0 => std::task::Poll::Pending,
            _ => std::task::Poll::Ready(()),
        }
    })
    .await;
}
