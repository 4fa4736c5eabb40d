//! How a provider proves that a delivery is its own, as const data.

use std::fmt;

/// How a provider proves that a delivery is its own.
///
/// A scheme is data, not code: the verifier, the documentation and every tool read the same const, so that they cannot
/// disagree, and nobody who adds a provider writes cryptography. New kinds of proof may be added.
///
/// ```
/// use countersign_core::Scheme;
///
/// const ACME: Scheme = Scheme::hmac_sha256("x-acme-signature", "sha256=");
/// assert_eq!(ACME.to_string(), "`x-acme-signature: sha256=` + hex HMAC-SHA256 of the body");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scheme {
    /// HMAC-SHA256 of the raw request body, as 64 hex digits behind a fixed prefix, in one header.
    #[non_exhaustive]
    HmacSha256 {
        /// The header's name, in lower case.
        header: &'static str,
        /// What stands before the hex digits, such as `sha256=`; empty where nothing does.
        prefix: &'static str,
    },
    /// Nothing is signed: a secret token in the query of the endpoint's URL is all the proof there is.
    ///
    /// Whoever learns the URL can forge deliveries, and a body that was changed on its way is not noticed.
    #[non_exhaustive]
    UrlToken {
        /// The query parameter's name, exactly as it has to stand in the URL.
        parameter: &'static str,
    },
}

impl Scheme {
    /// HMAC-SHA256 of the raw request body in `header`: `prefix`, then 64 hex digits in either case, and nothing else.
    ///
    /// # Panics
    ///
    /// If `header` is not a lower-case header name. In a const, where schemes belong, that is a compile error.
    pub const fn hmac_sha256(header: &'static str, prefix: &'static str) -> Self {
        // HTTP/2 has lower-case names only; one spelling everywhere makes look-ups and documentation agree.
        std::mem::forget(http::HeaderName::from_static(header));
        Self::HmacSha256 { header, prefix }
    }

    /// A secret token in the query parameter `parameter` of the endpoint's URL.
    ///
    /// # Panics
    ///
    /// If `parameter` is empty or has a character other than ASCII letters, digits, `-` and `_`: such a name could be
    /// spelt in several ways in a URL. In a const, where schemes belong, that is a compile error.
    #[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over a const")]
    pub const fn url_token(parameter: &'static str) -> Self {
        let name = parameter.as_bytes();
        assert!(!name.is_empty(), "a URL token's parameter has a name");
        let mut i = 0;
        while i < name.len() {
            assert!(
                name[i].is_ascii_alphanumeric() || name[i] == b'-' || name[i] == b'_',
                "a URL token's parameter name consists of ASCII letters, digits, `-` and `_`"
            );
            i += 1;
        }
        Self::UrlToken { parameter }
    }
}

/// What the proof is, in one phrase of Markdown, for tables and help texts.
impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HmacSha256 { header, prefix: "" } => {
                write!(f, "`{header}:` hex HMAC-SHA256 of the body")
            }
            Self::HmacSha256 { header, prefix } => {
                write!(f, "`{header}: {prefix}` + hex HMAC-SHA256 of the body")
            }
            Self::UrlToken { parameter } => write!(f, "`?{parameter}=` in the URL; nothing is signed"),
        }
    }
}
