//! The verifier: head, body, proof, event, in this order, without any I/O.

use std::{fmt, future::Future, marker::PhantomData, sync::Arc, time::Duration};

use bytes::Bytes;

use super::{
    checking::{begin, check, check_plain, plain, read},
    confirmation::Confirmation,
    delivery::{Delivery, Verified},
    handshake::Signed,
    head::{HeadSource, RequestHead},
    lookup::{Lookup, SecretLookup},
    noted::Noted,
    settings::{Origin, Settings},
    verification::Verification,
    waits::{Deferred, Immediate},
};
use crate::{
    error::{BodyLengths, Rejection, RejectionKind, SecretError},
    proof::{Proven, Room, Tag},
    provider::Provider,
    reuse,
    scheme::Scheme,
    secret::{IntoSecrets, MatchedSecret},
    secret_shape,
    trust::Trust,
    url::PublicUrl,
};

/// A verifier for deliveries of the provider `P`. Its keys are prepared once, and clones share
/// them.
///
/// The adapters for tower and actix-web use the same settings. Without an adapter, give a verifier
/// the request's head and its raw body:
///
/// ```
/// use countersign_core::{Rejection, Verifier, providers::ScreenScore};
///
/// fn receive(verifier: &Verifier<ScreenScore>, request: http::Request<Vec<u8>>) -> Result<(), Rejection> {
///     let (head, body) = request.into_parts();
///     let delivery = verifier.verify(&head, body)?;
///     println!("{:?}", delivery.event());
///     Ok(())
/// }
///
/// let verifier = Verifier::<ScreenScore>::new("s3cr3t");
/// let forged = http::Request::post("/webhooks/screenscore").body(b"{}".to_vec()).unwrap();
/// assert_eq!(receive(&verifier, forged).unwrap_err().status(), 401);
/// ```
///
/// To hash a body while it arrives, see [`check_head`](Self::check_head). A verifier with a
/// [look-up](Self::from_lookup) or a [confirmation](Self::with_confirmation) is [`Deferred`] and
/// verifies [asynchronously](Verifier::verify_async).
pub struct Verifier<P: Provider, W = Immediate> {
    settings: Arc<Settings<P>>,
    waits: PhantomData<fn() -> W>,
}

impl<P: Provider> Verifier<P> {
    /// Creates a verifier that accepts `secrets`: a string, a [`Secret`](crate::Secret), or
    /// [`Secrets`](crate::Secrets).
    ///
    /// A warning is logged if another provider has the same secret in this process, or if a secret
    /// looks wrong: see [`Secret`](crate::Secret).
    ///
    /// # Panics
    ///
    /// Panics if a secret is given as an empty string, or is not a key of the provider's form.
    /// [`try_new`](Self::try_new) returns an error instead.
    #[track_caller]
    pub fn new(secrets: impl IntoSecrets) -> Self {
        match Self::try_new(secrets) {
            Ok(verifier) => verifier,
            #[expect(clippy::panic, reason = "documented; at start-up, never on a request")]
            Err(error) => panic!("{error}"),
        }
    }

    /// Creates a verifier like [`new`](Self::new).
    ///
    /// # Errors
    ///
    /// Returns an error if a secret is given as an empty string, or is not a key of the provider's
    /// form. The message says what a key looks like, and the shape of the given one.
    pub fn try_new(secrets: impl IntoSecrets) -> Result<Self, SecretError> {
        const {
            assert!(
                !P::SCHEME.signs_url(),
                "this provider signs the URL of the endpoint: use `new_at`, `try_new_at` or `from_lookup_at`"
            )
        };
        Self::fixed(secrets, None)
    }

    pub(super) fn fixed(secrets: impl IntoSecrets, url: Option<PublicUrl>) -> Result<Self, SecretError> {
        let secrets = secrets.into_secrets()?;
        let settings = Settings::fixed(&secrets, url)?;
        reuse::warn_if_shared(&secrets, P::NAME);
        secret_shape::warn_of_fixed(&secrets, P::NAME);
        Ok(Self::of(settings))
    }

    /// Creates a verifier that looks up the accepted secrets of each delivery once its body is
    /// complete.
    ///
    /// It waits for the look-up, so it does not have `verify`:
    ///
    /// ```compile_fail,E0599
    /// # use countersign_core::{SecretMap, Verifier, providers::GeoScored};
    /// # let head = http::Request::post("/").body(()).unwrap();
    /// let delivery = Verifier::<GeoScored>::from_lookup(SecretMap::new()).verify(&head, "{}");
    /// ```
    pub fn from_lookup(lookup: impl SecretLookup) -> Verifier<P, Deferred> {
        const {
            assert!(
                !P::SCHEME.signs_url(),
                "this provider signs the URL of the endpoint: use `new_at`, `try_new_at` or `from_lookup_at`"
            )
        };
        Verifier::of(Settings::looked_up(Lookup::new(lookup), None))
    }

    /// Verifies a request with its complete body, and reads its event.
    ///
    /// # Errors
    ///
    /// Returns a rejection like [`check_head`](Self::check_head) and [`Verification::finish`], or
    /// one of the kind [`Undecodable`](RejectionKind::Undecodable).
    pub fn verify(&self, head: &impl RequestHead, body: impl Into<Bytes>) -> Result<Delivery<P>, Rejection> {
        self.verify_only(head, body)?.read()
    }

    /// Verifies a request with its complete body, and does not read its event.
    ///
    /// # Errors
    ///
    /// Returns a rejection like [`check_head`](Self::check_head) and [`Verification::finish`].
    ///
    /// ```
    /// use countersign_core::{Rejection, Verifier, providers::Zeodyn};
    ///
    /// fn genuine(verifier: &Verifier<Zeodyn>, request: http::Request<Vec<u8>>) -> Result<Vec<u8>, Rejection> {
    ///     let (head, body) = request.into_parts();
    ///     Ok(verifier.verify_only(&head, body)?.body().to_vec())
    /// }
    /// ```
    pub fn verify_only(&self, head: &impl RequestHead, body: impl Into<Bytes>) -> Result<Verified<P>, Rejection> {
        let headers = read::<P>(head);
        let noted = |scheme| Noted::of::<P>(head, &headers.lines, scheme);
        if let Some(keys) = plain(&self.settings) {
            let mut tag = Tag::default();
            check_plain(&self.settings, head, &headers, &mut tag)?;
            return self.proven(body.into(), |body| keys.prove(const { &P::SCHEME }, &tag, body), noted);
        }
        let Origin::Fixed(accepted) = &self.settings.origin else {
            unreachable!("a verifier with a look-up is `Deferred`")
        };
        let (source, window, mut room) = (HeadSource(head), self.settings.window(), Room::default());
        let unproven = check(&self.settings, accepted, head, &headers, &source, &window, &mut room)?;
        self.proven(body.into(), |body| unproven.verify(body), noted)
    }

    /// Checks the proof of a complete body. Not by way of a `Verification`: for a small body, moving
    /// its state around would cost a sixth of the hash.
    #[inline]
    fn proven<'k>(
        &self,
        body: Bytes,
        prove: impl FnOnce(&[u8]) -> Result<Proven<&'k MatchedSecret>, RejectionKind>,
        noted: impl FnOnce(&'static Scheme) -> Noted,
    ) -> Result<Verified<P>, Rejection> {
        let limit = self.settings.body_limit;
        if body.len() > limit {
            let lengths = BodyLengths::too_large(body.len(), None, limit);
            return Err(Rejection::of_lengths(RejectionKind::BodyTooLarge, lengths));
        }
        let proven = prove(&body)?;
        self.settings.check_body(&body)?;
        let noted = noted(proven.scheme);
        Ok(Verified::new(body, proven.cloned(), noted))
    }
}

impl<P: Provider, W> Verifier<P, W> {
    crate::__settings!(P);

    pub(super) fn of(settings: Settings<P>) -> Self {
        Self { settings: Arc::new(settings), waits: PhantomData }
    }

    /// Accepts any signed time, if there is one, for the command line: it says how far the time is from
    /// the clock.
    #[doc(hidden)]
    #[must_use]
    pub fn __at_any_time(mut self) -> Self {
        self.settings_mut().time_tolerance = Some(Duration::MAX);
        self
    }

    fn settings_mut(&mut self) -> &mut Settings<P> {
        Arc::make_mut(&mut self.settings)
    }

    pub(super) fn into_settings(self) -> Arc<Settings<P>> {
        self.settings
    }

    /// Confirms each verified delivery with a third party. Its trust is then
    /// [`Confirmed`](Trust::Confirmed), or [`Signed`](Trust::Signed) if the provider signs.
    #[must_use]
    pub fn with_confirmation(mut self, confirmation: impl Confirmation<P>) -> Verifier<P, Deferred> {
        self.settings_mut().confirm(confirmation);
        Verifier { settings: self.settings, waits: PhantomData }
    }

    /// Returns the trust of accepted deliveries. It is fixed when the verifier is created.
    pub fn trust(&self) -> Trust {
        self.settings.trust()
    }

    /// Checks the head, before the body is read. The order is: method, declared length, the proof's
    /// format (and a URL token's value, unless the secret is looked up), minimum trust, source,
    /// content coding.
    ///
    /// Give the body to the returned [`Verification`] frame by frame, and then finish it.
    ///
    /// # Errors
    ///
    /// Returns a rejection if one of these checks fails: see [`RejectionKind`].
    ///
    /// ```
    /// # use countersign_core::{Rejection, Verifier, providers::Zeodyn};
    /// # fn receive(request: &http::Request<()>, frames: Vec<bytes::Bytes>) -> Result<(), Rejection> {
    /// let verifier = Verifier::<Zeodyn>::new("s3cr3t");
    /// let mut verification = verifier.check_head(request)?;
    /// for frame in frames {
    ///     verification.push(frame)?;
    /// }
    /// let delivery = verification.finish()?.read()?;
    /// # Ok(()) }
    /// ```
    pub fn check_head(&self, head: &impl RequestHead) -> Result<Verification<P, W>, Rejection> {
        begin(&self.settings, head, Signed::Delivered).map(Verification::new)
    }
}

impl<P: Provider> Verifier<P, Deferred> {
    /// Verifies a request with its complete body, and reads its event. Depending on the verifier,
    /// it looks up the secrets before and confirms the event after.
    ///
    /// `sleep` returns a future that completes after a duration, like `tokio::time::sleep`.
    ///
    /// ```
    /// use countersign_core::{RejectionKind, SecretMap, Verifier, providers::GeoScored};
    ///
    /// # async fn receive() {
    /// let verifier = Verifier::<GeoScored>::from_lookup(SecretMap::new());
    /// let signature = format!("v1={:064}", 0);
    /// let head = http::Request::post("/webhooks/geoscored").header("x-geoscored-signature", signature).body(()).unwrap();
    /// let rejection = verifier.verify_async(&head, r#"{"scan_id":"abc123"}"#, tokio::time::sleep).await.unwrap_err();
    /// assert_eq!(rejection.kind(), RejectionKind::SecretNotFound);
    /// # }
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(receive());
    /// ```
    ///
    /// # Errors
    ///
    /// Returns a rejection like [`check_head`](Self::check_head) and
    /// [`Verification::finish_async`].
    pub async fn verify_async<S: Future<Output = ()>>(
        &self,
        head: &impl RequestHead,
        body: impl Into<Bytes>,
        sleep: impl Fn(Duration) -> S,
    ) -> Result<Delivery<P>, Rejection> {
        // The head is not held while it waits.
        let verification = self.check_head(head);
        let mut verification = verification?;
        verification.push(body.into())?;
        verification.finish_async(sleep).await
    }
}

impl<P: Provider, W> Clone for Verifier<P, W> {
    fn clone(&self) -> Self {
        Self { settings: Arc::clone(&self.settings), waits: PhantomData }
    }
}

impl<P: Provider, W> fmt::Debug for Verifier<P, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.settings.fmt(f)
    }
}
