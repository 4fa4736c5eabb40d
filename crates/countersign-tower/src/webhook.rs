//! The verified delivery in a request's extensions, and the way to it.

use std::{fmt, ops::Deref, sync::Arc};

use countersign_core::{Decoded, Delivery, ExtractionError, Provider};
use http::Extensions;

/// A verified delivery and its typed event: what a handler behind [`VerifyWebhook`](crate::VerifyWebhook) takes.
///
/// As an axum extractor it takes nothing from the request, so that `Bytes`, `Json` and others still work beside it. If
/// the layer is missing, or is that of another provider, the answer is a 500 that says so; if the genuine body cannot
/// be decoded, a 422. Take a `Result<Webhook<P>, WebhookRejection>` to decide yourself. There is no optional form: a
/// forgotten layer must never look like "no webhook".
///
/// ```compile_fail,E0277
/// # use countersign_core::providers::Zeodyn; use countersign_tower::Webhook;
/// async fn on_event(hook: Option<Webhook<Zeodyn>>) {}
/// axum::Router::<()>::new().route("/", axum::routing::post(on_event));
/// ```
pub struct Webhook<P: Provider>(Decoded<P>);

/// What the layer leaves in the extensions. Nothing outside this crate can make one: its presence is the proof.
pub(crate) struct Verified<P: Provider>(pub(crate) Arc<Delivery<P>>);

impl<P: Provider> Clone for Verified<P> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<P: Provider> Webhook<P> {
    /// Takes the delivery from the extensions of a request that came through the layer, where there is no extractor.
    ///
    /// # Errors
    ///
    /// If `VerifyWebhook` for `P` did not run before, or the genuine body cannot be decoded.
    ///
    /// ```
    /// use countersign_core::providers::Zeodyn;
    /// use countersign_tower::{Webhook, WebhookRejection};
    ///
    /// fn handle<B>(request: &http::Request<B>) -> Result<(), WebhookRejection> {
    ///     let hook = Webhook::<Zeodyn>::from_extensions(request.extensions())?;
    ///     println!("{}", hook.event().name());
    ///     Ok(())
    /// }
    /// assert!(handle(&http::Request::new(())).is_err());
    /// ```
    pub fn from_extensions(extensions: &Extensions) -> Result<Self, WebhookRejection> {
        let verified = extensions.get().map(|Verified(delivery)| Arc::clone(delivery));
        Ok(Self(Delivery::extract(verified)?))
    }

    /// The typed event, by value.
    pub fn into_event(self) -> P::Event {
        self.0.into_event()
    }
}

/// From a delivery that core's verifier accepted: how a handler is tested alone, with `countersign-testkit` to sign one.
///
/// # Errors
///
/// If the genuine body cannot be decoded.
impl<P: Provider> TryFrom<Delivery<P>> for Webhook<P> {
    type Error = WebhookRejection;

    fn try_from(delivery: Delivery<P>) -> Result<Self, WebhookRejection> {
        Ok(Self(Delivery::extract(Some(Arc::new(delivery)))?))
    }
}

impl<P: Provider> Deref for Webhook<P> {
    type Target = Decoded<P>;

    fn deref(&self) -> &Decoded<P> {
        &self.0
    }
}

impl<P: Provider> Clone for Webhook<P> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<P: Provider> fmt::Debug for Webhook<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Webhook").field(&self.0).finish()
    }
}

/// Why there is no [`Webhook`]: a response, and the [`ExtractionError`] that says which.
#[derive(Clone, Debug, thiserror::Error)]
#[error(transparent)]
pub struct WebhookRejection(#[from] ExtractionError);

impl Deref for WebhookRejection {
    type Target = ExtractionError;

    fn deref(&self) -> &ExtractionError {
        &self.0
    }
}
