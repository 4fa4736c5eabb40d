//! Confirmations by a third party, for a provider that does not sign.

use std::{error::Error, fmt, future::Future, pin::Pin, sync::Arc};

use crate::{provider::Provider, secret::MatchedSecret};

/// Confirms a verified delivery with a third party, usually the provider's API.
///
/// It is called once the delivery is verified and its body is decoded. The handler gets the event
/// that it returns, so only that answer has to be trusted. The raw body is not changed. A body that
/// cannot be decoded cannot be confirmed.
///
/// It is implemented for closures that take an [`UnconfirmedDelivery`] (annotate the type) and
/// return a future of a `Result` with a [`Verdict`]. For your own type, write an `async fn`. An
/// `Arc` of a confirmation is a confirmation, too.
///
/// ```
/// use countersign_core::{UnconfirmedDelivery, Verdict, Verifier};
/// use countersign_core::providers::{ScreenshotRun, ScreenshotRunEvent};
///
/// # async fn ask(_: &str) -> Result<Option<ScreenshotRunEvent>, std::io::Error> { Ok(None) }
/// type Delivery = UnconfirmedDelivery<ScreenshotRun>;
/// let verifier = Verifier::<ScreenshotRun>::new("t0ken").with_confirmation(|delivery: Delivery| async move {
///     let Some(id) = delivery.event().resource_id() else { return Ok(Verdict::Denied) };
///     // Check `id` before it becomes part of a URL: only the sender vouches for it.
///     ask(id).await.map(|known| known.map_or(Verdict::Denied, Verdict::Confirmed))
/// });
/// ```
///
/// [`Verdict::Denied`] is answered with 401. An error, a panic (if panics unwind) or a timeout is
/// answered with 503 and `Retry-After`, so that the provider retries.
///
/// The future is dropped at its timeout, and if the server notices that the sender has
/// disconnected. (actix-web notices only with `HttpServer::h1_allow_half_closed(false)`.)
pub trait Confirmation<P: Provider>: Send + Sync + 'static {
    /// Returns the confirmed event of `delivery`, or [`Verdict::Denied`].
    ///
    /// # Errors
    ///
    /// Returns an error if the event can be neither confirmed nor denied at the moment. The error
    /// is not logged. It becomes the [source](std::error::Error::source) of the
    /// [`Rejection`](crate::Rejection) in the response's extensions.
    fn confirm(
        &self,
        delivery: UnconfirmedDelivery<P>,
    ) -> impl Future<Output = Result<Verdict<P::Event>, Box<dyn Error + Send + Sync>>> + Send;
}

/// A verified delivery that is not confirmed yet: the input of a [`Confirmation`].
pub struct UnconfirmedDelivery<P: Provider> {
    event: P::Event,
    matched: MatchedSecret,
}

impl<P: Provider> UnconfirmedDelivery<P> {
    pub(crate) fn new(event: P::Event, matched: MatchedSecret) -> Self {
        Self { event, matched }
    }

    /// Returns the event, as in the delivery.
    pub fn event(&self) -> &P::Event {
        &self.event
    }

    /// Returns the event by value.
    pub fn into_event(self) -> P::Event {
        self.event
    }

    /// Returns the accepted secret that matched. If secrets are looked up by tenant, use that
    /// tenant's API key. With a key for all tenants, one tenant could send events about another's
    /// resources.
    pub fn matched_secret(&self) -> &MatchedSecret {
        &self.matched
    }
}

impl<P: Provider> fmt::Debug for UnconfirmedDelivery<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnconfirmedDelivery")
            .field("provider", &P::NAME)
            .field("matched_secret", &self.matched)
            .finish_non_exhaustive()
    }
}

impl<P: Provider, C: Confirmation<P>> Confirmation<P> for Arc<C> {
    async fn confirm(
        &self,
        delivery: UnconfirmedDelivery<P>,
    ) -> Result<Verdict<P::Event>, Box<dyn Error + Send + Sync>> {
        C::confirm(self, delivery).await
    }
}

/// The result of a [`Confirmation`]. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict<E> {
    /// The event occurred. The handler gets this event, so take its content from the third party
    /// and not from the delivery.
    Confirmed(E),
    /// The event does not exist, or is different.
    Denied,
}

impl<P, F, Fut, E> Confirmation<P> for F
where
    P: Provider,
    F: Fn(UnconfirmedDelivery<P>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Verdict<P::Event>, E>> + Send,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    async fn confirm(
        &self,
        delivery: UnconfirmedDelivery<P>,
    ) -> Result<Verdict<P::Event>, Box<dyn Error + Send + Sync>> {
        self(delivery).await.map_err(Into::into)
    }
}

/// A confirmation of any type.
pub(crate) struct Confirmer<P: Provider>(Arc<dyn Erased<P>>);

type Found<'a, E> = Pin<Box<dyn Future<Output = Result<Verdict<E>, Box<dyn Error + Send + Sync>>> + Send + 'a>>;

/// [`Confirmation`] without its own type parameters.
trait Erased<P: Provider>: Send + Sync {
    fn confirm(&self, delivery: UnconfirmedDelivery<P>) -> Found<'_, P::Event>;
}

impl<P: Provider, C: Confirmation<P>> Erased<P> for C {
    fn confirm(&self, delivery: UnconfirmedDelivery<P>) -> Found<'_, P::Event> {
        Box::pin(async move { self.confirm(delivery).await })
    }
}

impl<P: Provider> Confirmer<P> {
    pub(crate) fn new(confirmation: impl Confirmation<P>) -> Self {
        Self(Arc::new(confirmation))
    }

    pub(crate) fn confirm(&self, delivery: UnconfirmedDelivery<P>) -> Found<'_, P::Event> {
        self.0.confirm(delivery)
    }
}

impl<P: Provider> Clone for Confirmer<P> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}
