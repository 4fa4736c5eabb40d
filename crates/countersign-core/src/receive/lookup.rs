//! Secrets that are looked up for each delivery: by tenant, or by resource if each has its own
//! secret.

use std::{error::Error, future::Future, pin::Pin, sync::Arc};

use super::unverified::UnverifiedDelivery;
use crate::secret::Secrets;

/// Looks up the secrets that a delivery may be proven with.
///
/// Implemented for closures that take an [`UnverifiedDelivery`] (write its type) and return an
/// `async move` block. The block must not borrow the delivery, and gives a `Result` of a
/// [`Secret`](crate::Secret) or [`Secrets`], or `None` if none is known:
///
/// ```
/// use countersign_core::{Secret, UnverifiedDelivery, Verifier, providers::GeoScored};
///
/// # async fn select(_: &str) -> Result<Option<Secret>, std::io::Error> { Ok(None) }
/// let verifier = Verifier::<GeoScored>::from_lookup(|unverified: UnverifiedDelivery<'_>| {
///     let scan_id = unverified.unverified_id().map(str::to_owned);
///     async move {
///         match scan_id {
///             Some(scan_id) => select(&scan_id).await,
///             None => Ok(None),
///         }
///     }
/// });
/// ```
///
/// Your own type implements this trait with an `async fn`, which may borrow; an `Arc` of it is a
/// look-up, too. [`SecretMap`](crate::SecretMap) is a map that is ready to use.
///
/// It is called after the head was checked and the body is complete, **before** anything is
/// verified. Any sender of a well-formed signature can make you look up any ID, as often as they
/// like. Keep it cheap, query by key, limit how many run at once (with a semaphore or a pool), and
/// do not log its input.
///
/// * If secrets belong to a resource, look up by
///   [`unverified_id`](UnverifiedDelivery::unverified_id) and not by a header or a path. The event
///   is then held to that ID, so that the secret of one resource signs for no other.
/// * Return `None` for an unknown ID. It is rejected like a wrong signature and takes the same time
///   as one secret of up to 64 bytes, so that responses do not reveal which IDs exist. An ID with
///   several secrets, or a longer one, takes more.
/// * An error, a panic (if panics unwind) or a timeout is answered with 503 and `Retry-After`, so
///   that the provider retries. Return an error only if you could not find out. Log it yourself: it
///   may quote the request, so countersign does not.
/// * Name the tenant with [`Secrets::with_tenant`], and read it from
///   [`matched_secret`](crate::Delivery::matched_secret) in the handler. (The URL is not decoded
///   here, and may be decoded there.) Deduplication keeps tenants apart by that name.
/// * It is dropped at its timeout, and when the sender disconnects, as far as the server notices:
///   actix-web does with `HttpServer::h1_allow_half_closed(false)`.
pub trait SecretLookup: Send + Sync + 'static {
    /// Returns the secrets to try, or `None` if none is known.
    ///
    /// # Errors
    ///
    /// Returns an error if the secrets cannot be known at the moment. It becomes the
    /// [source](std::error::Error::source) of the [`Rejection`](crate::Rejection) that outer layers
    /// find, and is not logged.
    fn look_up(
        &self,
        unverified: UnverifiedDelivery<'_>,
    ) -> impl Future<Output = Result<Option<Secrets>, Box<dyn Error + Send + Sync>>> + Send;
}

impl<L: SecretLookup> SecretLookup for Arc<L> {
    async fn look_up(
        &self,
        unverified: UnverifiedDelivery<'_>,
    ) -> Result<Option<Secrets>, Box<dyn Error + Send + Sync>> {
        L::look_up(self, unverified).await
    }
}

impl<F, Fut, T, E> SecretLookup for F
where
    F: Fn(UnverifiedDelivery<'_>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Option<T>, E>> + Send,
    T: Into<Secrets>,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    async fn look_up(
        &self,
        unverified: UnverifiedDelivery<'_>,
    ) -> Result<Option<Secrets>, Box<dyn Error + Send + Sync>> {
        let found = self(unverified);
        Ok(found.await.map_err(Into::into)?.map(Into::into))
    }
}

/// A look-up of any type.
#[derive(Clone)]
pub(crate) struct Lookup(Arc<dyn Erased>);

type Found<'a> = Pin<Box<dyn Future<Output = Result<Option<Secrets>, Box<dyn Error + Send + Sync>>> + Send + 'a>>;

/// [`SecretLookup`] without type parameters.
trait Erased: Send + Sync {
    fn look_up<'a>(&'a self, unverified: UnverifiedDelivery<'a>) -> Found<'a>;
}

impl<L: SecretLookup> Erased for L {
    fn look_up<'a>(&'a self, unverified: UnverifiedDelivery<'a>) -> Found<'a> {
        Box::pin(async move { self.look_up(unverified).await })
    }
}

impl Lookup {
    pub(crate) fn new(lookup: impl SecretLookup) -> Self {
        Self(Arc::new(lookup))
    }

    pub(crate) fn look_up<'a>(&'a self, unverified: UnverifiedDelivery<'a>) -> Found<'a> {
        self.0.look_up(unverified)
    }
}

#[cfg(test)]
#[path = "lookup_tests.rs"]
mod tests;
