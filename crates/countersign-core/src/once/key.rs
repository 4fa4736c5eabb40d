//! The key under which a store remembers a delivery.

use std::fmt;

use sha2::{Digest, Sha256};

use super::{DeliveryId, delivery_id::Repr};
use crate::secret::MatchedSecret;

/// Says what the digest is of. Keys outlive the process, so it changes if the parts do.
const DOMAIN: &str = "countersign delivery 1";

/// The key under which a store remembers a delivery: always 32 bytes.
/// [`Dedupe::key`](super::Dedupe::key) returns it.
///
/// It is a digest of the namespace, the endpoint, the provider's name, the tenant, the account
/// whose secret matched, and the delivery's ID. So equal IDs of different endpoints, providers,
/// tenants or accounts have different keys. It depends only on verified data and on settings.
///
/// The account is the fingerprint of its oldest accepted secret. The key reveals nothing of a
/// secret that cannot be guessed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryKey([u8; 32]);

/// The parts of a key.
#[derive(Clone, Copy)]
pub(super) struct Parts<'a> {
    pub(super) namespace: &'a str,
    pub(super) endpoint: &'a str,
    pub(super) provider: &'a str,
    pub(super) matched: &'a MatchedSecret,
    pub(super) id: &'a DeliveryId,
}

impl DeliveryKey {
    pub(super) fn new(parts: Parts<'_>) -> Self {
        let mut hash = Hash(Sha256::new());
        hash.part(DOMAIN);
        hash.part(parts.namespace);
        hash.part(parts.endpoint);
        hash.part(parts.provider);
        hash.optional(parts.matched.tenant().map(str::as_bytes));
        hash.part(parts.matched.account().as_bytes());
        match parts.id.repr() {
            Repr::Named { event, id, time } => {
                hash.part("named");
                hash.part(&**event);
                hash.part(&**id);
                let time = time.map(|time| time.as_nanosecond().to_be_bytes());
                hash.optional(time.as_ref().map(<[u8; 16]>::as_slice));
            }
            Repr::Digest(digest) => {
                hash.part("digest");
                hash.part(digest);
            }
        }
        Self(hash.0.finalize().into())
    }

    /// Returns the key's bytes, for a store.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Parts one after the other, each with its length: the end of one cannot be read as the start of
/// the next.
struct Hash(Sha256);

impl Hash {
    fn part(&mut self, part: impl AsRef<[u8]>) {
        let part = part.as_ref();
        self.0.update((part.len() as u64).to_be_bytes());
        self.0.update(part);
    }

    /// No part is not an empty one.
    fn optional(&mut self, part: Option<&[u8]>) {
        self.0.update([u8::from(part.is_some())]);
        self.part(part.unwrap_or_default());
    }
}

/// Creates a key, for tests of stores.
impl From<[u8; 32]> for DeliveryKey {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// Writes lower-case hex.
impl fmt::Display for DeliveryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for DeliveryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeliveryKey({self})")
    }
}

#[cfg(test)]
#[path = "key_tests.rs"]
mod tests;
