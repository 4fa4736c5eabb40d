//! Errors of a request to the API.

/// The error of a request to the API, after which a delivery was neither confirmed nor denied.
///
/// The delivery is answered with 503, so that the provider retries it. The error contains no data
/// of the request, and only the status of the answer. Outer layers find it as the
/// [source](std::error::Error::source) of the `Rejection`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .kind.message())]
pub struct ApiError {
    kind: ApiErrorKind,
    status: Option<u16>,
}

/// The kind of an [`ApiError`]. More kinds may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ApiErrorKind {
    /// The connection or TLS failed, or the connection was closed before the answer was complete.
    Unreachable,
    /// The answer was not complete in time, or too many other requests were in flight.
    Timeout,
    /// The API rejected the key (401, 403).
    KeyRejected,
    /// The API limits the rate of requests (429).
    RateLimited,
    /// The API answered with a redirect (3xx). It was not followed, because the key is only for
    /// this host.
    Redirected,
    /// The API answered with another status that neither confirms nor denies.
    Status,
    /// The answer is larger than 64 KiB.
    TooLarge,
    /// The answer is not the JSON that [`ScreenshotRunApi`](crate::ScreenshotRunApi) assumes.
    Unexpected,
}

impl ApiError {
    /// Returns the kind of the error.
    pub const fn kind(&self) -> ApiErrorKind {
        self.kind
    }

    /// Returns the status of the answer, if there was an answer.
    pub const fn status(&self) -> Option<u16> {
        self.status
    }

    pub(crate) const fn answered(kind: ApiErrorKind, status: u16) -> Self {
        Self { kind, status: Some(status) }
    }

    /// Logs the error for the operator: otherwise a wrong key would look like any other rejection.
    pub(crate) fn trace(&self, provider: &'static str) {
        tracing::warn!(
            target: "countersign", provider, reason = self.kind.code(), api_status = self.status,
            "could not confirm or deny a delivery: {self}"
        );
    }
}

impl From<ApiErrorKind> for ApiError {
    fn from(kind: ApiErrorKind) -> Self {
        Self { kind, status: None }
    }
}

impl ApiErrorKind {
    /// Returns a short constant code for logs and metrics, such as `api_rate_limited`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unreachable => "api_unreachable",
            Self::Timeout => "api_timeout",
            Self::KeyRejected => "api_key_rejected",
            Self::RateLimited => "api_rate_limited",
            Self::Redirected => "api_redirected",
            Self::Status => "api_status",
            Self::TooLarge => "api_answer_too_large",
            Self::Unexpected => "api_answer_unexpected",
        }
    }

    const fn message(self) -> &'static str {
        match self {
            Self::Unreachable => "the provider's API could not be reached",
            Self::Timeout => "the provider's API did not answer in time",
            Self::KeyRejected => "the provider's API rejected the key: check the API key",
            Self::RateLimited => "the provider's API limits the rate of requests",
            Self::Redirected => {
                "the provider's API answered with a redirect, which is not followed: check the base URL"
            }
            Self::Status => "the provider's API answered with an unexpected status",
            Self::TooLarge => "the answer of the provider's API is larger than 64 KiB",
            Self::Unexpected => "the answer of the provider's API is not the expected JSON",
        }
    }
}
