//! The proof of a delivery, made as the provider would.

use std::fmt;

use countersign_core::provider::{self, Draft, Provider, SignError};

/// Makes the proof of `body` as `P` would with `secret`, now. The secret is the one that a verifier
/// is given: nothing is trimmed.
///
/// `secret` may be empty, to test what an attacker would try. No verifier accepts an empty secret.
///
/// For a scheme that signs more than the body and the time, see [`sign_draft`].
///
/// # Panics
///
/// Panics if the secret is not a key of the form that `P` issues, or if `P` signs a value that is
/// not in the body. [`sign_draft`] returns an error instead.
///
/// ```
/// use countersign::providers::Zeodyn;
///
/// let proof = countersign_testkit::sign::<Zeodyn>("s3cr3t", r#"{"event":"scan_complete"}"#);
/// // printf '{"event":"scan_complete"}' | openssl dgst -sha256 -hmac s3cr3t
/// let tag = "d9d6d1b610e3c288a85b2ae895ab2f8dcb3a467a7c504fd41057e5e05af8767d";
/// assert_eq!(proof.headers().collect::<Vec<_>>(), [("x-zeodyn-signature", tag)]);
/// assert_eq!(proof.query(), None);
/// ```
pub fn sign<P: Provider>(secret: impl AsRef<[u8]>, body: impl AsRef<[u8]>) -> Proof {
    match sign_draft::<P>(secret, Draft::new(body.as_ref())) {
        Ok(proof) => proof,
        #[expect(clippy::panic, reason = "documented")]
        Err(error) => panic!("{}: {error}", P::TITLE),
    }
}

/// Makes the proof of a delivery as `P` would with `secret`: with the time, the ID, the URL and
/// other values of the draft.
///
/// # Errors
///
/// Returns an error if the secret is not a key of the form that `P` issues, or if the draft lacks a
/// value that `P` signs.
pub fn sign_draft<P: Provider>(secret: impl AsRef<[u8]>, draft: Draft<'_>) -> Result<Proof, SignError> {
    P::SCHEME.sign(secret.as_ref(), draft).map(Proof)
}

/// Returns the public key of a private one, in the form that the provider issues: what the receiver
/// of deliveries is given that [`signed_with`](crate::Payload::signed_with) signs with
/// `private_key`. So a test needs one key only.
///
/// ```
/// # #[cfg(feature = "ed25519")] {
/// use countersign::{Verifier, providers::Discord};
/// use countersign_testkit::{Payload, public_key};
///
/// // RFC 8032, test 1: any 32 bytes in hex are a private key.
/// let private_key = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
/// let public_key = public_key::<Discord>(private_key);
/// assert_eq!(public_key, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
///
/// let verifier = Verifier::<Discord>::new(public_key);
/// let request = Payload::<Discord>::example().signed_with(private_key);
/// assert!(verifier.verify(&request.to_http::<Vec<u8>>(), request.body().clone()).is_ok());
/// # }
/// ```
///
/// # Panics
///
/// Panics if `P` does not verify with a public key, or if `private_key` is not a private key: see
/// [`signed_with`](crate::Payload::signed_with).
pub fn public_key<P: Provider>(private_key: impl AsRef<[u8]>) -> String {
    match P::SCHEME.public_key(private_key.as_ref()) {
        Ok(Some(key)) => key,
        #[expect(clippy::panic, reason = "documented")]
        Ok(None) => panic!("{} does not verify with a public key", P::TITLE),
        #[expect(clippy::panic, reason = "documented")]
        Err(error) => panic!("{}: {error}", P::TITLE),
    }
}

/// The proof of a delivery: headers, or a part of the URL's query. `Debug` shows neither signature
/// nor token.
#[derive(Clone, PartialEq, Eq)]
pub struct Proof(provider::Proof);

impl Proof {
    /// Returns the headers to send, their names in lower case.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.headers()
    }

    /// Returns the parameter for the URL's query, percent-encoded: `token=…`.
    pub fn query(&self) -> Option<&str> {
        self.0.query()
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
