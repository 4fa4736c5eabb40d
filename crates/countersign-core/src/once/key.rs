//! The key under which a store remembers a delivery.

use std::fmt;

use sha2::{Digest, Sha256};

use super::{DeliveryId, delivery_id::Repr, parts::Parts as Hash};
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

impl DeliveryKey {
    /// The key of a delivery; `None` if it was sealed before, because its account is not known any more.
    pub(crate) fn new(
        namespace: &str,
        endpoint: &str,
        provider: &str,
        matched: &MatchedSecret,
        id: &DeliveryId,
    ) -> Option<Self> {
        let account = matched.account()?;
        let mut hash = Hash(Sha256::new());
        hash.part(DOMAIN);
        hash.part(namespace);
        hash.part(endpoint);
        hash.part(provider);
        hash.optional(matched.tenant().map(str::as_bytes));
        hash.part(account.as_bytes());
        match id.repr() {
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
        Some(Self(hash.0.finalize().into()))
    }

    /// Returns the key's bytes, for a store.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
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
