//! The forms of keys.

use std::fmt;

/// How a key is made from the secret that the provider issued. More forms may be added.
///
/// A key that is not of this form is an error when the verifier is created, not at the first
/// delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Key {
    /// The secret's bytes as issued, including any prefix (default for HMAC).
    Verbatim,
    /// Base64, with or without padding, behind the first of these prefixes that the secret has. A
    /// secret without any of them is base64 as a whole. `&["v1,whsec_", "whsec_"]`
    ///
    /// A secret without padding may be random characters that no encoder wrote: bits that are left over
    /// at its end are ignored.
    Base64(&'static [&'static str]),
    /// Hex digits in either case.
    Hex,
    /// The secret's bytes, followed by this text: `&` for OAuth 1.0 keys without a token.
    With(&'static str),
    /// The SHA-1 digest of the secret's bytes (feature `sha1`).
    Sha1,
    /// A public key as hex digits (default for Ed25519).
    PublicHex,
    /// A public key in base64, behind the first of these prefixes that it has, or behind none.
    PublicBase64(&'static [&'static str]),
    /// A public key as the base64 of its DER (`SubjectPublicKeyInfo`, default for ECDSA).
    PublicDer,
    /// A public key in PEM: `-----BEGIN PUBLIC KEY-----` (default for RSA).
    PublicPem,
}

impl Key {
    /// Returns whether it is a public key. A provider that issues one signs with a private key.
    pub const fn is_public(&self) -> bool {
        matches!(self, Self::PublicHex | Self::PublicBase64(_) | Self::PublicDer | Self::PublicPem)
    }
}

/// Writes what a key of this form looks like.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let behind = |f: &mut fmt::Formatter<'_>, prefixes: &[&str]| {
            for (index, prefix) in prefixes.iter().enumerate() {
                write!(f, "{}`{prefix}`", if index == 0 { " behind " } else { " or " })?;
            }
            f.write_str(if prefixes.is_empty() { "" } else { ", or without it" })
        };
        match self {
            Self::Verbatim | Self::With(_) | Self::Sha1 => f.write_str("any text"),
            Self::Base64(prefixes) => f.write_str("base64").and_then(|()| behind(f, prefixes)),
            Self::Hex => f.write_str("hex digits"),
            Self::PublicHex => f.write_str("a public key in hex"),
            Self::PublicBase64(prefixes) => f.write_str("a public key in base64").and_then(|()| behind(f, prefixes)),
            Self::PublicDer => f.write_str("a public key as base64 of DER, which begins with `MF` or `MI`"),
            Self::PublicPem => f.write_str("a public key in PEM, which begins with `-----BEGIN PUBLIC KEY-----`"),
        }
    }
}
