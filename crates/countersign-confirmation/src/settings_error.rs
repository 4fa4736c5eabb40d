//! Why there is no client.

/// Why there is no client: a setting is wrong, or TLS cannot be set up.
///
/// ```
/// let error = countersign_confirmation::ScreenshotRunApi::new("").unwrap_err();
/// assert_eq!(error.to_string(), "the API key is empty, or has characters that an HTTP header cannot carry");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .kind.message())]
pub struct ApiSettingsError {
    pub(crate) kind: ApiSettingsErrorKind,
}

/// What kind of failure an [`ApiSettingsError`] is. More kinds may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ApiSettingsErrorKind {
    /// The API key is empty or not printable ASCII.
    Key,
    /// The base URL is not an `https` URL with a host, or has credentials, a query or a fragment.
    BaseUrl,
    /// The root certificates are not certificates in PEM, or there is none.
    RootCertificates,
    /// TLS could not be set up: as a rule, the system has no root certificates.
    Tls,
}

impl ApiSettingsError {
    /// What kind of failure this is.
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
            Self::Key => "the API key is empty, or has characters that an HTTP header cannot carry",
            Self::BaseUrl => {
                "the API's base URL is not an https URL of a host and a path alone, such as https://screenshotrun.com"
            }
            Self::RootCertificates => "the root certificates are not certificates in PEM, or there is none",
            Self::Tls => "TLS cannot be set up: does this system have root certificates?",
        }
    }
}
