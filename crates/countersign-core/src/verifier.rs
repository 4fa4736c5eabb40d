//! The verifier: head, body, proof, in this order, without any I/O.

use std::{fmt, marker::PhantomData, sync::Arc, time::Duration};

use bytes::Bytes;

use crate::{
    body::Frames,
    delivery::{Delivery, Trust},
    error::{VerifyError, VerifyErrorKind},
    head::{self, RequestHead, Single, single},
    provider::Provider,
    reuse,
    scheme::Scheme,
    secret::{MatchedSecret, Secrets},
    signature::{self, Keys, Macs, Tag},
    token::Tokens,
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
/// A body that arrives in pieces is hashed as it arrives: see [`check_head`](Self::check_head).
pub struct Verifier<P> {
    proof: Proof,
    body_limit: usize,
    provider: PhantomData<fn() -> P>,
}

#[derive(Clone)]
enum Proof {
    Hmac { header: &'static str, prefix: &'static str, keys: Arc<Keys> },
    Token { parameter: &'static str, tokens: Tokens },
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
        let proof = match P::SCHEME {
            Scheme::HmacSha256 { header, prefix } => {
                Proof::Hmac { header, prefix, keys: Arc::new(Keys::new(&secrets)) }
            }
            Scheme::UrlToken { parameter } => Proof::Token { parameter, tokens: Tokens::new(&secrets) },
        };
        Self { proof, body_limit: DEFAULT_BODY_LIMIT, provider: PhantomData }
    }

    /// Accepts bodies of up to `bytes` bytes, inclusive.
    #[must_use]
    pub fn with_body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Everything that can be refused before a byte of the body is read, in this order: the method, the declared
    /// length, the proof's presence and form (a URL token is compared here already), the content coding.
    ///
    /// Then give the body to the [`Verification`] frame by frame, and ask it for the delivery.
    ///
    /// # Errors
    ///
    /// [`MethodNotAllowed`](VerifyErrorKind::MethodNotAllowed), [`BodyTooLarge`](VerifyErrorKind::BodyTooLarge), a
    /// missing or malformed signature or token, [`TokenMismatch`](VerifyErrorKind::TokenMismatch), or
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
        if head.method() != "POST" {
            return Err(VerifyErrorKind::MethodNotAllowed.into());
        }
        if head::declares_more_than(head, self.body_limit) {
            return Err(VerifyErrorKind::BodyTooLarge.into());
        }
        let pending = match &self.proof {
            Proof::Hmac { header, prefix, keys } => {
                let tag = signature::read(head, header, prefix)?;
                Pending::Mac { tag, macs: keys.begin(), keys: Arc::clone(keys) }
            }
            Proof::Token { parameter, tokens } => Pending::Proven(tokens.verify(head.query(), parameter)?),
        };
        if !head::is_identity_encoded(head) {
            return Err(VerifyErrorKind::UnsupportedEncoding.into());
        }
        let unverified_timestamp = P::UNVERIFIED_TIMESTAMP_HEADER.and_then(|header| match single(head, header) {
            Single::One(value) => std::str::from_utf8(value).ok()?.parse().ok(),
            Single::Missing | Single::Repeated => None,
        });
        Ok(Verification {
            pending,
            frames: Frames::default(),
            body_limit: self.body_limit,
            is_too_large: false,
            unverified_timestamp,
            provider: PhantomData,
        })
    }

    /// Verifies a request whose whole body is at hand.
    ///
    /// `body` is what came over the wire, byte for byte: never JSON that was parsed and written again.
    ///
    /// # Errors
    ///
    /// Those of [`check_head`](Self::check_head), [`BodyTooLarge`](VerifyErrorKind::BodyTooLarge), and
    /// [`SignatureMismatch`](VerifyErrorKind::SignatureMismatch).
    pub fn verify(&self, head: &impl RequestHead, body: impl Into<Bytes>) -> Result<Delivery<P>, VerifyError> {
        let mut verification = self.check_head(head)?;
        verification.push(body.into())?;
        verification.finish()
    }
}

impl<P> Clone for Verifier<P> {
    fn clone(&self) -> Self {
        Self { proof: self.proof.clone(), body_limit: self.body_limit, provider: PhantomData }
    }
}

impl<P: Provider> fmt::Debug for Verifier<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("provider", &P::NAME)
            .field("body_limit", &self.body_limit)
            .finish_non_exhaustive()
    }
}

/// A verification under way: the head was in order, the body is still coming.
///
/// Every frame is hashed as it arrives, and kept as it is; they are joined once, after the proof held.
#[must_use = "nothing is verified before `finish`"]
pub struct Verification<P> {
    pending: Pending,
    frames: Frames,
    body_limit: usize,
    is_too_large: bool,
    unverified_timestamp: Option<u64>,
    provider: PhantomData<fn() -> P>,
}

enum Pending {
    /// Proven by the head.
    Proven(MatchedSecret),
    /// To be proven by the body.
    Mac { tag: Tag, macs: Macs, keys: Arc<Keys> },
}

impl<P: Provider> Verification<P> {
    /// Takes the next piece of the body.
    ///
    /// # Errors
    ///
    /// [`BodyTooLarge`](VerifyErrorKind::BodyTooLarge) if the body has become larger than the limit. Nothing is kept of
    /// such a body, and [`finish`](Self::finish) fails likewise.
    pub fn push(&mut self, frame: Bytes) -> Result<(), VerifyError> {
        let is_within = self.frames.length_with(frame.len()).is_some_and(|length| length <= self.body_limit);
        if self.is_too_large || !is_within {
            self.is_too_large = true;
            self.frames = Frames::default();
            return Err(VerifyErrorKind::BodyTooLarge.into());
        }
        if let Pending::Mac { macs, .. } = &mut self.pending {
            macs.update(&frame);
        }
        self.frames.push(frame);
        Ok(())
    }

    /// The body is whole: checks the proof, and joins the body if it holds.
    ///
    /// # Errors
    ///
    /// [`SignatureMismatch`](VerifyErrorKind::SignatureMismatch), or [`BodyTooLarge`](VerifyErrorKind::BodyTooLarge) if
    /// [`push`](Self::push) said so before.
    pub fn finish(self) -> Result<Delivery<P>, VerifyError> {
        if self.is_too_large {
            return Err(VerifyErrorKind::BodyTooLarge.into());
        }
        let (trust, matched) = match self.pending {
            Pending::Proven(matched) => (Trust::TokenOnly, matched),
            Pending::Mac { tag, macs, keys } => {
                let position = macs.verify(&tag).ok_or(VerifyErrorKind::SignatureMismatch)?;
                (Trust::Signed, keys.matched(position))
            }
        };
        Ok(Delivery::new(self.frames.join(), trust, matched, self.unverified_timestamp))
    }
}

impl<P: Provider> fmt::Debug for Verification<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verification").field("provider", &P::NAME).finish_non_exhaustive()
    }
}
