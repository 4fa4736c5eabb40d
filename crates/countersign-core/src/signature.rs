//! Signatures: their grammar, and the MAC under every accepted secret.

use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::{Choice, ConditionallySelectable};

use crate::{
    error::VerifyErrorKind,
    head::Single,
    secret::{MatchedSecret, Secret, Secrets},
};

#[cfg(test)]
#[path = "counting_hash.rs"]
pub(crate) mod counting_hash;

#[cfg(not(test))]
type Hash = Sha256;
/// Counts what it compresses.
#[cfg(test)]
type Hash = counting_hash::CountingSha256;

/// A full HMAC-SHA256 tag, decoded.
pub(crate) type Tag = [u8; 32];

/// The tag in `header`: exactly one header, exactly `prefix` and 64 hex digits in either case.
pub(crate) fn read(header: &Single<'_>, prefix: &str) -> Result<Tag, VerifyErrorKind> {
    match header {
        Single::Missing => Err(VerifyErrorKind::MissingSignature),
        Single::One(value) => parse(value, prefix).ok_or(VerifyErrorKind::MalformedSignature),
        Single::Repeated => Err(VerifyErrorKind::MalformedSignature),
    }
}

/// `prefix`, then 64 hex digits, and nothing before, between or after.
fn parse(value: &[u8], prefix: &str) -> Option<Tag> {
    let digits = value.strip_prefix(prefix.as_bytes())?;
    // The length first: `0x` before the digits would be taken off.
    let digits: &[u8; 64] = digits.try_into().ok()?;
    const_hex::decode_to_array(digits).ok()
}

/// The keyed states of every accepted secret, prepared once.
#[derive(Clone)]
pub(crate) struct Keys {
    current: Key,
    previous: Vec<Key>,
    tenant: Option<Arc<str>>,
}

/// HMAC state after the key block: cloning it is a third of the cost of setting the key up. Wiped on drop.
#[derive(Clone)]
struct Key {
    mac: Hmac<Hash>,
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
    pub(crate) fn new(secrets: &Secrets) -> Self {
        let mut keys = secrets.iter().map(Key::new);
        #[expect(clippy::expect_used, reason = "`Secrets` has a current one by its type")]
        let current = keys.next().expect("there is a current secret");
        Self { current, previous: keys.collect(), tenant: secrets.tenant() }
    }

    /// Begins a MAC under every secret.
    pub(crate) fn begin(&self) -> Macs {
        Macs {
            current: self.current.mac.clone(),
            // Empty without a rotation, and an empty `Vec` allocates nothing.
            previous: self.previous.iter().map(|key| key.mac.clone()).collect(),
        }
    }

    /// The secret under which `tag` is right for the whole body, given in pieces.
    pub(crate) fn verify<'a>(
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

    pub(crate) fn matched(&self, position: usize) -> MatchedSecret {
        let key = position.checked_sub(1).and_then(|index| self.previous.get(index)).unwrap_or(&self.current);
        MatchedSecret::new(position, key.label.clone(), self.tenant.clone())
    }
}

/// A MAC under way, under every accepted secret at once.
pub(crate) struct Macs {
    current: Hmac<Hash>,
    previous: Vec<Hmac<Hash>>,
}

impl Macs {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.current.update(bytes);
        for mac in &mut self.previous {
            mac.update(bytes);
        }
    }

    /// The position of the secret under which `tag` is right.
    pub(crate) fn verify(self, tag: &Tag) -> Option<usize> {
        first(is_right(self.current, tag), self.previous.into_iter().map(|mac| is_right(mac, tag)))
    }
}

/// Compares all 32 bytes, whatever they are.
fn is_right(mac: Hmac<Hash>, tag: &Tag) -> Choice {
    Choice::from(u8::from(mac.verify_slice(tag).is_ok()))
}

/// The position of the first that is right. Every one is tried, and neither which it was nor whether there was any shows
/// before the end.
fn first(current: Choice, previous: impl Iterator<Item = Choice>) -> Option<usize> {
    let (mut found, mut position) = (current, 0_u64);
    for (index, is_right) in (1..).zip(previous) {
        position.conditional_assign(&index, is_right & !found);
        found |= is_right;
    }
    bool::from(found).then(|| usize::try_from(position).unwrap_or_default())
}

#[cfg(test)]
#[path = "signature_tests.rs"]
mod tests;
