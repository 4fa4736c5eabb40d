//! Keys, made from secrets.

use std::ops::Deref;

use hmac::{Hmac, KeyInit};
use sha2::{Digest, Sha256, Sha512};
use zeroize::Zeroizing;

use super::{
    encoding::{decode, key_from_base64},
    hashing::PreparedKey,
};
use crate::scheme::{Algorithm, Coding, Key, Signed};

/// RFC 8410: the DER of an Ed25519 key is always this and the 32 bytes.
#[cfg(feature = "ed25519")]
pub(super) const ED25519_DER: &[u8] = &[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// RFC 5480: the DER of a key on P-256 is always this and the point, not compressed.
#[cfg(feature = "ecdsa")]
pub(super) const P256_DER: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// Makes the key of a scheme from a secret. `None` if it is not a key of this form.
pub(super) fn prepare(signed: &Signed, secret: &[u8]) -> Option<PreparedKey> {
    if signed.algorithm.has_public_key() {
        return public(signed, secret);
    }
    let key = secret_key(&signed.key, secret).filter(|key| !key.is_empty())?;
    symmetric(signed.algorithm, &key)
}

/// Prepares an HMAC, or what is like one.
pub(super) fn symmetric(algorithm: Algorithm, key: &[u8]) -> Option<PreparedKey> {
    Some(match algorithm {
        Algorithm::HmacSha256 => PreparedKey::HmacSha256(Hmac::new_from_slice(key).ok()?),
        Algorithm::HmacSha512 => PreparedKey::HmacSha512(Box::new(Hmac::<Sha512>::new_from_slice(key).ok()?)),
        #[cfg(feature = "sha1")]
        Algorithm::HmacSha1 => PreparedKey::HmacSha1(Box::new(Hmac::new_from_slice(key).ok()?)),
        Algorithm::Sha256OfSecretAndText => PreparedKey::Sha256(Box::new(Sha256::new_with_prefix(key))),
        _ => return None,
    })
}

/// The bytes of a secret key. Made ones are wiped.
pub(super) enum KeyBytes<'a> {
    Given(&'a [u8]),
    Made(Zeroizing<Vec<u8>>),
}

impl Deref for KeyBytes<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Given(bytes) => bytes,
            Self::Made(bytes) => bytes,
        }
    }
}

pub(super) fn secret_key<'a>(form: &Key, secret: &'a [u8]) -> Option<KeyBytes<'a>> {
    let made = match form {
        Key::Verbatim => return Some(KeyBytes::Given(secret)),
        Key::With(end) => Zeroizing::new([secret, end.as_bytes()].concat()),
        Key::Base64(prefixes) => key_from_base64(without(prefixes, secret))?,
        Key::Hex => hex(secret)?,
        #[cfg(feature = "sha1")]
        Key::Sha1 => Zeroizing::new(sha1::Sha1::digest(secret).to_vec()),
        _ => return None,
    };
    Some(KeyBytes::Made(made))
}

fn hex(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(vec![0; text.len()]);
    let length = decode(text, Coding::Hex, &mut bytes)?.len();
    bytes.truncate(length);
    Some(bytes)
}

fn without<'a>(prefixes: &[&str], secret: &'a [u8]) -> &'a [u8] {
    prefixes.iter().find_map(|prefix| secret.strip_prefix(prefix.as_bytes())).unwrap_or(secret)
}

/// The bytes of a public key: raw, or DER for [`Key::PublicDer`] and [`Key::PublicPem`].
pub(super) fn public_key(form: &Key, text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    match form {
        Key::PublicHex => hex(text),
        Key::PublicBase64(prefixes) => key_from_base64(without(prefixes, text)),
        Key::PublicDer => key_from_base64(text),
        Key::PublicPem => pem(text, "PUBLIC KEY"),
        _ => None,
    }
}

/// The DER in a PEM of one key, whatever the length of its lines.
pub(super) fn pem(text: &[u8], label: &str) -> Option<Zeroizing<Vec<u8>>> {
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let base64 = text.trim_ascii().strip_prefix(begin.as_bytes())?.strip_suffix(end.as_bytes())?;
    let bare: Vec<u8> = base64.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    key_from_base64(&Zeroizing::new(bare))
}

/// Prepares a public key. It is checked here, once.
#[allow(unused_variables, clippy::needless_pass_by_value, reason = "without any of the features")]
fn public(signed: &Signed, text: &[u8]) -> Option<PreparedKey> {
    let bytes = public_key(&signed.key, text)?;
    let is_der = matches!(signed.key, Key::PublicDer | Key::PublicPem);
    match signed.algorithm {
        #[cfg(feature = "ed25519")]
        Algorithm::Ed25519 => {
            let raw = if is_der { bytes.strip_prefix(ED25519_DER)? } else { &bytes };
            let key = ed25519_dalek::VerifyingKey::from_bytes(raw.try_into().ok()?).ok()?;
            // Anybody can sign for a weak key.
            (!key.is_weak()).then(|| PreparedKey::Ed25519(Box::new(key)))
        }
        #[cfg(feature = "ecdsa")]
        Algorithm::EcdsaP256 => {
            let raw = if is_der { bytes.strip_prefix(P256_DER)? } else { &bytes };
            p256::ecdsa::VerifyingKey::from_sec1_bytes(raw).ok().map(|key| PreparedKey::P256(Box::new(key)))
        }
        #[cfg(feature = "rsa")]
        Algorithm::RsaSha256 => {
            use rsa::{pkcs8::DecodePublicKey, traits::PublicKeyParts};

            let key = rsa::PublicKey::from_public_key_der(&bytes).ok()?;
            (2048..=4096)
                .contains(&key.n().bit_width())
                .then(|| PreparedKey::Rsa(Box::new(rsa::pkcs1v15::VerifyingKey::new(key))))
        }
        _ => None,
    }
}

/// The shape of a secret, for a message: its length, and what it consists of.
pub(super) fn shape(secret: &[u8]) -> String {
    let is = |allowed: fn(u8) -> bool| secret.iter().copied().all(allowed);
    let length = secret.len();
    let unit = if length == 1 { "byte" } else { "bytes" };
    let kind = if secret.trim_ascii().len() != length {
        "with white space around it"
    } else if secret.starts_with(b"-----BEGIN ") {
        "in PEM"
    } else if is(|byte| byte.is_ascii_hexdigit()) {
        "all of them hex digits"
    } else if is(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')) {
        "all of them characters of base64"
    } else if is(|byte| byte.is_ascii_graphic()) {
        "not all of them characters of base64"
    } else {
        "not all of them visible ASCII characters"
    };
    format!("it has {length} {unit}, {kind}")
}
