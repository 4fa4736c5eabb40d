//! Signatures, as a provider makes them.

use hmac::Mac;
use sha2::Digest;

use super::{
    decoding::{secret_key, symmetric},
    hashing::Hashing,
};
use crate::scheme::Signed;

/// Signs a text. `None` if the secret is not a key of the scheme's form.
pub(super) fn sign(signed: &Signed, secret: &[u8], text: &[u8]) -> Option<Vec<u8>> {
    if signed.algorithm.has_public_key() {
        return with_private_key(signed, secret, text);
    }
    let key = symmetric(signed.algorithm, &secret_key(&signed.key, secret)?)?;
    let mut hashing = key.begin();
    hashing.update(text);
    Some(match hashing {
        Hashing::HmacSha256(mac) => mac.finalize().into_bytes().to_vec(),
        Hashing::HmacSha512(mac) => mac.finalize().into_bytes().to_vec(),
        #[cfg(feature = "sha1")]
        Hashing::HmacSha1(mac) => mac.finalize().into_bytes().to_vec(),
        Hashing::Sha256(hash) => hash.finalize().to_vec(),
        #[cfg(feature = "ed25519")]
        Hashing::Text(_) => return None,
    })
}

#[allow(unused_variables, reason = "without any of the features")]
fn with_private_key(signed: &Signed, secret: &[u8], text: &[u8]) -> Option<Vec<u8>> {
    match signed.algorithm {
        #[cfg(feature = "ed25519")]
        crate::scheme::Algorithm::Ed25519 => {
            use ed25519_dalek::Signer;

            let seed = super::decoding::public_key(&signed.key, secret)?;
            let key = ed25519_dalek::SigningKey::from_bytes(seed.as_slice().try_into().ok()?);
            Some(key.sign(text).to_bytes().to_vec())
        }
        #[cfg(feature = "ecdsa")]
        crate::scheme::Algorithm::EcdsaP256 => {
            use p256::{
                ecdsa::{Signature, SigningKey, signature::Signer},
                pkcs8::DecodePrivateKey,
            };

            let key = SigningKey::from_pkcs8_der(&super::decoding::pem(secret, "PRIVATE KEY")?).ok()?;
            let signature: Signature = key.sign(text);
            Some(signature.to_der().as_bytes().to_vec())
        }
        #[cfg(feature = "rsa")]
        crate::scheme::Algorithm::RsaSha256 => {
            use rsa::{
                pkcs8::DecodePrivateKey,
                signature::{SignatureEncoding, Signer},
            };

            let key = rsa::PrivateKey::from_pkcs8_der(&super::decoding::pem(secret, "PRIVATE KEY")?).ok()?;
            let key = rsa::pkcs1v15::SigningKey::<sha2::Sha256>::new(key);
            Some(key.try_sign(text).ok()?.to_vec())
        }
        _ => None,
    }
}
