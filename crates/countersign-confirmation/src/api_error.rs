//! Why a delivery was neither confirmed nor denied.

/// Why the API neither confirmed nor denied a delivery, so that it is answered with 503 and comes again.
///
/// It holds nothing of the request, and of the answer no more than its status. Outer layers find it as the
/// [source](std::error::Error::source) of the `VerifyError`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .kind.message())]
pub struct ApiError {
    kind: ApiErrorKind,
    status: Option<u16>,
}

/// What kind of failure an [`ApiError`] is. More kinds may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ApiErrorKind {
    /// No connection, no TLS, or one that broke.
    Unreachable,
    /// The answer was not there in time, or nobody had time to ask: too many questions were under way.
    Timeout,
    /// The API does not take the key (401, 403).
    KeyRefused,
    /// The API has been asked too often (429).
    RateLimited,
    /// The API wants to be asked elsewhere (3xx), which is not followed: the key is for this host alone.
    Redirected,
    /// The API answered with another status that says nothing of the screenshot.
    Status,
    /// The answer is larger than 64 KiB.
    TooLarge,
    /// The answer is not the JSON that is assumed: see [`ScreenshotRunApi`](crate::ScreenshotRunApi).
    Unexpected,
}

impl ApiError {
    /// What kind of failure this is.
    pub const fn kind(&self) -> ApiErrorKind {
        self.kind
    }

    /// The answer's status, if there was an answer.
    pub const fn status(&self) -> Option<u16> {
        self.status
    }

    pub(crate) const fn answered(kind: ApiErrorKind, status: u16) -> Self {
        Self { kind, status: Some(status) }
    }

    /// Tells whoever runs the service: a wrong key would otherwise look like any other refusal.
    pub(crate) fn trace(&self, provider: &'static str) {
        tracing::warn!(
            target: "countersign", provider, reason = self.kind.code(), api_status = self.status,
            "a delivery could be neither confirmed nor denied: {self}"
        );
    }
}

impl From<ApiErrorKind> for ApiError {
    fn from(kind: ApiErrorKind) -> Self {
        Self { kind, status: None }
    }
}

impl ApiErrorKind {
    /// A short constant code for logs and metrics, such as `rate_limited`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unreachable => "api_unreachable",
            Self::Timeout => "api_timeout",
            Self::KeyRefused => "api_key_refused",
            Self::RateLimited => "api_rate_limited",
            Self::Redirected => "api_redirected",
            Self::Status => "api_status",
            Self::TooLarge => "api_answer_too_large",
            Self::Unexpected => "api_answer_unexpected",
        }
    }

    const fn message(self) -> &'static str {
        match self {
            Self::Unreachable => "the provider's API cannot be reached",
            Self::Timeout => "the provider's API did not answer in time",
            Self::KeyRefused => "the provider's API does not take the key",
            Self::RateLimited => "the provider's API has been asked too often",
            Self::Redirected => "the provider's API wants to be asked elsewhere, which is not followed",
            Self::Status => "the provider's API answered with a status that says nothing of the delivery",
            Self::TooLarge => "the answer of the provider's API is too large",
            Self::Unexpected => "the answer of the provider's API is not as assumed",
        }
    }
}
