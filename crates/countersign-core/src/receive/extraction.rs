//! The verified delivery in a request's extensions, and the error of an extractor.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use bytes::Bytes;

use super::{
    answer::Answer,
    delivery::{Delivery, Verified},
};
use crate::{
    error::{DecodeError, Rejection},
    once::DeliveryId,
    provider::Provider,
    secret::MatchedSecret,
};

/// A verified delivery in the extensions of a request. Only a [`Receiver`](super::Receiver) creates
/// what is in it, so every value was verified.
#[allow(clippy::exhaustive_enums, reason = "a body can be read or it cannot")]
pub enum Received<P: Provider> {
    /// The delivery with its event.
    Read(Arc<Delivery<P>>),
    /// A delivery whose body cannot be read as an event.
    Unreadable(Arc<Unreadable<P>>),
}

impl<P: Provider> Received<P> {
    /// Reads the event.
    pub(super) fn read(verified: Verified<P>) -> Self {
        match verified.read_event() {
            Ok(event) => Self::Read(Arc::new(Delivery::new(verified, event))),
            Err(error) => Self::Unreadable(Arc::new(Unreadable::new(verified, error))),
        }
    }

    /// Returns the raw body, byte for byte as received.
    pub fn body(&self) -> &Bytes {
        match self {
            Self::Read(delivery) => delivery.body(),
            Self::Unreadable(unreadable) => unreadable.verified.body(),
        }
    }

    pub(super) fn matched_secret(&self) -> &MatchedSecret {
        match self {
            Self::Read(delivery) => delivery.matched_secret(),
            Self::Unreadable(unreadable) => unreadable.verified.matched_secret(),
        }
    }

    pub(super) fn delivery_id(&self) -> Option<DeliveryId> {
        match self {
            Self::Read(delivery) => delivery.delivery_id(),
            Self::Unreadable(unreadable) => Some(unreadable.verified.unnamed_id()),
        }
    }

    /// Returns the delivery if its body cannot be read. Call [`Unreadable::answered`] on it once
    /// the handler has answered.
    pub fn unreadable(&self) -> Option<Arc<Unreadable<P>>> {
        match self {
            Self::Read(_) => None,
            Self::Unreadable(unreadable) => Some(Arc::clone(unreadable)),
        }
    }

    /// Returns the delivery, for an extractor. A missing delivery is logged, with the provider's
    /// name.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no delivery, or if its body cannot be read.
    pub fn extract(received: Option<&Self>) -> Result<Arc<Delivery<P>>, ExtractionError> {
        match received {
            Some(Self::Read(delivery)) => Ok(Arc::clone(delivery)),
            Some(Self::Unreadable(unreadable)) => {
                Err(ExtractionError(Reason::Undecodable(Arc::clone(&unreadable.error))))
            }
            None => {
                let error = ExtractionError(Reason::MissingVerification(P::TITLE));
                tracing::error!(
                    target: "countersign", provider = P::NAME, reason = "missing_verification", status = 500, "{error}"
                );
                Err(error)
            }
        }
    }
}

impl<P: Provider> Clone for Received<P> {
    fn clone(&self) -> Self {
        match self {
            Self::Read(delivery) => Self::Read(Arc::clone(delivery)),
            Self::Unreadable(unreadable) => Self::Unreadable(Arc::clone(unreadable)),
        }
    }
}

impl<P: Provider> fmt::Debug for Received<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(delivery) => delivery.fmt(f),
            Self::Unreadable(unreadable) => unreadable.verified.fmt(f),
        }
    }
}

/// A verified delivery whose body cannot be read as an event.
pub struct Unreadable<P: Provider> {
    pub(super) verified: Verified<P>,
    error: Arc<Undecodable>,
}

pub(super) struct Undecodable {
    rejection: Rejection,
    /// Whether an extractor has answered with it.
    is_answer: AtomicBool,
}

impl<P: Provider> Unreadable<P> {
    fn new(verified: Verified<P>, error: DecodeError) -> Self {
        let error = Undecodable { rejection: Rejection::from(error), is_answer: AtomicBool::new(false) };
        Self { verified, error: Arc::new(error) }
    }

    /// Returns the verified delivery.
    pub fn verified(&self) -> &Verified<P> {
        &self.verified
    }

    /// Returns the rejection. The adapter answers with it, unless the handler takes a `Result` and
    /// makes its own response.
    pub fn rejection(&self) -> &Rejection {
        &self.error.rejection
    }

    /// Returns the rejection if the handler's answer is the extractor's error, which has this
    /// `status`. Replace that answer with the user's own rejection response. An answer with another
    /// status was made by the handler, or by a service around it.
    pub fn answered(&self, status: u16) -> Option<&Rejection> {
        let is_answer = self.error.is_answer.load(Relaxed) && status == self.error.rejection.status();
        is_answer.then_some(&self.error.rejection)
    }
}

impl<P: Provider> fmt::Debug for Unreadable<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.verified.fmt(f)
    }
}

/// The error of the adapters' extractors.
#[derive(Clone)]
pub struct ExtractionError(pub(super) Reason);

#[derive(Clone)]
pub(super) enum Reason {
    MissingVerification(&'static str),
    NotClaimed(&'static str),
    Undecodable(Arc<Undecodable>),
}

/// The kind of an [`ExtractionError`]. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExtractionErrorKind {
    /// No delivery of this provider was verified before the handler (500). This is a bug in the
    /// service.
    MissingVerification,
    /// The delivery was verified, but no layer claimed it before a handler that needs it (500). This is a bug
    /// in the service.
    NotClaimed,
    /// The delivery was verified, but its body is not an event (422).
    Undecodable,
}

impl ExtractionError {
    /// Returns the kind of this error.
    pub fn kind(&self) -> ExtractionErrorKind {
        match self.0 {
            Reason::MissingVerification(_) => ExtractionErrorKind::MissingVerification,
            Reason::NotClaimed(_) => ExtractionErrorKind::NotClaimed,
            Reason::Undecodable(_) => ExtractionErrorKind::Undecodable,
        }
    }

    /// Returns the HTTP status that answers it.
    pub fn status(&self) -> u16 {
        match &self.0 {
            Reason::MissingVerification(_) | Reason::NotClaimed(_) => 500,
            Reason::Undecodable(error) => error.rejection.status(),
        }
    }

    /// Returns the rejection, if the body could not be decoded.
    pub fn rejection(&self) -> Option<&Rejection> {
        match &self.0 {
            Reason::MissingVerification(_) | Reason::NotClaimed(_) => None,
            Reason::Undecodable(error) => Some(&error.rejection),
        }
    }

    /// Returns the answer: a problem document. An adapter converts it into a response. For a
    /// mistake of the service, its `detail` is the error message.
    pub fn answer(&self) -> Answer {
        match &self.0 {
            Reason::MissingVerification(_) => Answer::not_verified(&self.to_string()),
            Reason::NotClaimed(_) => Answer::not_claimed(&self.to_string()),
            Reason::Undecodable(error) => {
                error.is_answer.store(true, Relaxed);
                Answer::from(error.rejection.clone())
            }
        }
    }
}

/// For a body that cannot be decoded: to unit-test a handler that takes a `Result`.
///
/// ```
/// use countersign_core::{ExtractionError, ExtractionErrorKind, Rejection, RejectionKind};
///
/// let error = ExtractionError::from(Rejection::new(RejectionKind::Undecodable));
/// assert_eq!(error.kind(), ExtractionErrorKind::Undecodable);
/// ```
impl From<Rejection> for ExtractionError {
    fn from(rejection: Rejection) -> Self {
        Self(Reason::Undecodable(Arc::new(Undecodable { rejection, is_answer: AtomicBool::new(false) })))
    }
}

impl fmt::Display for ExtractionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reason::MissingVerification(title) => write!(
                f,
                "no delivery of {title} was verified before this handler: put `VerifyWebhook` for {title} around its \
                 route. A `VerifyWebhook` for another provider, or around another route, does not count"
            ),
            Reason::NotClaimed(title) => write!(
                f,
                "no layer claimed the delivery of {title} before this handler: add `with_dedupe` to the `VerifyWebhook` \
                 around its route. Without it, the broker stores a delivery again each time the provider repeats it"
            ),
            Reason::Undecodable(error) => error.rejection.fmt(f),
        }
    }
}

impl fmt::Debug for ExtractionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reason::MissingVerification(title) => f.debug_tuple("MissingVerification").field(title).finish(),
            Reason::NotClaimed(title) => f.debug_tuple("NotClaimed").field(title).finish(),
            Reason::Undecodable(error) => f.debug_tuple("Undecodable").field(&error.rejection).finish(),
        }
    }
}

impl std::error::Error for ExtractionError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.rejection().and_then(std::error::Error::source)
    }
}
