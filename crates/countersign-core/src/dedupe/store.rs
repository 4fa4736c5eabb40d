//! What a store of claims has to do.

use std::{
    error::Error,
    fmt,
    future::Future,
    hash::{BuildHasher, RandomState},
    pin::Pin,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use super::DeliveryKey;

/// Remembers which deliveries are being handled, and which have been: the memory behind [`Dedupe`](super::Dedupe).
///
/// `countersign-dedupe` has one in memory and one on Redis. Another one implements these four and has to pass that crate's
/// contract tests. Every call is atomic, also against calls from other machines if they share the store, and answers
/// within a time that its caller limits: a call that is dropped may have happened or not.
///
/// A store that forgets early lets a delivery run twice. One that remembers what was not committed loses deliveries:
/// when in doubt, forget.
pub trait ClaimStore: Send + Sync + 'static {
    /// Claims the delivery for whoever has `token`, for the time of the lease.
    ///
    /// * nobody has it, or whoever had it let the lease run out: the lease is now this token's, [`Claim::New`];
    /// * somebody has it: [`Claim::InFlight`], and nothing changes;
    /// * it was committed, and is remembered: [`Claim::Done`], and nothing changes.
    ///
    /// # Errors
    ///
    /// If it cannot be known.
    fn claim(
        &self,
        key: DeliveryKey,
        token: LeaseToken,
        lease: Duration,
    ) -> impl Future<Output = Result<Claim, Box<dyn Error + Send + Sync>>> + Send;

    /// Has the lease of `token` run for this long from now, if it is still the current one.
    ///
    /// # Errors
    ///
    /// If it cannot be known.
    fn renew(
        &self,
        key: DeliveryKey,
        token: LeaseToken,
        lease: Duration,
    ) -> impl Future<Output = Result<Held, Box<dyn Error + Send + Sync>>> + Send;

    /// Turns the lease of `token` into the memory of a delivery that was handled, for the time of the retention, if it
    /// is still the current one.
    ///
    /// # Errors
    ///
    /// If it cannot be known.
    fn commit(
        &self,
        key: DeliveryKey,
        token: LeaseToken,
        retention: Duration,
    ) -> impl Future<Output = Result<Held, Box<dyn Error + Send + Sync>>> + Send;

    /// Gives the lease of `token` up, if it is still the current one, so that the delivery can be claimed again at once.
    ///
    /// # Errors
    ///
    /// If it cannot be known.
    fn release(
        &self,
        key: DeliveryKey,
        token: LeaseToken,
    ) -> impl Future<Output = Result<Held, Box<dyn Error + Send + Sync>>> + Send;
}

impl<S: ClaimStore> ClaimStore for Arc<S> {
    async fn claim(
        &self,
        key: DeliveryKey,
        token: LeaseToken,
        lease: Duration,
    ) -> Result<Claim, Box<dyn Error + Send + Sync>> {
        S::claim(self, key, token, lease).await
    }

    async fn renew(
        &self,
        key: DeliveryKey,
        token: LeaseToken,
        lease: Duration,
    ) -> Result<Held, Box<dyn Error + Send + Sync>> {
        S::renew(self, key, token, lease).await
    }

    async fn commit(
        &self,
        key: DeliveryKey,
        token: LeaseToken,
        retention: Duration,
    ) -> Result<Held, Box<dyn Error + Send + Sync>> {
        S::commit(self, key, token, retention).await
    }

    async fn release(&self, key: DeliveryKey, token: LeaseToken) -> Result<Held, Box<dyn Error + Send + Sync>> {
        S::release(self, key, token).await
    }
}

/// The answer to a claim. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Claim {
    /// The delivery is the caller's to handle.
    New,
    /// Somebody is handling it.
    InFlight,
    /// It was handled.
    Done,
}

/// Whether a lease was still its holder's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "there is no third")]
pub enum Held {
    /// It was, and what was asked for happened.
    Yes,
    /// It had run out, or somebody else has it: nothing happened.
    No,
}

/// The fencing token of a lease: whoever claims a delivery gets one that nobody had before.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LeaseToken(u128);

impl LeaseToken {
    /// A token that no other call returns, in this process or another.
    #[must_use]
    pub fn unique() -> Self {
        // 64 bits that the standard library takes from the operating system, and a number.
        static PROCESS: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(std::process::id()));
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        Self((u128::from(*PROCESS) << 64) | u128::from(NUMBER.fetch_add(1, Ordering::Relaxed)))
    }

    /// The token's bytes, for a store.
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }
}

/// For tests of stores.
impl From<[u8; 16]> for LeaseToken {
    fn from(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }
}

/// In lower-case hex.
impl fmt::Display for LeaseToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for LeaseToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LeaseToken({self})")
    }
}

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Box<dyn Error + Send + Sync>>> + Send + 'a>>;

/// [`ClaimStore`] without type parameters.
pub(super) trait Erased: Send + Sync {
    fn claim(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> Answer<'_, Claim>;
    fn renew(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> Answer<'_, Held>;
    fn commit(&self, key: DeliveryKey, token: LeaseToken, retention: Duration) -> Answer<'_, Held>;
    fn release(&self, key: DeliveryKey, token: LeaseToken) -> Answer<'_, Held>;
}

// In an `async` block each, so that a store that panics before its first await panics where it is waited for.
impl<S: ClaimStore> Erased for S {
    fn claim(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> Answer<'_, Claim> {
        Box::pin(async move { self.claim(key, token, lease).await })
    }

    fn renew(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> Answer<'_, Held> {
        Box::pin(async move { self.renew(key, token, lease).await })
    }

    fn commit(&self, key: DeliveryKey, token: LeaseToken, retention: Duration) -> Answer<'_, Held> {
        Box::pin(async move { self.commit(key, token, retention).await })
    }

    fn release(&self, key: DeliveryKey, token: LeaseToken) -> Answer<'_, Held> {
        Box::pin(async move { self.release(key, token).await })
    }
}
