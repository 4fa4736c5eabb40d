//! Signatures, as a provider makes them.

use hmac::Mac;
use sha2::Digest;
#[cfg(feature = "ed25519")]
use zeroize::Zeroizing;

#[cfg(feature = "ed25519")]
use super::decoding::ED25519_DER;
#[cfg(feature = "ecdsa")]
use super::decoding::P256_DER;
#[cfg(any(feature = "ed25519", feature = "ecdsa", feature = "rsa"))]
use super::decoding::pem;
use super::{
    decoding::{secret_key, symmetric},
    encoding::encode,
    hashing::Hashing,
};
#[cfg(any(feature = "ed25519", feature = "ecdsa", feature = "rsa"))]
use crate::scheme::Algorithm;
use crate::scheme::{Coding, Key, Signed};

/// Signs a text. `None` if the secret is not a key of the scheme's form.
pub(super) fn sign(signed: &Signed, secret: &[u8], text: &[u8]) -> Option<Vec<u8>> {
    if signed.algorithm.has_public_key() {
        return with_private_key(signed, secret, text);
    }
    let key = symmetric(signed.algorithm, &secret_key(&signed.key, secret)?)?;
    let mut hashing = key.begin();
    hashing.update(text);
    finished(hashing)
}

/// The MAC of a text. `None` if the text is kept for a signature.
pub(super) fn finished(hashing: Hashing) -> Option<Vec<u8>> {
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
        Algorithm::Ed25519 => {
            use ed25519_dalek::Signer;

            Some(ed25519(&signed.key, secret)?.sign(text).to_bytes().to_vec())
        }
        #[cfg(feature = "ecdsa")]
        Algorithm::EcdsaP256 => {
            use p256::ecdsa::{Signature, signature::Signer};

            let signature: Signature = p256(secret)?.sign(text);
            Some(signature.to_der().as_bytes().to_vec())
        }
        #[cfg(feature = "rsa")]
        Algorithm::RsaSha256 => {
            use rsa::signature::{SignatureEncoding, Signer};

            let key = rsa::pkcs1v15::SigningKey::<sha2::Sha256>::new(rsa(secret)?);
            Some(key.try_sign(text).ok()?.to_vec())
        }
        _ => None,
    }
}

/// The public key of a private one, as a verifier is given it.
pub(super) fn public_key(signed: &Signed, secret: &[u8]) -> Option<String> {
    let bytes = public_bytes(signed, secret)?;
    Some(match signed.key {
        Key::PublicHex => encode(&bytes, Coding::Hex),
        Key::PublicBase64(prefixes) => {
            format!("{}{}", prefixes.first().unwrap_or(&""), encode(&bytes, Coding::Base64))
        }
        Key::PublicPem => {
            format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", encode(&bytes, Coding::Base64))
        }
        _ => encode(&bytes, Coding::Base64),
    })
}

/// Its bytes: raw, or DER.
#[allow(unused_variables, reason = "without any of the features")]
fn public_bytes(signed: &Signed, secret: &[u8]) -> Option<Vec<u8>> {
    let is_der = matches!(signed.key, Key::PublicDer | Key::PublicPem);
    match signed.algorithm {
        #[cfg(feature = "ed25519")]
        Algorithm::Ed25519 => {
            let raw = ed25519(&signed.key, secret)?.verifying_key().to_bytes();
            Some(if is_der { [ED25519_DER, &raw].concat() } else { raw.to_vec() })
        }
        #[cfg(feature = "ecdsa")]
        Algorithm::EcdsaP256 => {
            let raw = p256(secret)?.verifying_key().to_sec1_point(false);
            Some(if is_der { [P256_DER, raw.as_bytes()].concat() } else { raw.as_bytes().to_vec() })
        }
        #[cfg(feature = "rsa")]
        Algorithm::RsaSha256 => {
            use rsa::pkcs8::EncodePublicKey;

            Some(rsa(secret)?.to_public_key().to_public_key_der().ok()?.as_bytes().to_vec())
        }
        _ => None,
    }
}

/// A private key is its seed in the form of the public key, or PKCS#8 in PEM.
#[cfg(feature = "ed25519")]
fn ed25519(form: &Key, secret: &[u8]) -> Option<ed25519_dalek::SigningKey> {
    // RFC 8410: PKCS#8 without attributes is always this and the seed.
    const DER: &[u8] =
        &[0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
    let bytes = match pem(secret, "PRIVATE KEY") {
        Some(der) => Zeroizing::new(der.strip_prefix(DER)?.to_vec()),
        None => super::decoding::public_key(form, secret)?,
    };
    Some(ed25519_dalek::SigningKey::from_bytes(bytes.as_slice().try_into().ok()?))
}

#[cfg(feature = "ecdsa")]
fn p256(secret: &[u8]) -> Option<p256::ecdsa::SigningKey> {
    use p256::pkcs8::DecodePrivateKey;

    p256::ecdsa::SigningKey::from_pkcs8_der(&pem(secret, "PRIVATE KEY")?).ok()
}

#[cfg(feature = "rsa")]
fn rsa(secret: &[u8]) -> Option<rsa::PrivateKey> {
    use rsa::pkcs8::DecodePrivateKey;

    rsa::PrivateKey::from_pkcs8_der(&pem(secret, "PRIVATE KEY")?).ok()
}
