//! Confirmations: asking the provider itself whether a delivery is its own, where it signs nothing.

use std::{error::Error, fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use crate::{provider::Provider, secret::MatchedSecret};

/// How long the adapters wait for a confirmation unless told otherwise: 5 s.
pub const DEFAULT_CONFIRMATION_TIMEOUT: Duration = Duration::from_secs(5);

/// Asks somebody who knows, as a rule the provider's own API, whether an event happened.
///
/// It is asked after the proof held and the body was decoded. What it confirms is what the handler gets, so that nothing
/// but the answer has to be believed; the raw body stays as it came.
///
/// A closure will do: it takes an [`UnconfirmedDelivery`], whose type has to be written, and returns a future of a `Result`
/// with a [`Verdict`]. A type of your own implements this trait with an `async fn`; so does an `Arc` of it.
///
/// ```
/// use countersign_core::{UnconfirmedDelivery, Verdict, Verifier};
/// use countersign_core::providers::{ScreenshotRun, ScreenshotRunEvent};
///
/// # async fn ask(_: &str) -> Result<Option<ScreenshotRunEvent>, std::io::Error> { Ok(None) }
/// type Delivery = UnconfirmedDelivery<ScreenshotRun>;
/// let verifier = Verifier::<ScreenshotRun>::new("t0ken").with_confirmation(|delivery: Delivery| async move {
///     let Some(id) = delivery.event().resource_id() else { return Ok(Verdict::Denied) };
///     // Check `id` before it becomes part of a URL: nobody but the sender vouches for it.
///     ask(id).await.map(|known| known.map_or(Verdict::Denied, Verdict::Confirmed))
/// });
/// ```
///
/// Denied is refused with 401. An error, a panic (where panics unwind) or too long a wait is answered with 503 and
/// `Retry-After`, so that the provider tries again. It is dropped when its time is over, and when the sender hangs up, as far as the server notices:
/// actix-web does with `HttpServer::h1_allow_half_closed(false)`.
pub trait Confirmation<P: Provider>: Send + Sync + 'static {
    /// Whether the event of `delivery` happened, and what is known of it.
    ///
    /// # Errors
    ///
    /// If it can neither be confirmed nor denied at the moment. The error becomes the
    /// [source](std::error::Error::source) of the [`VerifyError`](crate::VerifyError) that outer layers find; it is not
    /// logged.
    fn confirm(
        &self,
        delivery: UnconfirmedDelivery<P>,
    ) -> impl Future<Output = Result<Verdict<P::Event>, Box<dyn Error + Send + Sync>>> + Send;
}

/// What a confirmation may go by: a delivery whose proof held, and which its provider has not confirmed yet.
pub struct UnconfirmedDelivery<P: Provider> {
    event: P::Event,
    matched: MatchedSecret,
}

impl<P: Provider> UnconfirmedDelivery<P> {
    pub(crate) fn new(event: P::Event, matched: MatchedSecret) -> Self {
        Self { event, matched }
    }

    /// The event, as the delivery has it.
    pub fn event(&self) -> &P::Event {
        &self.event
    }

    /// The event, by value.
    pub fn into_event(self) -> P::Event {
        self.event
    }

    /// Which of the accepted secrets proved it. Where secrets are looked up by tenant, it says whose API key to ask with: a key that sees everybody's would let one tenant announce what is another's.
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

/// What a [`Confirmation`] found. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict<E> {
    /// It happened. The handler gets this event: take everything from who confirmed it, and nothing else from the
    /// delivery that could differ.
    Confirmed(E),
    /// There is no such thing, or it is different.
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

/// [`Confirmation`] without type parameters of its own.
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
