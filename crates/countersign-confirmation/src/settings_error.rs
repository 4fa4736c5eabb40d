//! Errors of the settings.

/// An error of [`ScreenshotRunApiBuilder::build`](crate::ScreenshotRunApiBuilder::build): a setting
/// is invalid, or TLS cannot be set up.
///
/// ```
/// let error = countersign_confirmation::ScreenshotRunApi::new("").unwrap_err();
/// assert_eq!(error.to_string(), "the API key is empty or has characters other than printable ASCII");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .kind.message())]
pub struct ApiSettingsError {
    pub(crate) kind: ApiSettingsErrorKind,
}

/// The kind of an [`ApiSettingsError`]. More kinds may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ApiSettingsErrorKind {
    /// The API key is empty, or has characters other than printable ASCII.
    Key,
    /// The base URL is not an `https` URL with a host, or has credentials, a query or a fragment.
    BaseUrl,
    /// The root certificates are not valid PEM, or there are none.
    RootCertificates,
    /// The time limit of a request is 0.
    Timeout,
    /// TLS cannot be set up, usually because the system has no root certificates.
    Tls,
}

impl ApiSettingsError {
    /// Returns the kind of the error.
    pub const fn kind(&self) -> ApiSettingsErrorKind {
        self.kind
    }
}

impl From<ApiSettingsErrorKind> for ApiSettingsError {
    fn from(kind: ApiSettingsErrorKind) -> Self {
        Self { kind }
    }
}

impl ApiSettingsErrorKind {
    const fn message(self) -> &'static str {
        match self {
            Self::Key => "the API key is empty or has characters other than printable ASCII",
            Self::BaseUrl => {
                "the API's base URL must be an https URL with only a host and a path, such as https://screenshotrun.com"
            }
            Self::RootCertificates => "the root certificates are not valid PEM, or there are none",
            Self::Timeout => "the time limit of a request must not be 0",
            Self::Tls => "TLS cannot be set up: check that this system has root certificates",
        }
    }
}
