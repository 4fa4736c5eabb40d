//! What proves a delivery, made as the provider would.

use std::fmt;

use countersign_core::{Provider, Scheme};
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use sha2::Sha256;

/// RFC 3986's unreserved characters stay as they are.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Proves `body` as `P` would with `secret`, which is taken as it is: nothing is trimmed or decoded.
///
/// An empty secret can be signed with, as an attacker would try. No verifier takes one.
///
/// ```
/// use countersign_core::providers::Zeodyn;
///
/// let proof = countersign_testkit::sign::<Zeodyn>("s3cr3t", r#"{"event":"scan_complete"}"#);
/// // printf '{"event":"scan_complete"}' | openssl dgst -sha256 -hmac s3cr3t
/// let tag = "d9d6d1b610e3c288a85b2ae895ab2f8dcb3a467a7c504fd41057e5e05af8767d";
/// assert_eq!(proof.headers().collect::<Vec<_>>(), [("x-zeodyn-signature", tag)]);
/// assert_eq!(proof.query(), None);
/// ```
///
/// # Panics
///
/// If the provider's `Scheme` is of a kind that this version of the kit does not know: it is older than
/// `countersign-core`.
pub fn sign<P: Provider>(secret: impl AsRef<[u8]>, body: impl AsRef<[u8]>) -> Proof {
    let secret = secret.as_ref();
    match P::SCHEME {
        Scheme::HmacSha256 { header, prefix, .. } => {
            #[expect(clippy::expect_used, reason = "RFC 2104: no length is invalid")]
            let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
            mac.update(body.as_ref());
            Proof(Repr::Header(header, format!("{prefix}{}", hex::encode(mac.finalize().into_bytes()))))
        }
        Scheme::UrlToken { parameter, .. } => {
            Proof(Repr::Query(format!("{parameter}={}", percent_encode(secret, ESCAPED))))
        }
        #[expect(clippy::panic, reason = "documented; there is no delivery to go on with")]
        scheme => panic!("this countersign-testkit does not know how {} proves a delivery: {scheme}", P::TITLE),
    }
}

/// What proves a delivery: headers, or a part of the URL's query. `Debug` shows neither signature nor token.
#[derive(Clone, PartialEq, Eq)]
pub struct Proof(Repr);

#[derive(Clone, PartialEq, Eq)]
enum Repr {
    Header(&'static str, String),
    Query(String),
}

impl Proof {
    /// The headers to send, their names in lower case.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        match &self.0 {
            Repr::Header(name, value) => Some((*name, value.as_str())),
            Repr::Query(_) => None,
        }
        .into_iter()
    }

    /// What belongs into the URL's query, percent-encoded: `token=…`.
    pub fn query(&self) -> Option<&str> {
        match &self.0 {
            Repr::Header(..) => None,
            Repr::Query(query) => Some(query),
        }
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Header(name, _) => write!(f, "Proof({name}: [redacted])"),
            Repr::Query(_) => f.write_str("Proof(query: [redacted])"),
        }
    }
}
