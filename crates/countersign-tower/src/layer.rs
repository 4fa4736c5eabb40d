//! The layer.

use std::{fmt, marker::PhantomData};

use countersign_core::{
    Verifier,
    adapter::{Receiver, Settings},
    dedupe::Dedupe,
    provider::Provider,
};
use tower_layer::Layer;

use crate::{rejection::Problem, run::NoDedupe, service::VerifyWebhookService};

/// A layer that passes only verified deliveries of the provider `P` to the inner service, and
/// rejects every other request.
///
/// It verifies the raw body and passes it on unchanged, so every extractor still works. The handler
/// takes the typed event with [`Webhook`](crate::Webhook).
///
/// ```
/// # #[cfg(feature = "axum")] fn app() -> axum::Router {
/// use axum::{Router, http::StatusCode, routing::post};
/// use countersign_core::providers::Zeodyn;
/// use countersign_tower::{VerifyWebhook, Webhook};
///
/// async fn on_event(hook: Webhook<Zeodyn>) -> StatusCode {
///     println!("{}", hook.event().name());
///     StatusCode::OK
/// }
///
/// Router::new().route("/webhooks/zeodyn", post(on_event).layer(VerifyWebhook::zeodyn("s3cr3t")))
/// # }
/// ```
///
/// To use other settings of a [`Verifier`], convert it into a layer:
///
/// ```
/// use countersign_core::{Clock, Verifier, providers::Zeodyn};
/// use countersign_tower::VerifyWebhook;
///
/// let layer = VerifyWebhook::from(Verifier::<Zeodyn>::new("s3cr3t").with_clock(Clock::system()));
/// ```
///
/// The whole body is read before the handler runs, up to a limit and within a timeout, so the
/// service needs tokio's timer. Trailers are dropped. axum's `Bytes`, `String` and `Json` have
/// their own limit of 2 MB.
///
/// Outer layers see every request, including the URL with its token. Inner layers see only verified
/// deliveries, without the token.
///
/// For [`with_allowed_sources`](Self::with_allowed_sources), the peer's address comes from a
/// [`PeerAddr`](countersign_core::PeerAddr) in the request's extensions, or else from axum's
/// `ConnectInfo<SocketAddr>` (feature `axum`). To have the latter, serve the app with
/// `into_make_service_with_connect_info::<SocketAddr>()`.
pub struct VerifyWebhook<P: Provider, R = Problem, D = NoDedupe> {
    pub(crate) receiver: Receiver<P>,
    pub(crate) rejection: R,
    dedupe: PhantomData<fn() -> D>,
}

impl<P: Provider> VerifyWebhook<P> {
    countersign_core::__constructors!(P);
}

impl<P: Provider, W> From<Verifier<P, W>> for VerifyWebhook<P> {
    fn from(verifier: Verifier<P, W>) -> Self {
        Self { receiver: verifier.into(), rejection: Problem, dedupe: PhantomData }
    }
}

countersign_core::__for_each_provider!([countersign_core::__provider_constructors] VerifyWebhook;);

impl<P: Provider, R, D> VerifyWebhook<P, R, D> {
    countersign_core::__settings!(P, with dedupe: VerifyWebhook<P, R, Dedupe>);

    fn settings_mut(&mut self) -> &mut Settings<P> {
        self.receiver.settings_mut()
    }

    /// Answers rejections with `rejection` instead of a [`Problem`]. `rejection` is a
    /// [`RejectionResponse`](crate::RejectionResponse), such as a closure that takes a
    /// `&Rejection`.
    ///
    /// ```
    /// # use countersign_tower::VerifyWebhook;
    /// # type Body = http_body_util::Full<bytes::Bytes>;
    /// let layer = VerifyWebhook::zeodyn("s3cr3t").with_rejection_response(
    ///     |rejection: &countersign_core::Rejection| {
    ///         http::Response::builder().status(rejection.status()).body(Body::from("no")).unwrap_or_default()
    ///     },
    /// );
    /// ```
    ///
    /// A 409 or 503 keeps its status even if `rejection` returns a 2xx. Otherwise the provider
    /// would not retry.
    pub fn with_rejection_response<R2>(self, rejection: R2) -> VerifyWebhook<P, R2, D> {
        VerifyWebhook { receiver: self.receiver, rejection, dedupe: PhantomData }
    }

    fn deduped(self) -> VerifyWebhook<P, R, Dedupe> {
        VerifyWebhook { receiver: self.receiver, rejection: self.rejection, dedupe: PhantomData }
    }
}

impl<S, P: Provider, R: Clone, D> Layer<S> for VerifyWebhook<P, R, D> {
    type Service = VerifyWebhookService<S, P, R, D>;

    fn layer(&self, inner: S) -> Self::Service {
        VerifyWebhookService::new(inner, self.clone())
    }
}

impl<P: Provider, R: Clone, D> Clone for VerifyWebhook<P, R, D> {
    fn clone(&self) -> Self {
        Self { receiver: self.receiver.clone(), rejection: self.rejection.clone(), dedupe: PhantomData }
    }
}

impl<P: Provider, R, D> fmt::Debug for VerifyWebhook<P, R, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyWebhook").field("receiver", &self.receiver).finish_non_exhaustive()
    }
}
