//! The keyed states of every accepted secret, prepared once.

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
    secret::{Secret, Secrets},
};

/// HMAC states after the key block: cloning one is a third of the cost of setting the key up. Wiped
/// on drop.
#[derive(Clone)]
pub(crate) struct Keys {
    current: Hmac<Sha256>,
    others: Vec<Hmac<Sha256>>,
}

/// `None` if the secret is not a key of this form.
fn key(form: &form::Key, secret: &Secret) -> Option<Hmac<Sha256>> {
    let key = secret_key(form, secret.bytes()).filter(|key| !key.is_empty())?;
    // RFC 2104: no length is invalid.
    Hmac::new_from_slice(&key).ok()
}

impl Keys {
    /// Prepares the secrets for a plain scheme. `title` names the provider in the error.
    pub(super) fn of(scheme: &Scheme, secrets: &Secrets, title: &str) -> Result<Self, SecretError> {
        let form = match &scheme.0 {
            Kind::Signed(signed) => signed.key,
            Kind::Token { .. } | Kind::AnyOf(_) => form::Key::Verbatim,
        };
        Self::new(form, secrets, title)
    }

    /// Prepares secrets of any form, byte for byte: for a stand-in.
    pub(super) fn verbatim(secrets: &Secrets) -> Result<Self, SecretError> {
        Self::new(form::Key::Verbatim, secrets, "")
    }

    fn new(form: form::Key, secrets: &Secrets, title: &str) -> Result<Self, SecretError> {
        let mut keys = secrets.iter().map(|secret| {
            key(&form, secret).ok_or_else(|| SecretError::not_a_key(title, &form, &shape(secret.bytes())))
        });
        #[expect(clippy::expect_used, reason = "`Secrets` has a current one by its type")]
        let current = keys.next().expect("there is a current secret")?;
        Ok(Self { current, others: keys.collect::<Result<_, _>>()? })
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
