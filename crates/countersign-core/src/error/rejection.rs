//! The error of a rejected delivery.

use std::{error::Error, fmt, sync::Arc};

use super::{BodyLengths, DecodeError, RejectionDetail};

/// The reason why a delivery was rejected: the error of verification.
///
/// [`kind`](Self::kind) and [`status`](Self::status) say what happened, and
/// [`detail`](Self::detail) says more for some kinds: lengths, shapes and addresses. A rejection
/// contains no secret, token, signature or body, so it can be logged.
///
/// Its `source` is the [`DecodeError`] of the body, or the error of your own look-up, confirmation
/// or store. `Display` and `Debug` do not show your own errors.
///
/// ```
/// use countersign_core::{RejectionKind, Verifier, providers::Zeodyn};
///
/// let forged = http::Request::post("/webhooks/zeodyn").body(()).unwrap();
/// let rejection = Verifier::<Zeodyn>::new("s3cr3t").verify(&forged, "{}").unwrap_err();
/// assert_eq!(rejection.kind(), RejectionKind::MissingSignature);
/// assert_eq!(rejection.status(), 401);
/// assert_eq!(rejection.to_string(), "the signature is missing");
/// ```
///
/// # Design
///
/// A rejection is opaque, so that kinds and details can be added without breaking your code. Its
/// message does not contain your own errors, because they may quote the request.
#[derive(Clone)]
pub struct Rejection {
    kind: RejectionKind,
    cause: Option<Cause>,
}

#[derive(Clone)]
pub(crate) enum Cause {
    Body(DecodeError),
    Theirs(Arc<dyn Error + Send + Sync>),
    Detail(RejectionDetail),
}

/// One row for each kind: its documentation, name, status, code and message.
macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $Kind:ident, $status:literal, $code:literal, $message:literal;)*) => {
        /// The kind of a [`Rejection`], with the HTTP status that answers it. More may be added.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum RejectionKind {
            $($(#[doc = $doc])+ #[doc = concat!("(", $status, ")")] $Kind,)*
        }

        impl RejectionKind {
            /// Returns a short constant code for logs and metrics, such as `signature_mismatch`.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$Kind => $code,)* }
            }

            /// Returns the HTTP status that answers it.
            pub const fn status(self) -> u16 {
                match self { $(Self::$Kind => $status,)* }
            }

            const fn message(self) -> &'static str {
                match self { $(Self::$Kind => $message,)* }
            }
        }
    };
}

kinds! {
    /// The method is not POST.
    MethodNotAllowed, 405, "method_not_allowed", "the method is not POST";
    /// The body is larger than the limit, as declared or as received.
    BodyTooLarge, 413, "body_too_large", "the body is larger than the limit";
    /// The signature is missing.
    MissingSignature, 401, "missing_signature", "the signature is missing";
    /// The signature does not match the scheme's format, or is repeated where it must not be.
    MalformedSignature, 401, "malformed_signature", "the signature is malformed or repeated";
    /// The signature is well formed, but does not match the body with any accepted secret.
    SignatureMismatch, 401, "signature_mismatch", "the signature does not match the body with any accepted secret";
    /// A value that the signature covers in addition to the body (an ID, a field or a parameter) is
    /// missing, empty, malformed or repeated.
    MissingField, 401, "missing_field", "a value that is signed is missing or repeated";
    /// The signed time of sending is missing.
    MissingTimestamp, 401, "missing_timestamp", "the signed time is missing";
    /// The signed time of sending is repeated, or is not in the scheme's format.
    MalformedTimestamp, 401, "malformed_timestamp", "the signed time is malformed or repeated";
    /// The signature matches, but the signed time is further from the clock than the tolerance
    /// allows: see [`with_time_tolerance`](crate::Verifier::with_time_tolerance).
    StaleTimestamp, 401, "stale_timestamp", "the signed time is further from the clock than the tolerance";
    /// The token is missing.
    MissingToken, 401, "missing_token", "the token is missing";
    /// The token is repeated, or is not written as it must be: in a URL, its parameter's name is
    /// percent-encoded.
    MalformedToken, 401, "malformed_token", "the token is malformed or repeated, or its name is escaped";
    /// The token does not match an accepted secret.
    TokenMismatch, 401, "token_mismatch", "the token does not match any accepted secret";
    /// The body has a content coding, such as `gzip`: it would have to be decoded before it is
    /// verified.
    UnsupportedEncoding, 415, "unsupported_encoding", "the body has a content coding, which would have to be undone before it is verified";
    /// The body did not arrive within the deadline.
    BodyTimeout, 408, "body_timeout", "the body did not arrive in time";
    /// The body ended early or is malformed.
    BodyIncomplete, 400, "body_incomplete", "the body ended early or is malformed";
    /// The peer, or the address that a trusted proxy forwards, is not an allowed source.
    SourceNotAllowed, 401, "source_not_allowed", "the delivery does not come from an allowed source";
    /// Allowed sources are set, but the server does not know the peer's address: see
    /// [`PeerAddr`](crate::PeerAddr).
    SourceUnknown, 401, "source_unknown", "allowed sources are set, but the peer's address is not known";
    /// The proof is weaker than [`with_minimum_trust`](crate::Verifier::with_minimum_trust)
    /// requires.
    InsufficientTrust, 401, "insufficient_trust", "the proof is weaker than the minimum trust";
    /// A [handshake](crate::provider::Handshake) cannot be answered: no verify token is set, or the
    /// value to answer with is not one that is answered. The [detail](Rejection::detail) says which.
    HandshakeRejected, 401, "handshake_rejected", "the handshake cannot be answered";
    /// The look-up found no secret for the delivery.
    SecretNotFound, 401, "secret_not_found", "no secret is known for the delivery";
    /// The secret was looked up by an ID that is not the event's.
    AmbiguousId, 401, "ambiguous_id", "the secret was looked up by an ID that is not the event's";
    /// The look-up failed or panicked.
    LookupFailed, 503, "lookup_failed", "the look-up of the secrets failed";
    /// The look-up took too long.
    LookupTimeout, 503, "lookup_timeout", "the look-up of the secrets timed out";
    /// The confirmation denied it: the event does not exist, or is different.
    NotConfirmed, 401, "not_confirmed", "the confirmation denied the delivery";
    /// The confirmation failed or panicked.
    ConfirmationFailed, 503, "confirmation_failed", "the confirmation failed";
    /// The confirmation took too long.
    ConfirmationTimeout, 503, "confirmation_timeout", "the confirmation timed out";
    /// The event is older than [`with_max_event_age`](crate::Verifier::with_max_event_age) accepts.
    EventTooOld, 401, "event_too_old", "the event is older than the maximum age";
    /// The event does not say when it occurred, and a maximum age is set.
    EventTimeMissing, 401, "event_time_missing", "the event has no timestamp, and a maximum age is set";
    /// The event's timestamp cannot be read, and a maximum age is set.
    EventTimeUnreadable, 401, "event_time_unreadable", "the event's timestamp cannot be read, and a maximum age is set";
    /// An equal delivery is in flight.
    InFlight, 409, "in_flight", "an equal delivery is in flight";
    /// The store could not say whether the delivery was handled before.
    StoreUnavailable, 503, "store_unavailable", "the store could not say whether the delivery was handled before";
    /// The inbox could not store the delivery.
    InboxUnavailable, 503, "inbox_unavailable", "the inbox could not store the delivery";
    /// The handler took too long and was stopped at its deadline.
    HandlerTimeout, 503, "handler_timeout", "the handler did not answer in time";
    /// The receiver is shutting down: the handler was stopped, or did not begin.
    ShuttingDown, 503, "shutting_down", "the receiver is shutting down";
    /// The delivery was verified, but its body is not an event.
    Undecodable, 422, "undecodable", "the delivery was verified, but its body could not be decoded";
}

impl Rejection {
    /// Creates a rejection, to unit-test a response to it.
    pub const fn new(kind: RejectionKind) -> Self {
        Self { kind, cause: None }
    }

    /// Returns the kind of this rejection.
    pub const fn kind(&self) -> RejectionKind {
        self.kind
    }

    /// Returns the HTTP status that answers it.
    pub const fn status(&self) -> u16 {
        self.kind.status()
    }

    /// Returns whether the delivery may be genuine and has to be retried (409, 503). Do not answer
    /// it with a 2xx: the provider would not retry.
    pub const fn is_retryable(&self) -> bool {
        matches!(self.status(), 409 | 503)
    }

    /// Creates the rejection for a failed look-up, confirmation or store.
    pub(crate) fn theirs(kind: RejectionKind, error: Box<dyn Error + Send + Sync>) -> Self {
        Self { kind, cause: Some(Cause::Theirs(error.into())) }
    }

    /// Returns what else is known, for some kinds: the shape of the method, the lengths of the body,
    /// the address that was judged, or the shape of the event's time.
    pub fn detail(&self) -> Option<&RejectionDetail> {
        match &self.cause {
            Some(Cause::Detail(detail)) => Some(detail),
            _ => None,
        }
    }

    /// Creates the rejection of a body by its lengths.
    pub(crate) fn of_lengths(kind: RejectionKind, lengths: BodyLengths) -> Self {
        kind.with(RejectionDetail::Lengths(lengths))
    }

    pub(crate) fn cause(&self) -> Option<&Cause> {
        self.cause.as_ref()
    }
}

impl RejectionKind {
    pub(crate) fn with(self, detail: RejectionDetail) -> Rejection {
        Rejection { kind: self, cause: Some(Cause::Detail(detail)) }
    }
}

impl From<RejectionKind> for Rejection {
    fn from(kind: RejectionKind) -> Self {
        Self::new(kind)
    }
}

/// The rejection of a verified body that is not an event, for a handler or an adapter that reads it.
impl From<DecodeError> for Rejection {
    fn from(error: DecodeError) -> Self {
        Self { kind: RejectionKind::Undecodable, cause: Some(Cause::Body(error)) }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.message())
    }
}

impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rejection = f.debug_struct("Rejection");
        rejection.field("kind", &self.kind);
        match &self.cause {
            Some(Cause::Body(body)) => rejection.field("source", body).finish(),
            Some(Cause::Theirs(_)) => rejection.finish_non_exhaustive(),
            Some(Cause::Detail(detail)) => rejection.field("detail", detail).finish(),
            None => rejection.finish(),
        }
    }
}

impl Error for Rejection {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self.cause.as_ref()? {
            Cause::Body(error) => Some(error),
            Cause::Theirs(error) => Some(&**error),
            Cause::Detail(_) => None,
        }
    }
}
