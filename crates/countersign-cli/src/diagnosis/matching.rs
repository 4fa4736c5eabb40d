//! The one place where a captured proof is held against what a candidate would have made.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::mistake::Named;

/// What a captured signature may have been made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    HmacSha256,
    HmacSha1,
    HmacSha512,
    /// No HMAC: of the body, or of the secret and the body, one behind the other.
    Sha256,
}

/// A captured signature, decoded in some way; at least [`SHORTEST`] bytes of it.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    tag: Vec<u8>,
    algorithm: Algorithm,
    pub(super) mistakes: Vec<Named>,
}

/// What is shorter fits by chance.
const SHORTEST: usize = 8;

impl Reading {
    pub(super) fn new(tag: Vec<u8>, algorithm: Algorithm, mistakes: Vec<Named>) -> Option<Self> {
        (tag.len() >= SHORTEST).then_some(Self { tag, algorithm, mistakes })
    }

    /// Whether the tag is that of `body` under `secret`, as far as it goes.
    pub(super) fn fits(&self, secret: &[u8], body: &[u8]) -> bool {
        match self.algorithm {
            Algorithm::HmacSha256 => self.fits_mac(Hmac::<Sha256>::new_from_slice(secret).ok(), body),
            Algorithm::HmacSha1 => self.fits_mac(Hmac::<Sha1>::new_from_slice(secret).ok(), body),
            Algorithm::HmacSha512 => self.fits_mac(Hmac::<Sha512>::new_from_slice(secret).ok(), body),
            Algorithm::Sha256 => [[&[], body], [secret, body], [body, secret]].iter().any(|parts| {
                let digest = parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part)).finalize();
                is_same(&digest, &self.tag)
            }),
        }
    }

    fn fits_mac(&self, mac: Option<impl Mac>, body: &[u8]) -> bool {
        mac.is_some_and(|mac| mac.chain_update(body).verify_truncated_left(&self.tag).is_ok())
    }
}

/// Whether two secrets, tokens or digests are the same.
pub(super) fn is_same(one: &[u8], other: &[u8]) -> bool {
    one == other
}
