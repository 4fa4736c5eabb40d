//! The layer.

use std::{fmt, marker::PhantomData, sync::Arc, time::Duration};

use countersign_core::{
    AllowedSources, Confirmation, DEFAULT_BODY_TIMEOUT, Provider, SecretLookup, Secrets, SignedTime, Trust, Verifier,
    dedupe::Dedupe,
};
use tower_layer::Layer;

use crate::{claim::ClaimService, rejection::Problem, service::VerifyWebhookService};

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
pub struct VerifyWebhook<P: Provider, R = Problem, D = NoDedupe> {
    verifier: Arc<Verifier<P>>,
    body_timeout: Duration,
    rejection: R,
    dedupe: D,
}

/// Deliveries are not remembered: [`VerifyWebhook`] without [`with_dedupe`](VerifyWebhook::with_dedupe).
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct NoDedupe;

impl<P: Provider> VerifyWebhook<P> {
    /// Verifies deliveries of `P` with `secrets`. The providers that countersign knows have constructors of their own.
    ///
    /// # Panics
    ///
    /// If a secret is given as a string or as bytes and is empty; [`Secret::new`](countersign_core::Secret::new) and
    /// [`Secret::from_env`](countersign_core::Secret::from_env) return errors instead.
    pub fn new(secrets: impl Into<Secrets>) -> Self {
        Self::with_verifier(Verifier::new(secrets))
    }

    /// Verifies deliveries of `P` with secrets that `lookup` finds for each: a [`SecretMap`](countersign_core::SecretMap),
    /// or a function.
    ///
    /// ```
    /// use countersign_core::{SecretMap, providers::GeoScored};
    /// use countersign_tower::VerifyWebhook;
    ///
    /// let secrets = SecretMap::new();
    /// let layer = VerifyWebhook::<GeoScored>::from_lookup(secrets.clone());
    /// // For every scan that is created:
    /// secrets.insert("abc123", "s3cr3t")?;
    /// # Ok::<(), countersign_core::SecretMapFull>(())
    /// ```
    pub fn from_lookup(lookup: impl SecretLookup) -> Self {
        Self::with_verifier(Verifier::from_lookup(lookup))
    }

    fn with_verifier(verifier: Verifier<P>) -> Self {
        Self { verifier: Arc::new(verifier), body_timeout: DEFAULT_BODY_TIMEOUT, rejection: Problem, dedupe: NoDedupe }
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

impl<P: Provider, R, D> VerifyWebhook<P, R, D> {
    /// Accepts bodies of up to `bytes` bytes, inclusive; 1 MiB unless set. (The extractors behind have limits of their
    /// own: axum's `Bytes`, `String` and `Json` stop at 2 MB.)
    #[must_use]
    pub fn with_body_limit(self, bytes: usize) -> Self {
        self.map(|verifier| verifier.with_body_limit(bytes))
    }

    /// Waits up to `timeout` for the whole body; 5 s unless set. Keep it well under what the provider waits for an
    /// answer, which three of the five do for 10 s.
    #[must_use]
    pub fn with_body_timeout(mut self, timeout: Duration) -> Self {
        self.body_timeout = timeout;
        self
    }

    /// Waits up to `timeout` for a look-up, where there is one; 2 s unless set.
    #[must_use]
    pub fn with_lookup_timeout(self, timeout: Duration) -> Self {
        self.map(|verifier| verifier.with_lookup_timeout(timeout))
    }

    /// Accepts deliveries from these addresses alone, beside their proof.
    ///
    /// The peer's address comes from axum's `ConnectInfo<SocketAddr>` (feature `axum`; serve the app with
    /// `into_make_service_with_connect_info::<SocketAddr>()`), or from a [`PeerAddr`](countersign_core::PeerAddr) in the
    /// request's extensions. Where there is neither, everything is refused.
    ///
    /// ```
    /// use countersign_core::AllowedSources;
    /// use countersign_tower::VerifyWebhook;
    ///
    /// let layer = VerifyWebhook::zeodyn("s3cr3t").with_allowed_sources(["203.0.113.0/24", "2001:db8::7"]);
    /// // Behind a proxy of your own:
    /// let sources = AllowedSources::new(["203.0.113.0/24"])?.with_trusted_proxies(["10.0.0.0/8"])?;
    /// let layer = VerifyWebhook::zeodyn("s3cr3t").with_allowed_sources(sources);
    /// # Ok::<(), countersign_core::SourceRangeError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If they are given as strings, and one is not a range of addresses, or there is none;
    /// [`AllowedSources::new`] returns an error instead.
    #[must_use]
    pub fn with_allowed_sources(self, sources: impl Into<AllowedSources>) -> Self {
        self.map(|verifier| verifier.with_allowed_sources(sources))
    }

    /// Has every delivery confirmed whose proof held: for ScreenshotRun, which signs nothing, by its API.
    ///
    /// The handler's event is then what the confirmation said, and its trust is at least
    /// [`Confirmed`](Trust::Confirmed). The raw body, which extractors like `Bytes` and `Json` read, is still as it came.
    #[must_use]
    pub fn with_confirmation(self, confirmation: impl Confirmation<P>) -> Self {
        self.map(|verifier| verifier.with_confirmation(confirmation))
    }

    /// Waits up to `timeout` for the confirmation, where there is one; 5 s unless set.
    #[must_use]
    pub fn with_confirmation_timeout(self, timeout: Duration) -> Self {
        self.map(|verifier| verifier.with_confirmation_timeout(timeout))
    }

    /// Refuses deliveries of events that are older than `age`, and of such that do not say when they were.
    ///
    /// Together with [`with_dedupe`](Self::with_dedupe) that remembers for longer than `age`, nothing can be
    /// replayed for as long as the store remembers. It
    /// refuses what somebody resends later on purpose, too; and `age` has to be longer than the provider's retries take.
    #[must_use]
    pub fn with_max_event_age(self, age: Duration) -> Self
    where
        P: SignedTime,
    {
        self.map(|verifier| verifier.with_max_event_age(age))
    }

    /// Refuses deliveries that are trusted less: a route that needs more than a URL's token says so here, and not by
    /// what stands around it.
    ///
    /// ```
    /// # use countersign_core::Trust; use countersign_tower::VerifyWebhook;
    /// // Refuses everything until `.with_confirmation(…)` is there, too.
    /// let layer = VerifyWebhook::screenshotrun("t0ken").with_minimum_trust(Trust::Confirmed);
    /// ```
    #[must_use]
    pub fn with_minimum_trust(self, trust: Trust) -> Self {
        self.map(|verifier| verifier.with_minimum_trust(trust))
    }

    fn map(mut self, change: impl FnOnce(Verifier<P>) -> Verifier<P>) -> Self {
        self.verifier = Arc::new(change(Arc::unwrap_or_clone(self.verifier)));
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
    ///
    /// Refusals that ask for another attempt (409, 503) keep their status where the function would make a success of them:
    /// the provider would take the delivery for handled.
    pub fn with_rejection_response<R2>(self, rejection: R2) -> VerifyWebhook<P, R2, D> {
        VerifyWebhook { verifier: self.verifier, body_timeout: self.body_timeout, rejection, dedupe: self.dedupe }
    }

    /// Handles every delivery once: remembers in `dedupe`, or in a store with everything as it is unless set, which
    /// deliveries were handled with success.
    ///
    /// The handler runs to its end in a task of its own, whether the sender waits or hangs up. If its answer is 2xx, the
    /// delivery is remembered, and answered with 200 and the header [`DUPLICATE`](countersign_core::dedupe::DUPLICATE)
    /// when it comes again; if it is anything else, an error or a panic, it runs again. While it runs, the same delivery
    /// is answered with 409 and `Retry-After`. A handler says otherwise with an
    /// [`Outcome`](countersign_core::dedupe::Outcome).
    ///
    /// * It must not block its thread: its lease is renewed, and its deadline kept, by the same task.
    /// * Where secrets are looked up by tenant, the look-up has to say whose they are, with
    ///   [`Secrets::with_tenant`]: or one tenant can have another's delivery taken for handled.
    ///
    /// # Panics
    ///
    /// If it would forget deliveries sooner than the provider may repeat them, or keep what a killed process had claimed
    /// until after the last attempt, as far as that is documented; [`Dedupe::check`] returns an error instead.
    #[must_use]
    pub fn with_dedupe(self, dedupe: impl Into<Dedupe>) -> VerifyWebhook<P, R, Dedupe> {
        let dedupe = dedupe.into().checked::<P>();
        VerifyWebhook { verifier: self.verifier, body_timeout: self.body_timeout, rejection: self.rejection, dedupe }
    }
}

impl<S, P: Provider, R: Clone> Layer<S> for VerifyWebhook<P, R, Dedupe> {
    type Service = VerifyWebhookService<ClaimService<S, P, R>, P, R>;

    fn layer(&self, inner: S) -> Self::Service {
        let inner = ClaimService {
            inner,
            dedupe: self.dedupe.clone(),
            rejection: self.rejection.clone(),
            provider: PhantomData,
        };
        VerifyWebhookService {
            inner,
            verifier: Arc::clone(&self.verifier),
            body_timeout: self.body_timeout,
            rejection: self.rejection.clone(),
        }
    }
}

impl<S, P: Provider, R: Clone> Layer<S> for VerifyWebhook<P, R> {
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

impl<P: Provider, R: Clone, D: Clone> Clone for VerifyWebhook<P, R, D> {
    fn clone(&self) -> Self {
        Self {
            verifier: Arc::clone(&self.verifier),
            body_timeout: self.body_timeout,
            rejection: self.rejection.clone(),
            dedupe: self.dedupe.clone(),
        }
    }
}

impl<P: Provider, R, D: fmt::Debug> fmt::Debug for VerifyWebhook<P, R, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyWebhook")
            .field("verifier", &self.verifier)
            .field("body_timeout", &self.body_timeout)
            .field("dedupe", &self.dedupe)
            .finish_non_exhaustive()
    }
}
