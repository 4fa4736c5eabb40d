//! The settings of the client.

use std::{fmt, sync::Arc, time::Duration};

use countersign_core::providers::{Capture, ScreenshotRunEvent};
use reqwest::{Certificate, Client, Url, header::HeaderValue, redirect};
use tokio::sync::Semaphore;

use crate::{
    api::Api,
    screenshotrun::{Comparison, ScreenshotRunApi, agrees},
    settings_error::{ApiSettingsError, ApiSettingsErrorKind},
};

/// A connection has to be there within this time, of all that a question may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// The settings of a [`ScreenshotRunApi`], from [`ScreenshotRunApi::builder`].
#[must_use = "it does nothing before `build`"]
pub struct ScreenshotRunApiBuilder {
    key: String,
    base: String,
    root_certificates: Option<Vec<u8>>,
    timeout: Duration,
    concurrency: usize,
    comparison: Arc<Comparison>,
}

impl ScreenshotRunApiBuilder {
    pub(crate) fn new(key: String) -> Self {
        Self {
            key,
            base: "https://screenshotrun.com".to_owned(),
            root_certificates: None,
            timeout: Duration::from_secs(4),
            concurrency: 16,
            comparison: Arc::new(agrees),
        }
    }

    /// Asks at this URL instead of `https://screenshotrun.com`. It has to be `https`; a path before `/api/v1` may be part
    /// of it, credentials and a query may not.
    pub fn with_base_url(mut self, url: impl Into<String>) -> Self {
        self.base = url.into();
        self
    }

    /// Trusts these root certificates, one or more in PEM, and not those of the system.
    pub fn with_root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates = Some(pem.into());
        self
    }

    /// Waits up to `timeout` for an answer as a whole, 4 s unless set, of which up to 2 s for a connection. Keep it under
    /// what `with_confirmation_timeout` says, which is 5 s unless set.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Has up to `questions` under way at once, 16 unless set and at least one. Others wait for their turn, within their
    /// time.
    pub fn with_concurrency(mut self, questions: usize) -> Self {
        self.concurrency = questions;
        self
    }

    /// Decides with `comparison` whether a delivery's event and what the API says of its screenshot agree, instead of
    /// with [`agrees`]. The event's **name** is the delivery's and stays so: hold it against the screenshot's `status`, as
    /// [`agrees`] does, or whoever has the token chooses it.
    ///
    /// ```
    /// use countersign_confirmation::{ScreenshotRunApi, agrees};
    ///
    /// let api = ScreenshotRunApi::builder("k3y")
    ///     // PDFs are none of ours.
    ///     .with_comparison(|event, screenshot| {
    ///         agrees(event, screenshot) && screenshot.mime_type.as_deref() != Some("application/pdf")
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

    /// The client.
    ///
    /// # Errors
    ///
    /// If the key, the base URL or the root certificates are not what they have to be, or TLS cannot be set up.
    pub fn build(self) -> Result<ScreenshotRunApi, ApiSettingsError> {
        let api = Api {
            client: self.client()?,
            base: base(&self.base).ok_or(ApiSettingsErrorKind::BaseUrl)?,
            key: bearer(&self.key).ok_or(ApiSettingsErrorKind::Key)?,
            permits: Arc::new(Semaphore::new(self.concurrency.clamp(1, Semaphore::MAX_PERMITS))),
            timeout: self.timeout,
        };
        Ok(ScreenshotRunApi { api, comparison: self.comparison })
    }

    fn client(&self) -> Result<Client, ApiSettingsErrorKind> {
        let mut client = Client::builder()
            .https_only(true)
            .redirect(redirect::Policy::none())
            .referer(false)
            .connect_timeout(CONNECT_TIMEOUT)
            // A connection lives on the runtime that opened it, which in actix-web is one worker: another that used it
            // would wait for that worker's handlers.
            .pool_max_idle_per_host(0)
            // Whatever features of reqwest somebody else in the application has switched on.
            .tls_backend_rustls()
            .http1_only()
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .no_hickory_dns()
            .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")));
        if let Some(pem) = &self.root_certificates {
            let roots = Certificate::from_pem_bundle(pem).map_err(|_| ApiSettingsErrorKind::RootCertificates)?;
            if roots.is_empty() {
                return Err(ApiSettingsErrorKind::RootCertificates);
            }
            client = client.tls_certs_only(roots);
        }
        client.build().map_err(|_| match self.root_certificates {
            Some(_) => ApiSettingsErrorKind::RootCertificates,
            None => ApiSettingsErrorKind::Tls,
        })
    }
}

/// A URL of nothing but scheme, host, port and path.
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
