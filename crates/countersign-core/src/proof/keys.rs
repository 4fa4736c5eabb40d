//! The keyed states of every accepted secret, prepared once.

use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{
    decoding::{secret_key, shape},
    running::{Macs, first, is_right},
    signature::Tag,
};
use crate::{
    error::SecretError,
    scheme::{self as form, Kind, Scheme},
    secret::{MatchedSecret, Secret, Secrets},
};

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
    /// `None` if the secret is not a key of this form.
    fn new(form: &form::Key, secret: &Secret) -> Option<Self> {
        let key = secret_key(form, secret.bytes()).filter(|key| !key.is_empty())?;
        // RFC 2104: no length is invalid.
        Some(Self { mac: Hmac::new_from_slice(&key).ok()?, label: secret.label() })
    }
}

impl Keys {
    /// Prepares the secrets for a plain scheme. `title` names the provider in the error.
    pub(super) fn of(scheme: &Scheme, secrets: &Secrets, title: &str) -> Result<Self, SecretError> {
        let form = match &scheme.0 {
            Kind::Signed(signed) => signed.key,
            Kind::Token { .. } | Kind::AnyOf(_) => form::Key::Verbatim,
        };
        let key = |secret: &Secret| {
            Key::new(&form, secret).ok_or_else(|| SecretError::not_a_key(title, &form, &shape(secret.bytes())))
        };
        let mut keys = secrets.iter();
        #[expect(clippy::expect_used, reason = "`Secrets` has a current one by its type")]
        let current = key(keys.next().expect("there is a current secret"))?;
        Ok(Self { current, previous: keys.map(key).collect::<Result<_, _>>()?, tenant: secrets.tenant() })
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
