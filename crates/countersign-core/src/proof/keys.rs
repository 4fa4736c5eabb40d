//! The keyed states of every accepted secret, prepared once.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{
    running::{Macs, first, is_right},
    signature::Tag,
};
use crate::secret::{Secret, Secrets};

/// HMAC states after the key block: cloning one is a third of the cost of setting the key up. Wiped
/// on drop.
#[derive(Clone)]
pub(crate) struct Keys {
    current: Hmac<Sha256>,
    others: Vec<Hmac<Sha256>>,
}

fn key(secret: &Secret) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "RFC 2104: no length is invalid")]
    Hmac::new_from_slice(secret.bytes()).expect("HMAC takes keys of any length")
}

impl Keys {
    pub(super) fn new(secrets: &Secrets) -> Self {
        let mut keys = secrets.iter().map(key);
        #[expect(clippy::expect_used, reason = "`Secrets` has a current one by its type")]
        let current = keys.next().expect("there is a current secret");
        Self { current, others: keys.collect() }
    }

    /// Begins a MAC under every secret.
    pub(super) fn begin(&self) -> Macs {
        // Empty with one secret, and an empty `Vec` allocates nothing.
        Macs { current: self.current.clone(), others: self.others.clone() }
    }

    /// Returns the position of the secret under which `tag` is right for the whole body, given in
    /// pieces.
    #[inline]
    pub(super) fn verify<'a>(&self, pieces: impl Iterator<Item = &'a [u8]> + Clone, tag: &Tag) -> Option<usize> {
        let is_right = |key: &Hmac<Sha256>| {
            let mut mac = key.clone();
            pieces.clone().for_each(|piece| mac.update(piece));
            is_right(mac, tag)
        };
        first(is_right(&self.current), self.others.iter().map(is_right))
    }
}

#[cfg(test)]
#[path = "keys_tests.rs"]
mod tests;
