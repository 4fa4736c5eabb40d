//! Why a delivery was refused, and how that is answered.

use std::{error::Error, fmt, sync::Arc};

use super::DecodeError;

/// A provider that reads it should wait this long, in seconds; the ones known so far wait as long as they like.
const RETRY_AFTER: (&str, &str) = ("retry-after", "5");

/// The answers' content type.
pub(super) const PROBLEM: (&str, &str) = ("content-type", "application/problem+json");

/// Why a delivery was not accepted.
///
/// Opaque: ask for its [`kind`](Self::kind), or for what an adapter answers. It holds nothing of the request: no
/// secret, no token, no signature, no body, so that it can be logged as it is. Its `source` is why a body could not be
/// decoded, or the error of your own look-up or confirmation, which neither `Display` nor `Debug` shows.
///
/// ```
/// use countersign_core::{VerifyError, VerifyErrorKind};
///
/// let error = VerifyError::from(VerifyErrorKind::SignatureMismatch);
/// assert_eq!(error.kind(), VerifyErrorKind::SignatureMismatch);
/// assert_eq!(error.status(), 401);
/// assert_eq!(error.to_string(), "the signature does not match the body under any accepted secret");
/// ```
#[derive(Clone)]
pub struct VerifyError {
    kind: VerifyErrorKind,
    cause: Option<Cause>,
}

#[derive(Clone)]
enum Cause {
    Body(DecodeError),
    Theirs(Arc<dyn Error + Send + Sync>),
}

/// What kind of refusal a [`VerifyError`] is. More kinds may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VerifyErrorKind {
    /// The method is not POST (405).
    MethodNotAllowed,
    /// The body is larger than the limit, as declared or as received (413).
    BodyTooLarge,
    /// The signature header is not there (401).
    MissingSignature,
    /// The signature header is there more than once, or is not exactly what the scheme asks for (401).
    MalformedSignature,
    /// The signature is well formed, and not that of this body under any accepted secret (401).
    SignatureMismatch,
    /// The URL has no token (401).
    MissingToken,
    /// The URL has the token more than once, or under an escaped spelling of its name (401).
    MalformedToken,
    /// The URL's token is none of the accepted ones (401).
    TokenMismatch,
    /// The body has a content coding, which would have to be undone before anything is verified (415).
    UnsupportedEncoding,
    /// The body did not arrive within the deadline (408).
    BodyTimeout,
    /// The body ended early or is malformed (400).
    BodyIncomplete,
    /// The peer, or whom a trusted proxy speaks for, is not an allowed source (401).
    SourceNotAllowed,
    /// Sources are to be checked, and the server does not say who the peer is (401): see [`PeerAddr`](crate::PeerAddr).
    SourceUnknown,
    /// The proof is weaker than what [`with_minimum_trust`](crate::Verifier::with_minimum_trust) demands (401).
    InsufficientTrust,
    /// The look-up knows no secret for the delivery (401).
    SecretNotFound,
    /// The look-up went by an id that is not the event's (401).
    AmbiguousId,
    /// The look-up failed or panicked (503).
    LookupFailed,
    /// The look-up took too long (503).
    LookupTimeout,
    /// The confirmation said no: there is no such thing, or it is different (401).
    NotConfirmed,
    /// The confirmation could not be had: it failed or panicked (503).
    ConfirmationFailed,
    /// The confirmation took too long (503).
    ConfirmationTimeout,
    /// The verifier has to wait for a look-up or a confirmation, and was not given the time (503): see
    /// [`finish_async`](crate::Verification::finish_async).
    NotAwaited,
    /// The event is older than [`with_max_event_age`](crate::Verifier::with_max_event_age) accepts, or does not say when
    /// it was (401).
    EventTooOld,
    /// The delivery is being handled already (409).
    InFlight,
    /// Whether the delivery was handled before cannot be known at the moment (503).
    StoreUnavailable,
    /// The handler took too long and was stopped (503).
    HandlerTimeout,
    /// The delivery is genuine, and its body is not what the provider documents (422).
    Undecodable,
}

impl VerifyErrorKind {
    /// A short constant code for logs and metrics, such as `signature_mismatch`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::MethodNotAllowed => "method_not_allowed",
            Self::BodyTooLarge => "body_too_large",
            Self::MissingSignature => "missing_signature",
            Self::MalformedSignature => "malformed_signature",
            Self::SignatureMismatch => "signature_mismatch",
            Self::MissingToken => "missing_token",
            Self::MalformedToken => "malformed_token",
            Self::TokenMismatch => "token_mismatch",
            Self::UnsupportedEncoding => "unsupported_encoding",
            Self::BodyTimeout => "body_timeout",
            Self::BodyIncomplete => "body_incomplete",
            Self::SourceNotAllowed => "source_not_allowed",
            Self::SourceUnknown => "source_unknown",
            Self::InsufficientTrust => "insufficient_trust",
            Self::SecretNotFound => "secret_not_found",
            Self::AmbiguousId => "ambiguous_id",
            Self::LookupFailed => "lookup_failed",
            Self::LookupTimeout => "lookup_timeout",
            Self::NotConfirmed => "not_confirmed",
            Self::ConfirmationFailed => "confirmation_failed",
            Self::ConfirmationTimeout => "confirmation_timeout",
            Self::NotAwaited => "not_awaited",
            Self::EventTooOld => "event_too_old",
            Self::InFlight => "in_flight",
            Self::StoreUnavailable => "store_unavailable",
            Self::HandlerTimeout => "handler_timeout",
            Self::Undecodable => "undecodable",
        }
    }

    const fn message(self) -> &'static str {
        match self {
            Self::MethodNotAllowed => "the method is not POST",
            Self::BodyTooLarge => "the body is larger than the limit",
            Self::MissingSignature => "the signature header is missing",
            Self::MalformedSignature => "the signature header is malformed or repeated",
            Self::SignatureMismatch => "the signature does not match the body under any accepted secret",
            Self::MissingToken => "the URL has no token",
            Self::MalformedToken => "the URL's token is repeated or its name is escaped",
            Self::TokenMismatch => "the URL's token is not an accepted one",
            Self::UnsupportedEncoding => "the body has a content coding other than identity",
            Self::BodyTimeout => "the body did not arrive in time",
            Self::BodyIncomplete => "the body ended early or is malformed",
            Self::SourceNotAllowed => "the delivery does not come from an allowed source",
            Self::SourceUnknown => "allowed sources are set, and the peer's address is not known",
            Self::InsufficientTrust => "the proof is weaker than what is demanded",
            Self::SecretNotFound => "no secret is known for the delivery",
            Self::AmbiguousId => "the secret was looked up by an id that is not the event's",
            Self::LookupFailed => "the secrets could not be looked up",
            Self::LookupTimeout => "the secrets were not looked up in time",
            Self::NotConfirmed => "the delivery was not confirmed",
            Self::ConfirmationFailed => "the delivery could not be confirmed or denied",
            Self::ConfirmationTimeout => "the delivery was not confirmed or denied in time",
            Self::NotAwaited => "a look-up or a confirmation has to be waited for: verify asynchronously",
            Self::EventTooOld => "the event is older than is accepted, or does not say when it was",
            Self::InFlight => "the delivery is being handled already",
            Self::StoreUnavailable => "the store could not say whether the delivery was handled before",
            Self::HandlerTimeout => "the handler did not answer in time",
            Self::Undecodable => "the delivery is genuine, but its body could not be decoded",
        }
    }
}

impl VerifyError {
    /// What kind of refusal this is.
    pub const fn kind(&self) -> VerifyErrorKind {
        self.kind
    }

    /// The HTTP status that says so.
    pub const fn status(&self) -> u16 {
        match self.kind {
            VerifyErrorKind::BodyIncomplete => 400,
            VerifyErrorKind::MissingSignature
            | VerifyErrorKind::MalformedSignature
            | VerifyErrorKind::SignatureMismatch
            | VerifyErrorKind::MissingToken
            | VerifyErrorKind::MalformedToken
            | VerifyErrorKind::TokenMismatch
            | VerifyErrorKind::SourceNotAllowed
            | VerifyErrorKind::SourceUnknown
            | VerifyErrorKind::InsufficientTrust
            | VerifyErrorKind::SecretNotFound
            | VerifyErrorKind::AmbiguousId
            | VerifyErrorKind::NotConfirmed
            | VerifyErrorKind::EventTooOld => 401,
            VerifyErrorKind::MethodNotAllowed => 405,
            VerifyErrorKind::BodyTimeout => 408,
            VerifyErrorKind::InFlight => 409,
            VerifyErrorKind::BodyTooLarge => 413,
            VerifyErrorKind::UnsupportedEncoding => 415,
            VerifyErrorKind::Undecodable => 422,
            VerifyErrorKind::LookupFailed
            | VerifyErrorKind::LookupTimeout
            | VerifyErrorKind::ConfirmationFailed
            | VerifyErrorKind::ConfirmationTimeout
            | VerifyErrorKind::NotAwaited
            | VerifyErrorKind::StoreUnavailable
            | VerifyErrorKind::HandlerTimeout => 503,
        }
    }

    /// Whether the delivery may be genuine and has to come again (409, 503): such an answer must not be a success.
    pub const fn asks_for_another_attempt(&self) -> bool {
        matches!(self.status(), 409 | 503)
    }

    /// The headers of the answer: its content type, and what its status asks for.
    pub const fn headers(&self) -> &'static [(&'static str, &'static str)] {
        match self.status() {
            405 => &[PROBLEM, ("allow", "POST")],
            415 => &[PROBLEM, ("accept-encoding", "identity")],
            409 | 503 => &[PROBLEM, RETRY_AFTER],
            _ => &[PROBLEM],
        }
    }

    /// The body of the answer: a constant [problem document](https://www.rfc-editor.org/rfc/rfc9457) for each status.
    ///
    /// It says no more than the status does: all 401s are the same bytes, so that a forger learns nothing.
    pub const fn problem(&self) -> &'static str {
        match self.status() {
            400 => {
                r#"{"type":"about:blank","title":"Bad Request","status":400,"detail":"The request body ended early or is malformed."}"#
            }
            405 => {
                r#"{"type":"about:blank","title":"Method Not Allowed","status":405,"detail":"Webhooks are delivered with POST."}"#
            }
            408 => {
                r#"{"type":"about:blank","title":"Request Timeout","status":408,"detail":"The request body did not arrive in time."}"#
            }
            409 => {
                r#"{"type":"about:blank","title":"Conflict","status":409,"detail":"The delivery is being handled. Please send it again later."}"#
            }
            413 => {
                r#"{"type":"about:blank","title":"Content Too Large","status":413,"detail":"The request body is larger than this endpoint accepts."}"#
            }
            415 => {
                r#"{"type":"about:blank","title":"Unsupported Media Type","status":415,"detail":"The request body must be sent without a content coding."}"#
            }
            422 => {
                r#"{"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"The delivery was verified, but its body could not be decoded."}"#
            }
            503 => {
                r#"{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"The delivery could not be accepted at the moment. Please send it again."}"#
            }
            _ => {
                r#"{"type":"about:blank","title":"Unauthorized","status":401,"detail":"The delivery could not be verified."}"#
            }
        }
    }

    /// Emits the one `tracing` event of this refusal: the provider's name and the reason's code, never a value of the
    /// request. The adapters call it; call it too where you use the [`Verifier`](crate::Verifier) by itself.
    pub fn trace(&self, provider: &'static str) {
        match &self.cause {
            Some(Cause::Body(error)) => tracing::warn!(
                target: "countersign", provider, reason = self.kind.code(), status = self.status(), detail = %error,
                "genuine webhook delivery could not be decoded"
            ),
            // A store is given a digest, a token and a time: it cannot quote the request.
            Some(Cause::Theirs(error)) if self.kind == VerifyErrorKind::StoreUnavailable => tracing::warn!(
                target: "countersign", provider, reason = self.kind.code(), status = self.status(), detail = %error,
                "webhook delivery refused"
            ),
            // Whatever a look-up or a confirmation says of its failure may quote the request.
            Some(Cause::Theirs(_)) | None => tracing::warn!(
                target: "countersign", provider, reason = self.kind.code(), status = self.status(),
                "webhook delivery refused"
            ),
        }
        if self.kind == VerifyErrorKind::InsufficientTrust {
            tracing::debug!(
                target: "countersign", provider,
                "every delivery of this provider is refused here: it needs a confirmation to be trusted as is demanded"
            );
        }
        if self.kind == VerifyErrorKind::SourceUnknown {
            tracing::debug!(
                target: "countersign", provider,
                "the server does not say who the peer is: serve an axum app with \
                 `into_make_service_with_connect_info::<SocketAddr>()`; elsewhere, put a `countersign::PeerAddr` into the \
                 request's extensions where connections are accepted"
            );
        }
    }

    /// Of a look-up or a confirmation that failed.
    pub(crate) fn theirs(kind: VerifyErrorKind, error: Box<dyn Error + Send + Sync>) -> Self {
        Self { kind, cause: Some(Cause::Theirs(error.into())) }
    }
}

impl From<VerifyErrorKind> for VerifyError {
    fn from(kind: VerifyErrorKind) -> Self {
        Self { kind, cause: None }
    }
}

impl From<DecodeError> for VerifyError {
    fn from(source: DecodeError) -> Self {
        Self { kind: VerifyErrorKind::Undecodable, cause: Some(Cause::Body(source)) }
    }
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.message())
    }
}

impl fmt::Debug for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut error = f.debug_struct("VerifyError");
        error.field("kind", &self.kind);
        match &self.cause {
            Some(Cause::Body(body)) => error.field("source", body).finish(),
            Some(Cause::Theirs(_)) => error.finish_non_exhaustive(),
            None => error.finish(),
        }
    }
}

impl Error for VerifyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self.cause.as_ref()? {
            Cause::Body(error) => Some(error),
            Cause::Theirs(error) => Some(&**error),
        }
    }
}
