//! The verified delivery in a request's extensions, and the way to it.

use countersign_core::provider::Provider;
use http::Extensions;

countersign_core::__webhook! {
    /// There is no `Option` form: a forgotten layer must not look like "no webhook".
    ///
    /// ```compile_fail,E0277
    /// # use countersign_core::providers::Zeodyn; use countersign_tower::Webhook;
    /// async fn on_event(hook: Option<Webhook<Zeodyn>>) {}
    /// axum::Router::<()>::new().route("/", axum::routing::post(on_event));
    /// ```
}

impl<P: Provider> Webhook<P> {
    /// Takes the delivery from the extensions of a request behind the layer, for services without
    /// extractors. [`read_as`](Self::read_as) reads its event as your own type.
    ///
    /// # Errors
    ///
    /// Returns an error if `VerifyWebhook` for `P` did not run before, or if the verified body
    /// cannot be decoded.
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
        Self::extract(extensions.get())
    }
}
