//! The algorithms of signatures, and how their values are written.

use std::fmt;

use super::key::Key;

/// The algorithm of a signature. More may be added.
///
/// Some are behind a feature of countersign. A scheme that uses one without its feature does not
/// compile; the message names the feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// HMAC with SHA-256.
    HmacSha256,
    /// HMAC with SHA-512.
    HmacSha512,
    /// HMAC with SHA-1 (feature `sha1`). SHA-1 is broken for other uses, but not for HMAC.
    HmacSha1,
    /// The SHA-256 digest of the secret and the signed text, without HMAC.
    ///
    /// An attacker who recorded a delivery can append bytes to the signed text without knowing the
    /// secret. Such a delivery is therefore [`Unbound`](crate::Trust::Unbound). (The first appended
    /// byte is 0x80, so that no JSON reader accepts such a body.)
    Sha256OfSecretAndText,
    /// Ed25519 (feature `ed25519`). The key is the provider's public key.
    Ed25519,
    /// ECDSA with the curve P-256 and SHA-256, its signature in DER (feature `ecdsa`). The key is
    /// the provider's public key.
    EcdsaP256,
    /// RSA PKCS#1 v1.5 with SHA-256 (feature `rsa`). The key is the provider's public key, of 2048
    /// to 4096 bits.
    ///
    /// `cargo audit` reports RUSTSEC-2023-0071 for the crate `rsa`: timing can reveal a private key.
    /// Verification has no private key. [`Scheme::sign`](super::Scheme::sign) has one: do not use it
    /// where an attacker can measure its time.
    RsaSha256,
}

impl Algorithm {
    /// Whether the key is not secret.
    pub(crate) const fn has_public_key(self) -> bool {
        matches!(self, Self::Ed25519 | Self::EcdsaP256 | Self::RsaSha256)
    }

    pub(crate) const fn is_hmac(self) -> bool {
        matches!(self, Self::HmacSha256 | Self::HmacSha512 | Self::HmacSha1)
    }

    /// What the form of the key is unless the page says otherwise.
    pub(super) const fn usual_key(self) -> Key {
        match self {
            Self::HmacSha256 | Self::HmacSha512 | Self::HmacSha1 | Self::Sha256OfSecretAndText => Key::Verbatim,
            Self::Ed25519 => Key::PublicHex,
            Self::EcdsaP256 => Key::PublicDer,
            Self::RsaSha256 => Key::PublicPem,
        }
    }

    /// The length of a signature in bytes; `None` if it differs.
    pub(crate) const fn length(self) -> Option<usize> {
        match self {
            Self::HmacSha1 => Some(20),
            Self::HmacSha256 | Self::Sha256OfSecretAndText => Some(32),
            Self::HmacSha512 | Self::Ed25519 => Some(64),
            Self::EcdsaP256 | Self::RsaSha256 => None,
        }
    }

    /// Panics, in a const, if the feature of the algorithm is off.
    #[allow(clippy::assertions_on_constants, reason = "they depend on features")]
    pub(crate) const fn check_feature(self) {
        match self {
            Self::HmacSha256 | Self::HmacSha512 | Self::Sha256OfSecretAndText => {}
            Self::HmacSha1 => {
                assert!(cfg!(feature = "sha1"), "`HmacSha1` needs the feature `sha1` of countersign: switch it on");
            }
            Self::Ed25519 => {
                assert!(
                    cfg!(feature = "ed25519"),
                    "`Ed25519` needs the feature `ed25519` of countersign: switch it on"
                );
            }
            Self::EcdsaP256 => {
                assert!(cfg!(feature = "ecdsa"), "`EcdsaP256` needs the feature `ecdsa` of countersign: switch it on");
            }
            Self::RsaSha256 => {
                assert!(cfg!(feature = "rsa"), "`RsaSha256` needs the feature `rsa` of countersign: switch it on");
            }
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HmacSha256 => "HMAC-SHA256",
            Self::HmacSha512 => "HMAC-SHA512",
            Self::HmacSha1 => "HMAC-SHA1",
            Self::Sha256OfSecretAndText => "SHA-256 of the secret and",
            Self::Ed25519 => "Ed25519",
            Self::EcdsaP256 => "ECDSA (P-256, SHA-256)",
            Self::RsaSha256 => "RSA (PKCS#1 v1.5, SHA-256)",
        })
    }
}

/// How the bytes of a signature are written. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Coding {
    /// Hex digits in either case.
    Hex,
    /// Base64 with `+` and `/`, padded with `=`.
    Base64,
    /// Base64 with `-` and `_`, with or without padding.
    Base64Url,
}

impl fmt::Display for Coding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hex => "hex",
            Self::Base64 => "base64",
            Self::Base64Url => "base64url",
        })
    }
}

/// How a time is written. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unit {
    /// Whole seconds since the Unix epoch: `1614265330`.
    Seconds,
    /// Whole milliseconds since the Unix epoch: `1614265330000`.
    Milliseconds,
    /// An RFC 3339 time with a zone: `2021-02-25T15:02:10Z`.
    Rfc3339,
}
