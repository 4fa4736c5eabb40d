//! The proof of a delivery, made as the provider would.

use std::fmt;

use countersign_core::provider::{self, Provider};
use zeroize::Zeroizing;

/// Makes the proof of `body` as `P` would with `secret`. The secret is used verbatim: nothing is
/// trimmed or decoded.
///
/// `secret` may be empty, to test what an attacker would try. No verifier accepts an empty secret.
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
pub fn sign<P: Provider>(secret: impl AsRef<[u8]>, body: impl AsRef<[u8]>) -> Proof {
    let proof = P::SCHEME.sign(secret.as_ref(), body.as_ref());
    let query = proof.place().as_query().map(|name| Zeroizing::new(format!("{name}={}", proof.value())));
    Proof { proof, query }
}

/// The proof of a delivery: headers, or a part of the URL's query. `Debug` shows neither signature
/// nor token.
#[derive(Clone, PartialEq, Eq)]
pub struct Proof {
    proof: provider::Proof,
    query: Option<Zeroizing<String>>,
}

impl Proof {
    /// Returns the headers to send, their names in lower case.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.proof.place().as_header().map(|name| (name, self.proof.value())).into_iter()
    }

    /// Returns the parameter for the URL's query, percent-encoded: `token=…`.
    pub fn query(&self) -> Option<&str> {
        self.query.as_ref().map(|query| query.as_str())
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.proof.fmt(f)
    }
}
