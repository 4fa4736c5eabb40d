//! The middleware and its settings.

use std::{
    fmt,
    future::{Ready, ready},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use actix_web::{
    Error, HttpResponse,
    body::{EitherBody, MessageBody},
    dev::{Service, ServiceRequest, ServiceResponse, Transform},
};
use countersign_core::{
    AllowedSources, Confirmation, DEFAULT_BODY_TIMEOUT, Provider, SecretLookup, Secrets, SignedTime, Trust, Verifier,
    VerifyError, dedupe::Dedupe,
};

use crate::{
    rejection::{explained, problem},
    service::VerifyWebhookMiddleware,
};

/// A middleware that lets genuine deliveries of the provider `P` through, and answers everything else itself.
///
/// What comes through has been verified on the bytes that came over the wire, and those bytes go on as the request's
/// payload, so that every extractor still works. The handler takes the typed event with [`Webhook`](crate::Webhook).
///
/// ```
/// use actix_web::{App, HttpResponse, web};
/// use countersign_actix::{VerifyWebhook, Webhook};
/// use countersign_core::providers::Zeodyn;
///
/// async fn on_event(hook: Webhook<Zeodyn>) -> HttpResponse {
///     println!("{}", hook.event().name());
///     HttpResponse::Ok().finish()
/// }
///
/// let verify = VerifyWebhook::zeodyn("s3cr3t");
/// let app = App::new()
///     .service(web::resource("/webhooks/zeodyn").wrap(verify).route(web::post().to(on_event)));
/// # let _ = app;
/// ```
///
/// Make it before `HttpServer::new` and clone it into the factory: secrets are prepared once, for all workers. It takes
/// the raw payload; middleware outside it must not inflate or replace it. Middleware outside sees every request, and
/// the URL with its token; what is inside sees genuine deliveries alone, without the token, but with the signature
/// header: do not log headers. (As with actix-web's own routing, middleware outside must not keep a clone of the
/// `HttpRequest` while it calls on: actix-web panics if a URL token has to be taken out of one that is shared.)
pub struct VerifyWebhook<P: Provider> {
    pub(crate) verifier: Arc<Verifier<P>>,
    pub(crate) body_timeout: Duration,
    pub(crate) rejection: Option<Arc<Rejection>>,
    pub(crate) dedupe: Option<Dedupe>,
}

pub(crate) type Rejection = dyn Fn(&VerifyError) -> HttpResponse + Send + Sync;

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
    /// use countersign_actix::VerifyWebhook;
    ///
    /// let secrets = SecretMap::new();
    /// let verify = VerifyWebhook::<GeoScored>::from_lookup(secrets.clone());
    /// // For every scan that is created:
    /// secrets.insert("abc123", "s3cr3t")?;
    /// # Ok::<(), countersign_core::SecretMapFull>(())
    /// ```
    pub fn from_lookup(lookup: impl SecretLookup) -> Self {
        Self::with_verifier(Verifier::from_lookup(lookup))
    }

    fn with_verifier(verifier: Verifier<P>) -> Self {
        Self { verifier: Arc::new(verifier), body_timeout: DEFAULT_BODY_TIMEOUT, rejection: None, dedupe: None }
    }

    /// Accepts bodies of up to `bytes` bytes, inclusive; 1 MiB unless set. (The extractors behind have limits of their
    /// own: actix-web's `Bytes` and `String` stop at 256 KiB unless a `PayloadConfig` says otherwise, `Json` at 2 MiB.)
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
    /// The peer's address is the one that actix-web knows of a TCP connection, unless there is a
    /// [`PeerAddr`](countersign_core::PeerAddr) in the request's extensions; without either, as on a Unix socket,
    /// everything is refused.
    ///
    /// ```
    /// use countersign_core::AllowedSources;
    /// use countersign_actix::VerifyWebhook;
    ///
    /// let verify = VerifyWebhook::zeodyn("s3cr3t").with_allowed_sources(["203.0.113.0/24", "2001:db8::7"]);
    /// // Behind a proxy of your own:
    /// let sources = AllowedSources::new(["203.0.113.0/24"])?.with_trusted_proxies(["10.0.0.0/8"])?;
    /// let verify = VerifyWebhook::zeodyn("s3cr3t").with_allowed_sources(sources);
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
    /// # use countersign_core::Trust; use countersign_actix::VerifyWebhook;
    /// // Refuses everything until `.with_confirmation(…)` is there, too.
    /// let verify = VerifyWebhook::screenshotrun("t0ken").with_minimum_trust(Trust::Confirmed);
    /// ```
    #[must_use]
    pub fn with_minimum_trust(self, trust: Trust) -> Self {
        self.map(|verifier| verifier.with_minimum_trust(trust))
    }

    /// Handles every delivery once: remembers in `dedupe`, or in a store with everything as it is unless set, which
    /// deliveries were handled with success.
    ///
    /// The handler runs to its end in a task of its own, whether the sender waits or hangs up. If its answer is 2xx, the
    /// delivery is remembered, and answered with 200 and the header [`DUPLICATE`](countersign_core::dedupe::DUPLICATE)
    /// when it comes again; if it is anything else, an error or a panic, it runs again. While it runs, the same delivery
    /// is answered with 409 and `Retry-After`. A handler says otherwise with an
    /// [`Outcome`](countersign_core::dedupe::Outcome) in the extensions of its response. (A handler that is stopped at its
    /// deadline takes the request with it: middleware outside then gets an `Error`, which becomes the 503.)
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
    pub fn with_dedupe(mut self, dedupe: impl Into<Dedupe>) -> Self {
        let dedupe = dedupe.into().checked::<P>();
        self.dedupe = Some(dedupe);
        self
    }

    fn map(mut self, change: impl FnOnce(Verifier<P>) -> Verifier<P>) -> Self {
        self.verifier = Arc::new(change(Arc::unwrap_or_clone(self.verifier)));
        self
    }

    /// Answers refusals with what `rejection` makes of the error, instead of a problem document.
    ///
    /// The [`VerifyError`] is put into the response's extensions afterwards, for middleware outside. Say no more to the
    /// sender than you must: what failed is of use to a forger. Refusals that ask for another attempt (409, 503) keep their
    /// status where the function would make a success of them: the provider would take the delivery for handled.
    ///
    /// ```
    /// # use actix_web::{HttpResponse, http::StatusCode}; use countersign_actix::VerifyWebhook;
    /// let verify = VerifyWebhook::zeodyn("s3cr3t").with_rejection_response(|error| {
    ///     HttpResponse::build(StatusCode::from_u16(error.status()).unwrap_or(StatusCode::UNAUTHORIZED)).finish()
    /// });
    /// ```
    #[must_use]
    pub fn with_rejection_response(
        mut self,
        rejection: impl Fn(&VerifyError) -> HttpResponse + Send + Sync + 'static,
    ) -> Self {
        self.rejection = Some(Arc::new(rejection));
        self
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

impl<P: Provider> VerifyWebhook<P> {
    /// The answer to what is refused, with its reason.
    pub(crate) fn refusal(&self, error: VerifyError) -> HttpResponse {
        error.trace(P::NAME);
        let response = self.rejection.as_ref().map_or_else(|| problem(&error), |rejection| rejection(&error));
        explained(response, error)
    }
}

impl<P: Provider> Clone for VerifyWebhook<P> {
    fn clone(&self) -> Self {
        Self {
            verifier: Arc::clone(&self.verifier),
            body_timeout: self.body_timeout,
            rejection: self.rejection.clone(),
            dedupe: self.dedupe.clone(),
        }
    }
}

impl<P: Provider> fmt::Debug for VerifyWebhook<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyWebhook")
            .field("verifier", &self.verifier)
            .field("body_timeout", &self.body_timeout)
            .field("dedupe", &self.dedupe)
            .finish_non_exhaustive()
    }
}

impl<S, B, P> Transform<S, ServiceRequest> for VerifyWebhook<P>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
    P: Provider,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = VerifyWebhookMiddleware<S, P>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(VerifyWebhookMiddleware { service: Rc::new(service), verify: self.clone() }))
    }
}
