//! The tests that every [`ClaimStore`] must pass.
//!
//! Run [`check`] against your store. It panics if the store does not satisfy the contract, and says
//! what it expected.
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

mod forgetting;
mod races;
mod times;

use std::{fmt::Debug, sync::Arc, time::Duration};

use countersign_core::dedupe::{Claim, ClaimStore, DeliveryKey, LeaseState, LeaseToken};
use tokio::time::{sleep, timeout};

/// A lease that expires during a test, but is long enough for a busy machine.
const SHORT: Duration = Duration::from_secs(1);
const LONG: Duration = Duration::from_secs(60);
/// The time limit of the whole contract, enough for a slow machine.
const LIMIT: Duration = Duration::from_secs(60);

/// Runs every test of the contract, in about five seconds.
///
/// The store may contain other entries. The tests leave entries that expire within a minute. They
/// need a multi-threaded tokio runtime, because some of them make concurrent calls.
///
/// # Panics
///
/// Panics if the store does not satisfy the contract, returns an error, or does not answer.
pub async fn check(store: impl ClaimStore) {
    let store = Store(Arc::new(store));
    let all = async {
        store.a_delivery_is_claimed_once().await;
        store.what_is_committed_is_done().await;
        store.what_is_released_can_be_claimed_at_once().await;
        store.only_the_holder_renews_commits_and_releases().await;
        store.deliveries_do_not_meet().await;
        store.what_is_forgotten_can_be_claimed_again().await;
        // At the same time, because they mostly wait.
        tokio::join!(store.a_call_that_is_dropped_blocks_no_other(), store.times(), store.races());
    };
    assert!(timeout(LIMIT, all).await.is_ok(), "the store did not answer a call in time");
}

struct Store<S>(Arc<S>);

#[track_caller]
fn is<T: PartialEq + Debug, E: Debug>(found: Result<T, E>, expected: T, what: &str) {
    match found {
        Ok(found) => assert!(found == expected, "{what}: expected {expected:?}, found {found:?}"),
        Err(error) => panic!("{what}: expected {expected:?}, found an error: {error:?}"),
    }
}

/// A key that is used for the first time.
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
        is(self.0.claim(key, token, lease).await, Claim::New, "a claim of a free delivery");
        token
    }

    async fn a_delivery_is_claimed_once(&self) {
        let key = key();
        let token = self.claimed(key, LONG).await;
        is(self.0.claim(key, LeaseToken::unique(), LONG).await, Claim::InFlight, "a second claim");
        is(self.0.claim(key, token, LONG).await, Claim::InFlight, "a second claim by the holder");
    }

    async fn what_is_committed_is_done(&self) {
        let key = key();
        let token = self.claimed(key, LONG).await;
        is(self.0.commit(key, token, LONG).await, LeaseState::Held, "a commit");
        is(self.0.claim(key, LeaseToken::unique(), LONG).await, Claim::Done, "a claim of a committed delivery");
        is(self.0.claim(key, LeaseToken::unique(), LONG).await, Claim::Done, "another claim of a committed delivery");
    }

    async fn what_is_released_can_be_claimed_at_once(&self) {
        let key = key();
        let token = self.claimed(key, LONG).await;
        is(self.0.release(key, token).await, LeaseState::Held, "a release");
        let next = self.claimed(key, LONG).await;
        is(self.0.commit(key, token, LONG).await, LeaseState::Lost, "a commit by the former holder");
        is(self.0.commit(key, next, LONG).await, LeaseState::Held, "a commit by the holder");
    }

    async fn only_the_holder_renews_commits_and_releases(&self) {
        let (key, other) = (key(), LeaseToken::unique());
        is(self.0.renew(key, other, LONG).await, LeaseState::Lost, "a renewal of a free delivery");
        is(self.0.commit(key, other, LONG).await, LeaseState::Lost, "a commit of a free delivery");
        is(self.0.release(key, other).await, LeaseState::Lost, "a release of a free delivery");
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
                "a renewal with a token that differs in one bit",
            );
        }
        is(self.0.claim(key, LeaseToken::unique(), LONG).await, Claim::InFlight, "a claim after calls by others");
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
        // No change to one changes another.
        for (number, &(key, token)) in leases.iter().enumerate() {
            let (what, end) = if number % 2 == 0 {
                (
                    "a commit of one of several deliveries whose keys differ in one bit",
                    self.0.commit(key, token, LONG).await,
                )
            } else {
                (
                    "a release of one of several deliveries whose keys differ in one bit",
                    self.0.release(key, token).await,
                )
            };
            is(end, LeaseState::Held, what);
        }
        for (number, &(key, _)) in leases.iter().enumerate() {
            let expected = if number % 2 == 0 { Claim::Done } else { Claim::New };
            is(
                self.0.claim(key, LeaseToken::unique(), LONG).await,
                expected,
                "a claim of one of several deliveries whose keys differ in one bit",
            );
        }
    }

    async fn a_call_that_is_dropped_blocks_no_other(&self) {
        let keys = [key(), key(), key()];
        for (polls, key) in keys.into_iter().enumerate() {
            let (polls, token) = (polls + 1, LeaseToken::unique());
            // It may have happened or not; the next caller gets an answer in any case.
            drop_after(polls, self.0.claim(key, token, SHORT)).await;
            drop_after(polls, self.0.renew(key, token, SHORT)).await;
            drop_after(polls, self.0.commit(key, token, SHORT)).await;
            drop_after(polls, self.0.release(key, token)).await;
        }
        sleep(SHORT * 2).await;
        for key in keys {
            let next = self.claimed(key, LONG).await;
            is(self.0.commit(key, next, LONG).await, LeaseState::Held, "a commit after calls that were dropped");
        }
    }
}

/// Polls a call this often at most, and drops it.
async fn drop_after<T>(polls: usize, call: impl Future<Output = T>) {
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

#[cfg(test)]
#[allow(unreachable_pub, reason = "it is written for a crate of the reader")]
#[path = "../../countersign-core/src/once/example_store.rs"]
mod example_store;

/// The store that the documentation of [`ClaimStore`] shows.
#[cfg(test)]
#[tokio::test(flavor = "multi_thread")]
async fn the_documented_example_keeps_the_contract() {
    check(example_store::Table::default()).await;
}
