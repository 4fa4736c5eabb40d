//! Look-ups: the secrets of a delivery by its tenant, or by its resource if each has its own
//! secret.

use std::{error::Error, future::Future, pin::Pin, sync::Arc};

use super::unverified::UnverifiedDelivery;
use crate::secret::Secrets;

/// Looks up the accepted secrets of a delivery.
///
/// It is implemented for closures that take an [`UnverifiedDelivery`] (annotate the type) and
/// return an `async move` block. The block must not borrow the delivery. It returns a `Result` of
/// an `Option` of a [`Secret`](crate::Secret) or [`Secrets`]:
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
/// For your own type, write an `async fn`, which may borrow the delivery. An `Arc` of a look-up is
/// a look-up, too. [`SecretMap`](crate::SecretMap) is a ready-made look-up in memory.
///
/// It is called once the head is checked and the body is complete, **before** anything is verified.
/// With a well-formed signature, any sender can trigger a look-up of any ID, any number of times.
/// Keep it cheap, query by key, and do not log its input. Limit the number of concurrent look-ups,
/// for example with a semaphore or a connection pool.
///
/// * If secrets belong to a resource, look up by
///   [`unverified_id`](UnverifiedDelivery::unverified_id) and not by a header or a path. The event
///   must then have that ID, so the secret of one resource cannot sign for another.
/// * Return `None` for an unknown ID. It is rejected like a wrong signature, after the same time,
///   so that responses do not reveal which IDs exist. (This holds for IDs with one secret of up to
///   64 bytes. Several or longer secrets take longer. With a public-key scheme, an unknown ID takes
///   less.)
/// * An error, a panic (if panics unwind) or a timeout is answered with 503 and `Retry-After`, so
///   that the provider retries. Return an error only if the look-up failed. Log it yourself:
///   countersign does not, because it may quote the request.
/// * Name the tenant with [`Secrets::with_tenant`], and read it from
///   [`matched_secret`](crate::Delivery::matched_secret) in the handler. (Do not derive it from the
///   URL again: in the handler, the URL may be decoded.) Deduplication keeps tenants apart by that
///   name.
/// * The future is dropped at its timeout, and if the server notices that the sender has
///   disconnected. (actix-web notices only with `HttpServer::h1_allow_half_closed(false)`.)
pub trait SecretLookup: Send + Sync + 'static {
    /// Returns the secrets to try, or `None` if none is known.
    ///
    /// # Errors
    ///
    /// Returns an error if the look-up failed. The error is not logged. It becomes the
    /// [source](std::error::Error::source) of the [`Rejection`](crate::Rejection) in the response's
    /// extensions.
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
