//! The key under which a store remembers a delivery.

use std::fmt;

use sha2::{Digest, Sha256};

use super::DeliveryId;

/// The key under which a store remembers a delivery: always 32 bytes.
///
/// It is a digest of the namespace, the tenant, the provider's name and the delivery's ID. So equal
/// IDs of different providers, events or tenants have different keys. It depends only on verified
/// data.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryKey([u8; 32]);

impl DeliveryKey {
    /// Creates the key of the delivery `id`.
    ///
    /// ```
    /// # fn example(id: &countersign_core::DeliveryId) {
    /// use countersign_core::dedupe::DeliveryKey;
    ///
    /// let key = DeliveryKey::new("production", None, "zeodyn", id);
    /// assert_ne!(key, DeliveryKey::new("staging", None, "zeodyn", id));
    /// assert_ne!(key, DeliveryKey::new("production", Some("alice"), "zeodyn", id));
    /// # }
    /// ```
    pub fn new(namespace: &str, tenant: Option<&str>, provider: &str, id: &DeliveryId) -> Self {
        let mut hash = Sha256::new();
        hash.update([u8::from(tenant.is_some())]);
        for part in [namespace, tenant.unwrap_or_default(), provider, &id.to_string()] {
            // Each part with its length: the end of one part cannot be read as the start of the
            // next.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
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
