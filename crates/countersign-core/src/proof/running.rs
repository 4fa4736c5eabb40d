//! A MAC while the body arrives.

use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::{Choice, ConditionallySelectable};

use super::signature::Tag;

/// A running MAC under every accepted secret at once.
pub(crate) struct Macs {
    pub(super) current: Hmac<Sha256>,
    pub(super) others: Vec<Hmac<Sha256>>,
}

impl Macs {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.current.update(bytes);
        for mac in &mut self.others {
            mac.update(bytes);
        }
    }

    /// Returns the position of the secret under which `tag` is right.
    pub(super) fn verify(self, tag: &Tag) -> Option<usize> {
        first(is_right(self.current, tag), self.others.into_iter().map(|mac| is_right(mac, tag)))
    }
}

/// Compares all 32 bytes, whatever they are.
#[inline]
pub(super) fn is_right(mac: Hmac<Sha256>, tag: &Tag) -> Choice {
    Choice::from(u8::from(mac.verify_slice(tag).is_ok()))
}

/// Returns the position of the first that is right. Every one is tried: time reveals neither which
/// one it was nor whether there was any.
#[inline]
pub(super) fn first(current: Choice, others: impl Iterator<Item = Choice>) -> Option<usize> {
    let (mut found, mut position) = (current, 0_u64);
    for (index, is_right) in (1..).zip(others) {
        position.conditional_assign(&index, is_right & !found);
        found |= is_right;
    }
    bool::from(found).then(|| usize::try_from(position).unwrap_or_default())
}
