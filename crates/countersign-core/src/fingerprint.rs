//! Fingerprints of secrets, by which deduplication tells accounts apart.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::secret::Secret;

/// Says what the hash is for. Keys in stores depend on it.
const DOMAIN: &[u8] = b"countersign account 1";

/// The fingerprint of an account: a hash of its oldest accepted secret.
///
/// Every process computes the same one, so it cannot have a random salt. It is safe because it
/// exists only in memory and inside the digest of a [`DeliveryKey`](crate::dedupe::DeliveryKey):
///
/// * The secret is the *message* of an HMAC under a public key, as in HKDF's extraction. The proofs
///   of providers are an HMAC *under* the secret, and a token is compared by its plain digest. So a
///   fingerprint is never a proof of any delivery, and no proof is a fingerprint.
/// * The digest of a key lets a reader of the store test guesses of the secret, as any recorded
///   delivery with its signature does. A secret that can be guessed is lost in either case.
///
/// It has no `Debug`: it is never shown.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Fingerprint([u8; 32]);

impl Fingerprint {
    pub(crate) fn of(secret: &Secret) -> Self {
        #[expect(clippy::expect_used, reason = "RFC 2104: no length is invalid")]
        let mut mac = Hmac::<Sha256>::new_from_slice(DOMAIN).expect("HMAC takes keys of any length");
        mac.update(secret.bytes());
        Self(mac.finalize().into_bytes().into())
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_the_hmac_of_the_secret_under_the_domain() {
        for (secret, expected) in [
            // printf %s s3cr3t | openssl dgst -sha256 -hmac 'countersign account 1'
            ("s3cr3t", S3CR3T),
            ("t", T),
        ] {
            assert_eq!(hex::encode(Fingerprint::of(&Secret::from_static(secret)).as_bytes()), expected);
        }
    }

    const S3CR3T: &str = "12442507abf7853e14efcac6452a70b7efd554509d04ae34d0628d97f3ec8900";
    const T: &str = "834933572d41c0666fbfc88186931ed55092a796ce28766dad8052263db2314c";
}
