//! The settings of the client.

use std::{fmt, sync::Arc, time::Duration};

use countersign_core::providers::{Capture, ScreenshotRunEvent};
use reqwest::{Certificate, Client, Url, header::HeaderValue, redirect};
use tokio::sync::Semaphore;

use crate::{
    api::Api,
    comparison::{Comparison, agrees},
    screenshotrun::ScreenshotRunApi,
    settings_error::{ApiSettingsError, ApiSettingsErrorKind},
};

/// The settings of a [`ScreenshotRunApi`], created by [`ScreenshotRunApi::builder`].
#[must_use = "it does nothing before `build`"]
pub struct ScreenshotRunApiBuilder {
    key: String,
    base: String,
    root_certificates: Option<Vec<u8>>,
    timeout: Duration,
    concurrency: usize,
    comparison: Arc<Comparison>,
}

impl ScreenshotRunApi {
    /// Creates a client that sends this API key, with default settings.
    ///
    /// # Errors
    ///
    /// Returns an error if the key is empty or cannot be part of a header, or if TLS cannot be set
    /// up, such as on a system without root certificates.
    pub fn new(api_key: impl Into<String>) -> Result<Self, ApiSettingsError> {
        Self::builder(api_key).build()
    }

    /// Creates the settings of a client that sends this API key.
    pub fn builder(api_key: impl Into<String>) -> ScreenshotRunApiBuilder {
        ScreenshotRunApiBuilder {
            key: api_key.into(),
            base: "https://screenshotrun.com".to_owned(),
            root_certificates: None,
            timeout: Duration::from_secs(4),
            concurrency: 16,
            comparison: Arc::new(agrees),
        }
    }
}

impl ScreenshotRunApiBuilder {
    /// Sets the base URL of the API (default: `https://screenshotrun.com`). It must be an `https`
    /// URL. It may have a path, which precedes `/api/v1`; credentials, a query and a fragment are
    /// not allowed.
    pub fn with_base_url(mut self, url: impl Into<String>) -> Self {
        self.base = url.into();
        self
    }

    /// Trusts only these root certificates, one or more in PEM (default: those of the system).
    pub fn with_root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates = Some(pem.into());
        self
    }

    /// Sets the time limit of a whole request (default: 4 s). Connecting may take up to 2 s of it.
    /// Keep the limit below that of `with_confirmation_timeout` (default: 5 s).
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the maximum number of requests in flight (default: 16, at least 1). Further requests
    /// wait, within their time limit.
    pub fn with_concurrency(mut self, requests: usize) -> Self {
        self.concurrency = requests;
        self
    }

    /// Sets the function that decides whether the delivery's event and the API's answer agree
    /// (default: [`ScreenshotRunApi::agrees`]).
    ///
    /// The event's **name** is always that of the delivery. Compare it with the `status` of the
    /// screenshot, as [`ScreenshotRunApi::agrees`] does. Otherwise an attacker who has the token
    /// can choose the name.
    ///
    /// ```
    /// use countersign_confirmation::ScreenshotRunApi;
    ///
    /// let api = ScreenshotRunApi::builder("k3y")
    ///     // Our account makes no PDFs.
    ///     .with_comparison(|event, screenshot| {
    ///         ScreenshotRunApi::agrees(event, screenshot) && screenshot.mime_type.as_deref() != Some("application/pdf")
    ///     })
    ///     .build()?;
    /// # Ok::<(), countersign_confirmation::ApiSettingsError>(())
    /// ```
    pub fn with_comparison(
        mut self,
        comparison: impl Fn(&ScreenshotRunEvent, &Capture) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.comparison = Arc::new(comparison);
        self
    }

    /// Creates the client.
    ///
    /// # Errors
    ///
    /// Returns an error if the key, the base URL or the root certificates are invalid, if the time
    /// limit is 0, or if TLS cannot be set up.
    pub fn build(self) -> Result<ScreenshotRunApi, ApiSettingsError> {
        let api = Api {
            client: self.client()?,
            base: base(&self.base).ok_or(ApiSettingsErrorKind::BaseUrl)?,
            key: bearer(&self.key).ok_or(ApiSettingsErrorKind::Key)?,
            permits: Arc::new(Semaphore::new(self.concurrency.clamp(1, Semaphore::MAX_PERMITS))),
            timeout: Some(self.timeout).filter(|timeout| !timeout.is_zero()).ok_or(ApiSettingsErrorKind::Timeout)?,
        };
        Ok(ScreenshotRunApi { api, comparison: self.comparison })
    }

    fn client(&self) -> Result<Client, ApiSettingsErrorKind> {
        let mut client = Client::builder()
            .https_only(true)
            .redirect(redirect::Policy::none())
            .referer(false)
            .connect_timeout(Duration::from_secs(2)) // TLS included
            // A connection lives on the runtime that opened it, which in actix-web is one worker: a request of another
            // worker would wait for that worker's handlers.
            .pool_max_idle_per_host(0)
            // Whichever features of reqwest the application enables.
            .tls_backend_rustls()
            .http1_only()
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .no_hickory_dns()
            .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")));
        if let Some(pem) = &self.root_certificates {
            let roots = Certificate::from_pem_bundle(pem).ok().filter(|roots| !roots.is_empty());
            client = client.tls_certs_only(roots.ok_or(ApiSettingsErrorKind::RootCertificates)?);
        }
        client.build().map_err(|_| match self.root_certificates {
            Some(_) => ApiSettingsErrorKind::RootCertificates,
            None => ApiSettingsErrorKind::Tls,
        })
    }
}

/// Returns the URL if it has only scheme, host, port and path.
fn base(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_plain = url.scheme() == "https"
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    is_plain.then_some(url)
}

fn bearer(key: &str) -> Option<HeaderValue> {
    let is_token = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic());
    let mut value = HeaderValue::try_from(format!("Bearer {key}")).ok().filter(|_| is_token)?;
    value.set_sensitive(true);
    Some(value)
}

impl fmt::Debug for ScreenshotRunApiBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScreenshotRunApiBuilder")
            .field("timeout", &self.timeout)
            .field("concurrency", &self.concurrency)
            .finish_non_exhaustive()
    }
}
