//! Secrets that are looked up for each delivery: by tenant, or by the resource where each has a secret of its own.

use std::{
    borrow::Cow,
    error::Error,
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, OnceLock},
    time::Duration,
};

use crate::{
    event::peek,
    head::RequestHead,
    secret::{Secret, Secrets},
};

/// How long the adapters wait for a look-up unless told otherwise: 2 s. Together with
/// [`DEFAULT_BODY_TIMEOUT`](crate::DEFAULT_BODY_TIMEOUT) that is under the 10 s after which most providers give up.
pub const DEFAULT_LOOKUP_TIMEOUT: Duration = Duration::from_secs(2);

/// Looks up the secrets that a delivery may be proven with.
///
/// A closure will do: it takes an [`UnverifiedDelivery`], whose type has to be written, takes what it needs out of it, and
/// returns an `async move` block, which must not borrow it, with a `Result` of the [secrets](FoundSecrets) to try, or
/// `None` where none are known:
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
/// A type of your own implements this trait with an `async fn`, and may borrow; so does an `Arc` of it.
/// [`SecretMap`](crate::SecretMap) is a map that is ready to use.
///
/// It is called after the head was in order and the body is whole, **before** anything is proven: anybody who can send a
/// well-formed signature can make you look up whatever they name, as often as they like. Let it cost little, ask by key,
/// limit how many run at once (a semaphore, a pool), and do not log what it is given.
///
/// * Where secrets belong to a resource, ask by [`unverified_id`](UnverifiedDelivery::unverified_id) and not by a header or
///   a path: the event is then held to that id, so that the secret of one resource signs for no other.
/// * What is not known is `None`, and refused like a wrong signature, after as much hashing as one secret of up to 64 bytes
///   takes: nobody learns which ids exist. An id with several secrets, or a longer one, takes more.
/// * An error, a panic (where panics unwind) or too long a wait is answered with 503 and `Retry-After`, so that the
///   provider tries again. Return an error only if you could not find out, and log it yourself if you want to read it: it
///   may quote the request, so that nobody else does.
/// * Name the tenant with [`Secrets::with_tenant`], and take it from [`matched_secret`](crate::Decoded::matched_secret) in
///   the handler: the URL is not decoded here, and may be there. Deduplication keeps tenants apart by that name.
/// * It is dropped when its time is over, and when the sender hangs up, as far as the server notices: actix-web does with
///   `HttpServer::h1_allow_half_closed(false)`.
pub trait SecretLookup: Send + Sync + 'static {
    /// The secrets to try, or `None` where none are known.
    ///
    /// # Errors
    ///
    /// If it cannot be known at the moment. The error becomes the [source](std::error::Error::source) of the
    /// [`VerifyError`](crate::VerifyError) that outer layers find; it is not logged.
    fn look_up(
        &self,
        unverified: UnverifiedDelivery<'_>,
    ) -> impl Future<Output = Result<Option<Secrets>, Box<dyn Error + Send + Sync>>> + Send;
}

/// What the closure of a look-up may find: a [`Secret`], or [`Secrets`]. (Not a string, though those can become secrets
/// elsewhere: an empty one in a database would be a panic while a request is served.)
pub trait FoundSecrets: Into<Secrets> + sealed::Sealed {}

impl FoundSecrets for Secret {}

impl FoundSecrets for Secrets {}

mod sealed {
    pub trait Sealed {}

    impl Sealed for super::Secret {}

    impl Sealed for super::Secrets {}
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
    T: FoundSecrets,
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

/// What a look-up may go by: a delivery that **nobody has verified**. Its head is in order and its body is whole, and
/// anybody can have sent it.
///
/// It is there for the time of the look-up and leads nowhere else; `Debug` shows nothing of it.
pub struct UnverifiedDelivery<'a> {
    head: &'a (dyn Head + Sync),
    start: &'a [u8],
    id_paths: IdPaths,
    id: &'a UnverifiedId<'a>,
}

/// Where events of a name carry their id.
type IdPaths = fn(&str) -> &'static [&'static str];

/// Set when it is asked for: then it has to be the event's.
pub(crate) type UnverifiedId<'a> = OnceLock<Option<Cow<'a, str>>>;

impl<'a> UnverifiedDelivery<'a> {
    pub(crate) fn new(
        head: &'a (impl RequestHead + Sync),
        start: &'a [u8],
        id_paths: IdPaths,
        id: &'a UnverifiedId<'a>,
    ) -> Self {
        Self { head, start, id_paths, id }
    }

    /// The path of the URL as it came, not decoded. (Within a nested axum router it takes the feature `axum` to know it.)
    pub fn path(&self) -> &'a str {
        self.head.path()
    }

    /// The query of the URL as it came, without the `?`, not decoded. Behind the adapters it is without the URL's token.
    pub fn query(&self) -> Option<&'a str> {
        self.head.query()
    }

    /// Every value of the header `name` (in lower case), in the order they came.
    pub fn header_values<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s [u8]> {
        self.head.header_values(name)
    }

    /// The id of the resource that the body is about, as far as it says: GeoScored's `scan_id`. It is what
    /// [`resource_id`](crate::Decoded::resource_id) will be. Only the first 16 KiB of the body are looked at, for the
    /// event's name and for the id; an id of more than 256 bytes, an empty one, and one that is not a string are none.
    ///
    /// If you ask for it and the secrets that you return prove the body, the event has to carry the same id: a body
    /// with two of them could be signed for one resource and be about another, and is refused.
    pub fn unverified_id(&self) -> Option<&'a str> {
        self.id.get_or_init(|| peek::id(self.start, self.id_paths)).as_deref()
    }
}

impl fmt::Debug for UnverifiedDelivery<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedDelivery").finish_non_exhaustive()
    }
}

/// [`RequestHead`] without type parameters.
trait Head {
    fn path(&self) -> &str;
    fn query(&self) -> Option<&str>;
    fn header_values<'a>(&'a self, name: &'a str) -> Box<dyn Iterator<Item = &'a [u8]> + 'a>;
}

impl<H: RequestHead> Head for H {
    fn path(&self) -> &str {
        self.path()
    }

    fn query(&self) -> Option<&str> {
        self.query()
    }

    fn header_values<'a>(&'a self, name: &'a str) -> Box<dyn Iterator<Item = &'a [u8]> + 'a> {
        Box::new(self.header_values(name))
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
