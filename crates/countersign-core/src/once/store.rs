//! The interface of a store of claims.

use std::{any::Any, error::Error, future::Future, pin::Pin, sync::Arc, time::Duration};

use super::{DeliveryKey, Forgotten, LeaseToken, StoreIdentity};
use crate::error::ForgetError;

/// The answer of a store, or the reason why it cannot give one.
pub type StoreResult<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// A store of claims, for [`Dedupe`](super::Dedupe): it remembers which deliveries are in flight
/// and which were handled.
///
/// `countersign-dedupe` has a store in memory and one on Redis. For another one, implement these
/// four methods and run the contract below. The other two are optional.
///
/// * Each call is atomic, even if several machines share the store.
/// * The caller limits how long it waits for an answer. A call that is dropped may or may not take
///   effect.
/// * A store that forgets a delivery too early causes it to be handled twice. A store that
///   remembers a delivery that was not committed loses it. When in doubt, forget.
///
/// # Example
///
/// A complete store, in memory. In SQL, `claim` is an `INSERT … ON CONFLICT` whose `WHERE` matches
/// expired rows. The others are an `UPDATE` or
/// `DELETE … WHERE key = $1 AND token = $2 AND expires > now()`. This example keeps expired rows; a
/// real store must remove them.
///
/// ```
#[doc = include_str!("example_store.rs")]
/// ```
///
/// # The contract
///
/// `countersign_dedupe::contract` (feature `contract`; in the facade,
/// `countersign::dedupe::contract` and the feature `dedupe-contract`) contains the tests that every
/// store must pass. They panic if one fails:
///
/// ```ignore
/// #[tokio::test(flavor = "multi_thread")]
/// async fn it_keeps_the_contract() {
///     countersign_dedupe::contract::check(Table::default()).await;
/// }
/// ```
pub trait ClaimStore: Send + Sync + 'static {
    /// Claims the delivery for the holder of `token`, for the duration of `lease`.
    ///
    /// * If the delivery is not claimed, or its lease has expired, `token` holds the lease now:
    ///   [`Claim::New`].
    /// * If the delivery is claimed, by this token or another, nothing changes:
    ///   [`Claim::InFlight`].
    /// * If the delivery was committed, and its retention has not expired, nothing changes:
    ///   [`Claim::Done`].
    ///
    /// # Errors
    ///
    /// Returns an error if the store cannot answer.
    fn claim(
        &self,
        key: DeliveryKey,
        token: LeaseToken,
        lease: Duration,
    ) -> impl Future<Output = StoreResult<Claim>> + Send;

    /// Extends the lease to `lease` from now, if `token` still holds it.
    ///
    /// # Errors
    ///
    /// Returns an error if the store cannot answer.
    fn renew(
        &self,
        key: DeliveryKey,
        token: LeaseToken,
        lease: Duration,
    ) -> impl Future<Output = StoreResult<LeaseState>> + Send;

    /// Ends the lease and remembers the delivery as handled for `retention`, if `token` still holds
    /// the lease.
    ///
    /// # Errors
    ///
    /// Returns an error if the store cannot answer.
    fn commit(
        &self,
        key: DeliveryKey,
        token: LeaseToken,
        retention: Duration,
    ) -> impl Future<Output = StoreResult<LeaseState>> + Send;

    /// Ends the lease if `token` still holds it. The delivery can then be claimed again at once.
    ///
    /// # Errors
    ///
    /// Returns an error if the store cannot answer.
    fn release(&self, key: DeliveryKey, token: LeaseToken) -> impl Future<Output = StoreResult<LeaseState>> + Send;

    /// Forgets a delivery that was committed, so that it can be claimed again
    /// (default: it returns an error of the kind
    /// [`NotSupported`](crate::dedupe::ForgetErrorKind::NotSupported)).
    ///
    /// A lease is not ended: if the delivery is claimed, nothing changes, and the answer is
    /// [`Forgotten::InFlight`].
    ///
    /// # Errors
    ///
    /// Returns an error if the store cannot answer, or does not implement this.
    fn forget(&self, key: DeliveryKey) -> impl Future<Output = StoreResult<Forgotten>> + Send {
        let _ = key;
        async { Err(ForgetError::not_supported().into()) }
    }

    /// Returns what is equal for clones of this store (default: [`StoreIdentity::unknown`]).
    fn identity(&self) -> StoreIdentity {
        StoreIdentity::unknown()
    }
}

impl<S: ClaimStore> ClaimStore for Arc<S> {
    async fn claim(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> StoreResult<Claim> {
        S::claim(self, key, token, lease).await
    }

    async fn renew(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> StoreResult<LeaseState> {
        S::renew(self, key, token, lease).await
    }

    async fn commit(&self, key: DeliveryKey, token: LeaseToken, retention: Duration) -> StoreResult<LeaseState> {
        S::commit(self, key, token, retention).await
    }

    async fn release(&self, key: DeliveryKey, token: LeaseToken) -> StoreResult<LeaseState> {
        S::release(self, key, token).await
    }

    async fn forget(&self, key: DeliveryKey) -> StoreResult<Forgotten> {
        S::forget(self, key).await
    }

    fn identity(&self) -> StoreIdentity {
        S::identity(self)
    }
}

/// The answer to a claim. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Claim {
    /// The caller holds the lease and handles the delivery.
    New,
    /// Another caller holds the lease and handles the delivery.
    InFlight,
    /// The delivery was handled.
    Done,
}

/// The state of the caller's lease when it asked to renew, commit or release it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "there is no third")]
pub enum LeaseState {
    /// The caller held the lease, and the change was made.
    Held,
    /// The lease had expired, or another caller holds it: nothing changed.
    Lost,
}

type Answer<'a, T> = Pin<Box<dyn Future<Output = StoreResult<T>> + Send + 'a>>;

/// [`ClaimStore`] without type parameters.
pub(super) trait Erased: Any + Send + Sync {
    fn claim(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> Answer<'_, Claim>;
    fn renew(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> Answer<'_, LeaseState>;
    fn commit(&self, key: DeliveryKey, token: LeaseToken, retention: Duration) -> Answer<'_, LeaseState>;
    fn release(&self, key: DeliveryKey, token: LeaseToken) -> Answer<'_, LeaseState>;
    fn forget(&self, key: DeliveryKey) -> Answer<'_, Forgotten>;
    fn identity(&self) -> StoreIdentity;
}

// Each in an `async` block, so that a store that panics before its first await panics when it is polled.
impl<S: ClaimStore> Erased for S {
    fn claim(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> Answer<'_, Claim> {
        Box::pin(async move { self.claim(key, token, lease).await })
    }

    fn renew(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> Answer<'_, LeaseState> {
        Box::pin(async move { self.renew(key, token, lease).await })
    }

    fn commit(&self, key: DeliveryKey, token: LeaseToken, retention: Duration) -> Answer<'_, LeaseState> {
        Box::pin(async move { self.commit(key, token, retention).await })
    }

    fn release(&self, key: DeliveryKey, token: LeaseToken) -> Answer<'_, LeaseState> {
        Box::pin(async move { self.release(key, token).await })
    }

    fn forget(&self, key: DeliveryKey) -> Answer<'_, Forgotten> {
        Box::pin(async move { self.forget(key).await })
    }

    fn identity(&self) -> StoreIdentity {
        self.identity()
    }
}
