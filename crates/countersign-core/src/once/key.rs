//! What a delivery is remembered under.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::delivery::DeliveryId;

/// What a delivery is remembered under: 32 bytes, in which the namespace, the tenant, the provider's name and the delivery's
/// id are hashed, so that equal ids of other providers, events or tenants never meet, and an id of any length costs the same.
///
/// Nothing that is not proven is part of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryKey([u8; 32]);

impl DeliveryKey {
    /// The key of the delivery `id` of the provider of this name, in a namespace, and of a tenant if there are any.
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
            // With their lengths, so that what one part ends with cannot be what the next begins with.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }

    /// The key's bytes, for a store.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// For tests of stores.
impl From<[u8; 32]> for DeliveryKey {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// In lower-case hex.
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
