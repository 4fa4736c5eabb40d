//! The public URL of an endpoint, for providers that sign it.

use std::{fmt, sync::Arc};

use crate::error::{SecretError, SecretErrorKind};

/// The public URL of an endpoint, as registered with a provider that signs it.
///
/// It is configured, and never read from the request: an attacker can choose `Host` and
/// `X-Forwarded-*`. A string converts into it: see [`Verifier::new_at`](crate::Verifier::new_at).
///
/// ```
/// use countersign_core::PublicUrl;
///
/// let url = PublicUrl::new("https://example.com/webhooks/acme?tenant=1")?;
/// assert_eq!(url.to_string(), "https://example.com/webhooks/acme?tenant=1");
/// let error = PublicUrl::new("example.com/webhooks").unwrap_err();
/// assert_eq!(error.to_string(), "a public URL begins with `https://` or `http://`");
/// # Ok::<(), countersign_core::SecretError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct PublicUrl(Arc<str>);

impl PublicUrl {
    /// Creates a URL from the text that is registered with the provider, character by character.
    ///
    /// # Errors
    ///
    /// Returns an error if the text does not begin with `https://` or `http://`, has no host, has a
    /// fragment, or has a character other than visible ASCII.
    pub fn new(url: impl Into<String>) -> Result<Self, SecretError> {
        let url = url.into();
        let error = |message: &str| Err(SecretError::new(SecretErrorKind::Url, message));
        let Some((_, host, _)) = split(&url) else {
            return error("a public URL begins with `https://` or `http://`");
        };
        if host.is_empty() {
            return error("a public URL has a host, such as `https://example.com/webhooks`");
        }
        if url.contains('#') {
            return error("a public URL has no fragment: remove `#` and what follows");
        }
        if !url.bytes().all(|byte| byte.is_ascii_graphic()) {
            return error("a public URL has only visible ASCII characters: percent-encode the others");
        }
        Ok(Self(url.into()))
    }

    pub(crate) fn text(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }

    /// The same URL without its standard port, or with it; `None` if it has another port.
    pub(crate) fn with_other_port(&self) -> Option<Arc<str>> {
        let (scheme, host, rest) = split(&self.0)?;
        let standard = if scheme == "https://" { ":443" } else { ":80" };
        // Not the colons of a name and password, or of an IPv6 address.
        let address = host.rsplit('@').next().unwrap_or_default();
        let after_ipv6 = address.rsplit(']').next().unwrap_or_default();
        let other = match host.strip_suffix(standard) {
            Some(bare) => format!("{scheme}{bare}{rest}"),
            None if after_ipv6.contains(':') => return None,
            None => format!("{scheme}{host}{standard}{rest}"),
        };
        Some(other.into())
    }
}

/// Splits a URL into its scheme with the slashes, its authority and the rest.
fn split(url: &str) -> Option<(&str, &str, &str)> {
    let scheme = ["https://", "http://"].into_iter().find(|scheme| url.starts_with(scheme))?;
    let rest = url.get(scheme.len()..)?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    Some((scheme, rest.get(..end)?, rest.get(end..)?))
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `Debug` does not show the query, nor a name and password: they may be secret.
impl fmt::Debug for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, host, rest) = split(&self.0).unwrap_or_default();
        let (host, path) = (host.rsplit('@').next().unwrap_or_default(), rest.split('?').next().unwrap_or_default());
        write!(f, "PublicUrl({scheme}{host}{path})")
    }
}

impl TryFrom<&str> for PublicUrl {
    type Error = SecretError;

    fn try_from(url: &str) -> Result<Self, SecretError> {
        Self::new(url)
    }
}

impl TryFrom<String> for PublicUrl {
    type Error = SecretError;

    fn try_from(url: String) -> Result<Self, SecretError> {
        Self::new(url)
    }
}

/// A URL that was checked before.
impl From<&PublicUrl> for PublicUrl {
    fn from(url: &PublicUrl) -> Self {
        url.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standard_port_is_added_or_removed() {
        for (url, other) in [
            ("https://a.example/x?y=1", Some("https://a.example:443/x?y=1")),
            ("https://a.example:443/x", Some("https://a.example/x")),
            ("http://a.example", Some("http://a.example:80")),
            ("http://a.example:80?x", Some("http://a.example?x")),
            ("https://a.example:80/", None),
            ("http://a.example:1234/", None),
            ("https://user:pass@a.example/", Some("https://user:pass@a.example:443/")),
            ("https://[::1]/", Some("https://[::1]:443/")),
            ("https://[::1]:8443/", None),
        ] {
            let made = PublicUrl::new(url).unwrap().with_other_port();
            assert_eq!(made.as_deref(), other, "{url}");
        }
    }

    #[test]
    fn a_url_that_no_provider_signs_is_an_error() {
        for (url, message) in [
            ("", "a public URL begins with `https://` or `http://`"),
            ("ftp://a.example/", "a public URL begins with `https://` or `http://`"),
            ("https:///x", "a public URL has a host, such as `https://example.com/webhooks`"),
            ("https://a.example/#x", "a public URL has no fragment: remove `#` and what follows"),
            ("https://a.example/é", "a public URL has only visible ASCII characters: percent-encode the others"),
            ("https://a.example/ ", "a public URL has only visible ASCII characters: percent-encode the others"),
        ] {
            let error = PublicUrl::new(url).unwrap_err();
            assert_eq!((error.to_string().as_str(), error.kind()), (message, SecretErrorKind::Url));
        }
    }

    #[test]
    fn t19_debug_shows_no_credentials() {
        let url = PublicUrl::new("https://user:pass@a.example/x?token=s3cr3t").unwrap();
        assert_eq!(format!("{url:?}"), "PublicUrl(https://a.example/x)");
    }
}
