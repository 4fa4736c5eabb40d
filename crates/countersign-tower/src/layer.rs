//! The layer.

use std::{fmt, sync::Arc, time::Duration};

use countersign_core::{DEFAULT_BODY_TIMEOUT, Provider, Secrets, Verifier};
use tower_layer::Layer;

use crate::{rejection::Problem, service::VerifyWebhookService};

/// A layer that lets genuine deliveries of the provider `P` through, and answers everything else itself.
///
/// What comes through has been verified on the bytes that came over the wire, and those bytes go on as the request's
/// body, so that every extractor still works. The handler takes the typed event with [`Webhook`](crate::Webhook).
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
/// The body is read whole, up to a limit and within a deadline, so the service behind it needs tokio's timer; trailers
/// are dropped. Layers outside this one see every request, and the URL with its token; layers inside see genuine
/// deliveries alone, without the token.
pub struct VerifyWebhook<P, R = Problem> {
    verifier: Arc<Verifier<P>>,
    body_timeout: Duration,
    rejection: R,
}

impl<P: Provider> VerifyWebhook<P> {
    /// Verifies deliveries of `P` with `secrets`. The providers that countersign knows have constructors of their own.
    ///
    /// # Panics
    ///
    /// If a secret is given as a string or as bytes and is empty; [`Secret::new`](countersign_core::Secret::new) and
    /// [`Secret::from_env`](countersign_core::Secret::from_env) return errors instead.
    pub fn new(secrets: impl Into<Secrets>) -> Self {
        Self { verifier: Arc::new(Verifier::new(secrets)), body_timeout: DEFAULT_BODY_TIMEOUT, rejection: Problem }
    }
}

macro_rules! constructors {
    ($($name:ident => $Provider:ident,)*) => {$(
        impl VerifyWebhook<countersign_core::providers::$Provider> {
            #[doc = concat!("Verifies deliveries of [`", stringify!($Provider), "`](countersign_core::providers::",
                stringify!($Provider), ").")]
            ///
            /// # Panics
            ///
            /// If a secret is given as a string or as bytes and is empty.
            pub fn $name(secrets: impl Into<Secrets>) -> Self {
                Self::new(secrets)
            }
        }
    )*};
}

countersign_core::__for_each_provider!(constructors);

impl<P: Provider, R> VerifyWebhook<P, R> {
    /// Accepts bodies of up to `bytes` bytes, inclusive; 1 MiB unless set. (The extractors behind have limits of their
    /// own: axum's `Bytes`, `String` and `Json` stop at 2 MB.)
    #[must_use]
    pub fn with_body_limit(mut self, bytes: usize) -> Self {
        self.verifier = Arc::new(Arc::unwrap_or_clone(self.verifier).with_body_limit(bytes));
        self
    }

    /// Waits up to `timeout` for the whole body; 5 s unless set. Keep it well under what the provider waits for an
    /// answer, which three of the five do for 10 s.
    #[must_use]
    pub fn with_body_timeout(mut self, timeout: Duration) -> Self {
        self.body_timeout = timeout;
        self
    }

    /// Answers refusals with `rejection` instead of [`Problem`]: a [`RejectionResponse`](crate::RejectionResponse), or a function of the error.
    ///
    /// ```
    /// # use countersign_tower::VerifyWebhook;
    /// # type Body = http_body_util::Full<bytes::Bytes>;
    /// let layer = VerifyWebhook::zeodyn("s3cr3t").with_rejection_response(
    ///     |error: &countersign_core::VerifyError| {
    ///         http::Response::builder().status(error.status()).body(Body::from("no")).unwrap_or_default()
    ///     },
    /// );
    /// ```
    pub fn with_rejection_response<R2>(self, rejection: R2) -> VerifyWebhook<P, R2> {
        VerifyWebhook { verifier: self.verifier, body_timeout: self.body_timeout, rejection }
    }
}

impl<S, P, R: Clone> Layer<S> for VerifyWebhook<P, R> {
    type Service = VerifyWebhookService<S, P, R>;

    fn layer(&self, inner: S) -> Self::Service {
        VerifyWebhookService {
            inner,
            verifier: Arc::clone(&self.verifier),
            body_timeout: self.body_timeout,
            rejection: self.rejection.clone(),
        }
    }
}

impl<P, R: Clone> Clone for VerifyWebhook<P, R> {
    fn clone(&self) -> Self {
        Self {
            verifier: Arc::clone(&self.verifier),
            body_timeout: self.body_timeout,
            rejection: self.rejection.clone(),
        }
    }
}

impl<P: Provider, R> fmt::Debug for VerifyWebhook<P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyWebhook")
            .field("verifier", &self.verifier)
            .field("body_timeout", &self.body_timeout)
            .finish_non_exhaustive()
    }
}
