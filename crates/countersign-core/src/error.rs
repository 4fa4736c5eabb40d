//! Why a delivery was refused: opaque errors with a kind.

use std::fmt;

const PROBLEM: (&str, &str) = ("content-type", "application/problem+json");

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

/// Why a body could not be decoded as a provider's event.
///
/// It names what was expected and where, never what was found: bodies do not reach logs.
///
/// ```
/// use countersign_core::{Event, providers::ZeodynEvent};
///
/// let error = ZeodynEvent::decode(br#"{"event":"scan_complete","score":"high"}"#).unwrap_err();
/// assert_eq!(error.to_string(), "the body is not a delivery as documented: expected f64 at line 1 column 39");
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct DecodeError {
    kind: DecodeErrorKind,
    message: Box<str>,
}

/// What kind of failure a [`DecodeError`] is. More kinds may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The body is not UTF-8.
    NotUtf8,
    /// The body is not JSON.
    NotJson,
    /// The body is JSON, and has no `event`, a field twice, or a documented field of another type.
    NotAsDocumented,
}

impl DecodeError {
    /// What kind of failure this is.
    pub const fn kind(&self) -> DecodeErrorKind {
        self.kind
    }

    pub(crate) fn not_utf8() -> Self {
        Self { kind: DecodeErrorKind::NotUtf8, message: "the body is not UTF-8".into() }
    }
}

/// Keeps of serde's message what cannot come from the body: names of fields we know, what was expected, and where.
impl From<serde_json::Error> for DecodeError {
    fn from(error: serde_json::Error) -> Self {
        let place = format!("at line {} column {}", error.line(), error.column());
        if !error.is_data() {
            return Self { kind: DecodeErrorKind::NotJson, message: format!("the body is not JSON {place}").into() };
        }
        let text = error.to_string();
        let text = text.strip_suffix(&place).unwrap_or(&text).trim_end();
        let is_known = |starts: &[&str]| starts.iter().any(|start| text.starts_with(start));
        let what = if is_known(&["missing field `", "duplicate field `"]) {
            text
        } else if let (true, Some(position)) =
            (is_known(&["invalid type: ", "invalid value: "]), text.rfind(", expected "))
        {
            text.get(position..).unwrap_or_default().trim_start_matches(", ")
        } else {
            "unexpected value"
        };
        Self {
            kind: DecodeErrorKind::NotAsDocumented,
            message: format!("the body is not a delivery as documented: {what} {place}").into(),
        }
    }
}

/// Why there is no [`Secret`](crate::Secret): it would be empty, or its environment variable is unset or not Unicode.
///
/// ```
/// let error = countersign_core::Secret::new("").unwrap_err();
/// assert_eq!(error.to_string(), "a webhook secret must not be empty");
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct SecretError {
    kind: SecretErrorKind,
    message: Box<str>,
}

/// What kind of failure a [`SecretError`] is. More kinds may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SecretErrorKind {
    /// The secret would be empty.
    Empty,
    /// The environment variable is not set.
    Unset,
    /// The environment variable is not Unicode.
    NotUnicode,
}

impl SecretError {
    /// What kind of failure this is.
    ///
    /// ```
    /// use countersign_core::{Secret, SecretErrorKind};
    ///
    /// // A previous secret may be left out, and must not be empty.
    /// let previous = match Secret::from_env("COUNTERSIGN_DOC_PREVIOUS") {
    ///     Err(error) if error.kind() == SecretErrorKind::Unset => None,
    ///     secret => Some(secret?),
    /// };
    /// # assert!(previous.is_none());
    /// # Ok::<(), countersign_core::SecretError>(())
    /// ```
    pub const fn kind(&self) -> SecretErrorKind {
        self.kind
    }

    pub(crate) fn empty() -> Self {
        Self { kind: SecretErrorKind::Empty, message: "a webhook secret must not be empty".into() }
    }

    pub(crate) fn of_variable(kind: SecretErrorKind, name: &str) -> Self {
        let what = match kind {
            SecretErrorKind::Empty => "empty",
            SecretErrorKind::Unset => "not set",
            SecretErrorKind::NotUnicode => "not Unicode",
        };
        Self { kind, message: format!("the environment variable {name} is {what}").into() }
    }
}

/// Why a handler that asks for a webhook does not get one: what the adapters' extractors answer with.
///
/// More reasons may come.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExtractionError {
    /// No delivery of this provider was verified before the handler: a mistake in the service (500).
    #[error(
        "no delivery of {title} was verified before this handler: put `VerifyWebhook` for {title} around its route. \
         A `VerifyWebhook` for another provider, or around another route, does not count"
    )]
    #[non_exhaustive]
    MissingVerification {
        /// The provider's title.
        title: &'static str,
    },
    /// The delivery is genuine, and its body is not what the provider documents (422).
    #[error(transparent)]
    Undecodable(VerifyError),
}

impl ExtractionError {
    /// The HTTP status that says so.
    pub const fn status(&self) -> u16 {
        match self {
            Self::MissingVerification { .. } => 500,
            Self::Undecodable(error) => error.status(),
        }
    }

    /// The headers of the answer.
    pub const fn headers(&self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::MissingVerification { .. } => &[PROBLEM],
            Self::Undecodable(error) => error.headers(),
        }
    }

    /// The body of the answer, a problem document: for a missing verification, with the message as its `detail`.
    pub fn problem(&self) -> String {
        match self {
            Self::MissingVerification { .. } => serde_json::json!({
                "type": "about:blank", "title": "Internal Server Error", "status": 500, "detail": self.to_string(),
            })
            .to_string(),
            Self::Undecodable(error) => error.problem().to_owned(),
        }
    }
}
