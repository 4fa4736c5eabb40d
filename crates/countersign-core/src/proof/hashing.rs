//! Keys, and the hashing of a signed text, for every algorithm.

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256, Sha512};
use subtle::{Choice, ConstantTimeEq};

use super::candidates::{Signature, Signatures};

/// A prepared key. The rare ones are boxed.
#[derive(Clone)]
pub(super) enum PreparedKey {
    HmacSha256(Hmac<Sha256>),
    HmacSha512(Box<Hmac<Sha512>>),
    #[cfg(feature = "sha1")]
    HmacSha1(Box<Hmac<sha1::Sha1>>),
    /// The digest of the secret so far.
    Sha256(Box<Sha256>),
    #[cfg(feature = "ed25519")]
    Ed25519(Box<ed25519_dalek::VerifyingKey>),
    #[cfg(feature = "ecdsa")]
    P256(Box<p256::ecdsa::VerifyingKey>),
    #[cfg(feature = "rsa")]
    Rsa(Box<rsa::pkcs1v15::VerifyingKey<Sha256>>),
}

/// Writes a signed text in pieces.
pub(super) type Text<'a> = dyn Fn(&mut dyn FnMut(&[u8])) + 'a;

/// A signed text while it is hashed.
pub(crate) enum Hashing {
    HmacSha256(Hmac<Sha256>),
    HmacSha512(Box<Hmac<Sha512>>),
    #[cfg(feature = "sha1")]
    HmacSha1(Box<Hmac<sha1::Sha1>>),
    Sha256(Box<Sha256>),
    /// Ed25519 hashes the text twice: it is kept.
    #[cfg(feature = "ed25519")]
    Text(Vec<u8>),
}

impl PreparedKey {
    /// Returns whether one of the signatures is right for the text that `write` writes.
    pub(super) fn verify(&self, write: &Text<'_>, given: &Signatures) -> Choice {
        // The most common, without moving its state around.
        if let Self::HmacSha256(mac) = self {
            let mut mac = mac.clone();
            write(&mut |piece| mac.update(piece));
            return is_right_mac(mac, given);
        }
        let mut text = self.begin();
        write(&mut |piece| text.update(piece));
        self.is_right(text, given)
    }

    pub(super) fn begin(&self) -> Hashing {
        match self {
            Self::HmacSha256(mac) => Hashing::HmacSha256(mac.clone()),
            Self::HmacSha512(mac) => Hashing::HmacSha512(mac.clone()),
            #[cfg(feature = "sha1")]
            Self::HmacSha1(mac) => Hashing::HmacSha1(mac.clone()),
            Self::Sha256(hash) => Hashing::Sha256(hash.clone()),
            #[cfg(feature = "ed25519")]
            Self::Ed25519(_) => Hashing::Text(Vec::new()),
            #[cfg(feature = "ecdsa")]
            Self::P256(_) => Hashing::Sha256(Box::default()),
            #[cfg(feature = "rsa")]
            Self::Rsa(_) => Hashing::Sha256(Box::default()),
        }
    }

    /// Returns whether one of the signatures is right for the text. Each is compared whole.
    pub(super) fn is_right(&self, text: Hashing, given: &Signatures) -> Choice {
        match (self, text) {
            (_, Hashing::HmacSha256(mac)) => is_right_mac(mac, given),
            (_, Hashing::HmacSha512(mac)) => is_right_mac(*mac, given),
            #[cfg(feature = "sha1")]
            (_, Hashing::HmacSha1(mac)) => is_right_mac(*mac, given),
            #[cfg(feature = "ed25519")]
            (Self::Ed25519(key), Hashing::Text(text)) => any(given, |signature| {
                ed25519_dalek::Signature::from_slice(signature).is_ok_and(|it| key.verify_strict(&text, &it).is_ok())
            }),
            #[cfg(feature = "ecdsa")]
            (Self::P256(key), Hashing::Sha256(hash)) => {
                use p256::ecdsa::{Signature, signature::hazmat::PrehashVerifier};

                let digest = hash.finalize();
                any(given, |signature| {
                    Signature::from_der(signature).is_ok_and(|it| key.verify_prehash(&digest, &it).is_ok())
                })
            }
            #[cfg(feature = "rsa")]
            (Self::Rsa(key), Hashing::Sha256(hash)) => {
                use rsa::{pkcs1v15::Signature, signature::hazmat::PrehashVerifier};

                let digest = hash.finalize();
                any(given, |signature| {
                    Signature::try_from(signature).is_ok_and(|it| key.verify_prehash(&digest, &it).is_ok())
                })
            }
            (Self::Sha256(_), Hashing::Sha256(hash)) => {
                let digest = hash.finalize();
                all(given)
                    .fold(Choice::from(0), |found, signature| found | digest.as_slice().ct_eq(signature.as_slice()))
            }
            // A key of one algorithm with the text of another: none is right.
            _ => Choice::from(0),
        }
    }
}

impl Hashing {
    #[inline]
    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::HmacSha256(mac) => mac.update(bytes),
            Self::HmacSha512(mac) => mac.update(bytes),
            #[cfg(feature = "sha1")]
            Self::HmacSha1(mac) => mac.update(bytes),
            Self::Sha256(hash) => hash.update(bytes),
            #[cfg(feature = "ed25519")]
            Self::Text(text) => text.extend_from_slice(bytes),
        }
    }
}

fn all(given: &Signatures) -> impl Iterator<Item = &Signature> {
    given.first.iter().chain(&given.more)
}

/// The first is compared last, with the MAC itself, which saves a copy: most deliveries have one. How
/// many there are is no secret.
#[inline]
fn is_right_mac<M: Mac + Clone>(mac: M, given: &Signatures) -> Choice {
    let is_right =
        |mac: M, signature: &Signature| Choice::from(u8::from(mac.verify_slice(signature.as_slice()).is_ok()));
    let Signatures { first: Some(first), more } = given else { return Choice::from(0) };
    let more = more.iter().map(|signature| is_right(mac.clone(), signature)).reduce(|found, right| found | right);
    let first = is_right(mac, first);
    more.map_or(first, |more| more | first)
}

/// For public keys, where time tells nothing that is secret.
#[cfg(any(feature = "ed25519", feature = "ecdsa", feature = "rsa"))]
fn any(given: &Signatures, is_right: impl Fn(&[u8]) -> bool) -> Choice {
    Choice::from(u8::from(all(given).any(|signature| is_right(signature.as_slice()))))
}
