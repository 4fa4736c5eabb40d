//! The keyed states of every accepted secret, prepared once.

use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{
    running::{Macs, first, is_right},
    signature::Tag,
};
use crate::secret::{MatchedSecret, Secret, Secrets};

#[derive(Clone)]
pub(crate) struct Keys {
    current: Key,
    previous: Vec<Key>,
    tenant: Option<Arc<str>>,
}

/// HMAC state after the key block: cloning it is a third of the cost of setting the key up. Wiped
/// on drop.
#[derive(Clone)]
struct Key {
    mac: Hmac<Sha256>,
    label: Option<Arc<str>>,
}

impl Key {
    fn new(secret: &Secret) -> Self {
        #[expect(clippy::expect_used, reason = "RFC 2104: no length is invalid")]
        let mac = Hmac::new_from_slice(secret.bytes()).expect("HMAC takes keys of any length");
        Self { mac, label: secret.label() }
    }
}

impl Keys {
    pub(super) fn new(secrets: &Secrets) -> Self {
        let mut keys = secrets.iter().map(Key::new);
        #[expect(clippy::expect_used, reason = "`Secrets` has a current one by its type")]
        let current = keys.next().expect("there is a current secret");
        Self { current, previous: keys.collect(), tenant: secrets.tenant() }
    }

    /// Begins a MAC under every secret.
    pub(super) fn begin(&self) -> Macs {
        // Empty without a rotation, and an empty `Vec` allocates nothing.
        let previous = self.previous.iter().map(|key| key.mac.clone()).collect();
        Macs { current: self.current.mac.clone(), previous }
    }

    /// Returns the secret under which `tag` is right for the whole body, given in pieces.
    #[inline]
    pub(super) fn verify<'a>(
        &self,
        pieces: impl Iterator<Item = &'a [u8]> + Clone,
        tag: &Tag,
    ) -> Option<MatchedSecret> {
        let is_right = |key: &Key| {
            let mut mac = key.mac.clone();
            pieces.clone().for_each(|piece| mac.update(piece));
            is_right(mac, tag)
        };
        first(is_right(&self.current), self.previous.iter().map(is_right)).map(|position| self.matched(position))
    }

    #[inline]
    pub(super) fn matched(&self, position: usize) -> MatchedSecret {
        let key = position.checked_sub(1).and_then(|index| self.previous.get(index)).unwrap_or(&self.current);
        MatchedSecret::new(position, key.label.clone(), self.tenant.clone())
    }
}

#[cfg(test)]
#[path = "keys_tests.rs"]
mod tests;
