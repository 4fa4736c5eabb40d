//! Why a delivery was refused, and how that is answered.

use std::fmt;

use super::DecodeError;

/// The answers' content type.
pub(super) const PROBLEM: (&str, &str) = ("content-type", "application/problem+json");

/// Why a delivery was not accepted.
///
/// Opaque: ask for its [`kind`](Self::kind), or for what an adapter answers. It holds nothing of the request: no
/// secret, no token, no signature, no body, so that it can be logged as it is.
///
/// ```
/// use countersign_core::{VerifyError, VerifyErrorKind};
///
/// let error = VerifyError::from(VerifyErrorKind::SignatureMismatch);
/// assert_eq!(error.kind(), VerifyErrorKind::SignatureMismatch);
/// assert_eq!(error.status(), 401);
/// assert_eq!(error.to_string(), "the signature does not match the body under any accepted secret");
/// ```
#[derive(Clone, Debug)]
pub struct VerifyError {
    kind: VerifyErrorKind,
    source: Option<DecodeError>,
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
            | VerifyErrorKind::TokenMismatch => 401,
            VerifyErrorKind::MethodNotAllowed => 405,
            VerifyErrorKind::BodyTimeout => 408,
            VerifyErrorKind::BodyTooLarge => 413,
            VerifyErrorKind::UnsupportedEncoding => 415,
            VerifyErrorKind::Undecodable => 422,
        }
    }

    /// The headers of the answer: its content type, and what its status asks for.
    pub const fn headers(&self) -> &'static [(&'static str, &'static str)] {
        match self.kind {
            VerifyErrorKind::MethodNotAllowed => &[PROBLEM, ("allow", "POST")],
            VerifyErrorKind::UnsupportedEncoding => &[PROBLEM, ("accept-encoding", "identity")],
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
            413 => {
                r#"{"type":"about:blank","title":"Content Too Large","status":413,"detail":"The request body is larger than this endpoint accepts."}"#
            }
            415 => {
                r#"{"type":"about:blank","title":"Unsupported Media Type","status":415,"detail":"The request body must be sent without a content coding."}"#
            }
            422 => {
                r#"{"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"The delivery was verified, but its body could not be decoded."}"#
            }
            _ => {
                r#"{"type":"about:blank","title":"Unauthorized","status":401,"detail":"The delivery could not be verified."}"#
            }
        }
    }

    /// Emits the one `tracing` event of this refusal: the provider's name and the reason's code, never a value of the
    /// request. The adapters call it; call it too where you use the [`Verifier`](crate::Verifier) by itself.
    pub fn trace(&self, provider: &'static str) {
        match &self.source {
            Some(source) => tracing::warn!(
                target: "countersign", provider, reason = self.kind.code(), status = self.status(), detail = %source,
                "genuine webhook delivery could not be decoded"
            ),
            None => tracing::warn!(
                target: "countersign", provider, reason = self.kind.code(), status = self.status(),
                "webhook delivery refused"
            ),
        }
    }
}

impl From<VerifyErrorKind> for VerifyError {
    fn from(kind: VerifyErrorKind) -> Self {
        Self { kind, source: None }
    }
}

impl From<DecodeError> for VerifyError {
    fn from(source: DecodeError) -> Self {
        Self { kind: VerifyErrorKind::Undecodable, source: Some(source) }
    }
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.message())
    }
}

impl std::error::Error for VerifyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}
