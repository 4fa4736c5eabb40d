//! The verifier: head, body, proof, in this order, without any I/O of its own.

use std::{fmt, future::Future, iter::once, sync::Arc, time::Duration};

use bytes::Bytes;

use crate::{
    age::{MaxAge, SignedTime},
    body::Frames,
    clock::Clock,
    confirmation::{Confirmation, Confirmer, DEFAULT_CONFIRMATION_TIMEOUT},
    delivery::Delivery,
    error::{VerifyError, VerifyErrorKind},
    head::{Headers, RequestHead, Single},
    lookup::{DEFAULT_LOOKUP_TIMEOUT, Lookup, SecretLookup},
    proof::{self, Accepted, Unproven},
    provider::Provider,
    reuse,
    secret::Secrets,
    source::AllowedSources,
    trust::Trust,
    verification::Verification,
};

/// The body limit unless [`Verifier::with_body_limit`] sets another: 1 MiB, inclusive.
pub const DEFAULT_BODY_LIMIT: usize = 1024 * 1024;

/// How long the adapters wait for a body unless told otherwise: 5 s. Three of the five providers give up after 10 s.
pub const DEFAULT_BODY_TIMEOUT: Duration = Duration::from_secs(5);

/// Verifies deliveries of the provider `P`, with the secrets' keyed states prepared once.
///
/// The adapters for tower and actix-web are thin layers around it. Without a framework, give it a request's head and
/// its raw body:
///
/// ```
/// use countersign_core::{Verifier, VerifyError, providers::ScreenScore};
///
/// fn receive(verifier: &Verifier<ScreenScore>, request: http::Request<Vec<u8>>) -> Result<(), VerifyError> {
///     let (head, body) = request.into_parts();
///     let delivery = verifier.verify(&head, body)?;
///     println!("{:?}", delivery.event()?);
///     Ok(())
/// }
///
/// let verifier = Verifier::<ScreenScore>::new("s3cr3t");
/// let forged = http::Request::post("/webhooks/screenscore").body(b"{}".to_vec()).unwrap();
/// assert_eq!(receive(&verifier, forged).unwrap_err().status(), 401);
/// ```
///
/// A body that arrives in pieces is hashed as it arrives: see [`check_head`](Self::check_head). A verifier that [looks
/// secrets up](Self::from_lookup) or [asks for confirmation](Self::with_confirmation) has to wait for somebody, and
/// verifies [asynchronously](Self::verify_async).
pub struct Verifier<P: Provider> {
    accepted: Accepted,
    body_limit: usize,
    sources: Option<Arc<AllowedSources>>,
    minimum_trust: Trust,
    max_age: Option<MaxAge>,
    confirmer: Option<Confirmer<P>>,
    lookup_timeout: Duration,
    confirmation_timeout: Duration,
}

impl<P: Provider> Verifier<P> {
    /// A verifier that accepts deliveries proven with one of `secrets`.
    ///
    /// A secret that was given to another provider before in this process is warned of, in the log.
    ///
    /// # Panics
    ///
    /// If a secret is given as a string or as bytes and is empty; [`Secret::new`](crate::Secret::new) returns an error
    /// instead.
    pub fn new(secrets: impl Into<Secrets>) -> Self {
        let secrets = secrets.into();
        reuse::warn_if_shared(&secrets, P::NAME);
        Self::accepting(Accepted::new::<P>(&secrets))
    }

    /// A verifier that looks the accepted secrets up for each delivery, once its body is whole.
    pub fn from_lookup(lookup: impl SecretLookup) -> Self {
        Self::accepting(Accepted::LookedUp(Lookup::new(lookup)))
    }

    fn accepting(accepted: Accepted) -> Self {
        Self {
            accepted,
            body_limit: DEFAULT_BODY_LIMIT,
            sources: None,
            minimum_trust: Trust::TokenOnly,
            max_age: None,
            confirmer: None,
            lookup_timeout: DEFAULT_LOOKUP_TIMEOUT,
            confirmation_timeout: DEFAULT_CONFIRMATION_TIMEOUT,
        }
    }

    /// Accepts bodies of up to `bytes` bytes, inclusive.
    #[must_use]
    pub fn with_body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Waits up to `timeout` for a look-up, where there is one; 2 s unless set.
    #[must_use]
    pub fn with_lookup_timeout(mut self, timeout: Duration) -> Self {
        self.lookup_timeout = timeout;
        self
    }

    /// Accepts deliveries from these addresses alone, beside their proof.
    ///
    /// # Panics
    ///
    /// If they are given as strings, and one is not a range of addresses, or there is none;
    /// [`AllowedSources::new`] returns an error instead.
    #[must_use]
    pub fn with_allowed_sources(mut self, sources: impl Into<AllowedSources>) -> Self {
        self.sources = Some(Arc::new(sources.into()));
        self
    }

    /// Has every delivery confirmed whose proof held, so that its trust is [`Confirmed`](Trust::Confirmed) unless it is
    /// [`Signed`](Trust::Signed) anyway.
    #[must_use]
    pub fn with_confirmation(mut self, confirmation: impl Confirmation<P>) -> Self {
        self.confirmer = Some(Confirmer::new(confirmation));
        self
    }

    /// Waits up to `timeout` for the confirmation, where there is one; 5 s unless set.
    #[must_use]
    pub fn with_confirmation_timeout(mut self, timeout: Duration) -> Self {
        self.confirmation_timeout = timeout;
        self
    }

    /// Refuses deliveries of events that are older than `age`, and of such that do not say when they were.
    ///
    /// Together with deduplication that remembers for longer than `age`, nothing can be
    /// replayed for as long as the store remembers. It refuses what somebody
    /// resends later on purpose, too; and `age` has to be longer than the provider's retries take.
    #[must_use]
    pub fn with_max_event_age(self, age: Duration) -> Self
    where
        P: SignedTime,
    {
        self.with_max_event_age_at(age, Clock::system())
    }

    /// The same, with the time from `clock`, for tests.
    #[must_use]
    pub fn with_max_event_age_at(mut self, age: Duration, clock: Clock) -> Self
    where
        P: SignedTime,
    {
        self.max_age = Some(MaxAge { age, path: P::TIME_PATH, clock });
        self
    }

    /// Refuses deliveries that are trusted less. What a provider's deliveries are trusted is known from the start: see
    /// [`trust`](Self::trust).
    #[must_use]
    pub fn with_minimum_trust(mut self, trust: Trust) -> Self {
        self.minimum_trust = trust;
        self
    }

    /// How sure one may be of the deliveries that it accepts.
    pub fn trust(&self) -> Trust {
        let proven = proof::trust::<P>();
        if self.confirmer.is_some() { proven.max(Trust::Confirmed) } else { proven }
    }

    /// Everything that can be refused before a byte of the body is read, in this order: the method, the declared
    /// length, the proof's presence and form (a URL token is compared here already, unless it has to be looked up), the
    /// trust that is demanded, the source, the content coding.
    ///
    /// Then give the body to the [`Verification`] frame by frame, and ask it for the delivery.
    ///
    /// # Errors
    ///
    /// [`MethodNotAllowed`](VerifyErrorKind::MethodNotAllowed), [`BodyTooLarge`](VerifyErrorKind::BodyTooLarge), a
    /// missing or malformed signature or token, [`TokenMismatch`](VerifyErrorKind::TokenMismatch),
    /// [`InsufficientTrust`](VerifyErrorKind::InsufficientTrust),
    /// [`SourceNotAllowed`](VerifyErrorKind::SourceNotAllowed), [`SourceUnknown`](VerifyErrorKind::SourceUnknown), or
    /// [`UnsupportedEncoding`](VerifyErrorKind::UnsupportedEncoding).
    ///
    /// ```
    /// # use countersign_core::{Verifier, VerifyError, providers::Zeodyn};
    /// # fn receive(request: &http::Request<()>, frames: Vec<bytes::Bytes>) -> Result<(), VerifyError> {
    /// let verifier = Verifier::<Zeodyn>::new("s3cr3t");
    /// let mut verification = verifier.check_head(request)?;
    /// for frame in frames {
    ///     verification.push(frame)?;
    /// }
    /// let delivery = verification.finish()?;
    /// # Ok(()) }
    /// ```
    pub fn check_head(&self, head: &impl RequestHead) -> Result<Verification<P>, VerifyError> {
        let (unproven, unverified_timestamp) = self.check(head)?;
        Ok(Verification {
            pending: unproven.into(),
            frames: Frames::default(),
            body_limit: self.body_limit,
            is_too_large: false,
            unverified_timestamp,
            max_age: self.max_age.clone(),
            confirmer: self.confirmer.clone(),
            lookup_timeout: self.lookup_timeout,
            confirmation_timeout: self.confirmation_timeout,
        })
    }

    /// Every rule that the head has to keep; what it leaves to be shown, and the timestamp that nobody signed.
    fn check(&self, head: &impl RequestHead) -> Result<(Unproven<'_>, Option<u64>), VerifyError> {
        if head.method() != "POST" {
            return Err(VerifyErrorKind::MethodNotAllowed.into());
        }
        let headers = Headers::read::<P>(head, self.body_limit);
        if headers.declares_too_much {
            return Err(VerifyErrorKind::BodyTooLarge.into());
        }
        let unproven = self.accepted.check::<P>(&headers, head.query())?;
        if self.trust() < self.minimum_trust {
            return Err(VerifyErrorKind::InsufficientTrust.into());
        }
        if let Some(sources) = &self.sources {
            sources.check(head)?;
        }
        if headers.is_encoded {
            return Err(VerifyErrorKind::UnsupportedEncoding.into());
        }
        let unverified_timestamp = match headers.timestamp {
            Single::One(value) => std::str::from_utf8(value).ok().and_then(|seconds| seconds.parse().ok()),
            Single::Missing | Single::Repeated => None,
        };
        Ok((unproven, unverified_timestamp))
    }

    /// Verifies a request whose whole body is at hand.
    ///
    /// `body` is what came over the wire, byte for byte: never JSON that was parsed and written again.
    ///
    /// # Errors
    ///
    /// Those of [`check_head`](Self::check_head) and of [`Verification::finish`].
    pub fn verify(&self, head: &impl RequestHead, body: impl Into<Bytes>) -> Result<Delivery<P>, VerifyError> {
        let (unproven, unverified_timestamp) = self.check(head)?;
        let body = body.into();
        if body.len() > self.body_limit {
            return Err(VerifyErrorKind::BodyTooLarge.into());
        }
        // Not by way of a `Verification`: for a small body, handing one on would cost a sixth of the hash.
        let matched = match unproven {
            _ if self.confirmer.is_some() => return Err(VerifyErrorKind::NotAwaited.into()),
            Unproven::LookUp { .. } => return Err(VerifyErrorKind::NotAwaited.into()),
            Unproven::Nothing(matched) => matched,
            Unproven::Body { tag, keys } => {
                keys.verify(once(body.as_ref()), &tag).ok_or(VerifyErrorKind::SignatureMismatch)?
            }
        };
        Delivery::proven(body, matched, unverified_timestamp, self.max_age.as_ref())
    }

    /// Verifies a request whose whole body is at hand, and waits for a look-up and a confirmation.
    ///
    /// `sleep` makes a future that is ready after a time, as `tokio::time::sleep` does.
    ///
    /// ```
    /// use countersign_core::{SecretMap, VerifyErrorKind, Verifier, providers::GeoScored};
    ///
    /// # async fn receive() {
    /// let verifier = Verifier::<GeoScored>::from_lookup(SecretMap::new());
    /// let signature = format!("v1={:064}", 0);
    /// let head = http::Request::post("/webhooks/geoscored").header("x-geoscored-signature", signature).body(()).unwrap();
    /// let error = verifier.verify_async(&head, r#"{"scan_id":"abc123"}"#, tokio::time::sleep).await.unwrap_err();
    /// assert_eq!(error.kind(), VerifyErrorKind::SecretNotFound);
    /// # }
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(receive());
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`check_head`](Self::check_head) and of [`Verification::finish_async`].
    pub async fn verify_async<S: Future<Output = ()>>(
        &self,
        head: &(impl RequestHead + Sync),
        body: impl Into<Bytes>,
        sleep: impl Fn(Duration) -> S,
    ) -> Result<Delivery<P>, VerifyError> {
        let mut verification = self.check_head(head)?;
        verification.push(body.into())?;
        verification.finish_async(head, sleep).await
    }
}

impl<P: Provider> Clone for Verifier<P> {
    fn clone(&self) -> Self {
        Self {
            accepted: self.accepted.clone(),
            body_limit: self.body_limit,
            sources: self.sources.clone(),
            minimum_trust: self.minimum_trust,
            max_age: self.max_age.clone(),
            confirmer: self.confirmer.clone(),
            lookup_timeout: self.lookup_timeout,
            confirmation_timeout: self.confirmation_timeout,
        }
    }
}

impl<P: Provider> fmt::Debug for Verifier<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("provider", &P::NAME)
            .field("body_limit", &self.body_limit)
            .field("sources", &self.sources)
            .field("minimum_trust", &self.minimum_trust)
            .finish_non_exhaustive()
    }
}
