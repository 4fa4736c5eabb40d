//! The prepared keys of a scheme with a signature.

use std::sync::Arc;

use subtle::Choice;

use super::{
    decoding::{self, shape},
    hashing::PreparedKey,
    running::first,
};
use crate::{
    error::{RejectionKind, SecretError},
    scheme::{Kind, Scheme, Signed},
    secret::{Secret, Secrets},
    url::PublicUrl,
};

/// The prepared keys of a scheme.
#[derive(Clone)]
pub(crate) struct SignedKeys {
    entries: Vec<Entry>,
}

/// A key, with the URL that it signs: a secret whose provider may leave the port out has two.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) key: PreparedKey,
    pub(super) url: Option<Arc<str>>,
    /// The position of its secret.
    pub(super) position: usize,
}

impl SignedKeys {
    /// Prepares the keys. A secret that is not a key of this scheme is an error, unless
    /// `skips_others`: then it is left out.
    pub(super) fn new(
        signed: &Signed,
        secrets: &Secrets,
        url: Option<&PublicUrl>,
        title: &str,
        skips_others: bool,
    ) -> Result<Self, SecretError> {
        let mut entries = Vec::new();
        for (position, secret) in secrets.iter().enumerate() {
            let Some(key) = decoding::prepare(signed, secret.bytes()) else {
                if skips_others {
                    continue;
                }
                return Err(SecretError::not_a_key(title, &signed.key, &shape(secret.bytes())));
            };
            let other = url.filter(|_| signed.has_port_variants).and_then(PublicUrl::with_other_port);
            for url in [url.map(PublicUrl::text), other].into_iter().flatten().map(Some) {
                entries.push(Entry { key: key.clone(), url, position });
            }
            if url.is_none() {
                entries.push(Entry { key, url: None, position });
            }
        }
        Ok(Self { entries })
    }

    /// Prepares the keys that a look-up found. A secret that is not a key cannot decide: it is a mistake
    /// of the look-up. If the scheme is in a `list`, it may be a key for another one of it.
    pub(super) fn found(
        signed: &Signed,
        list: &[Scheme],
        secrets: &Secrets,
        url: Option<&PublicUrl>,
    ) -> Result<Self, RejectionKind> {
        let is_key = |secret: &Secret| {
            list.iter().any(|scheme| match &scheme.0 {
                Kind::Signed(signed) => decoding::prepare(signed, secret.bytes()).is_some(),
                // Any text is a token.
                Kind::Token { .. } | Kind::AnyOf(_) => true,
            })
        };
        if !list.is_empty() && !secrets.iter().all(is_key) {
            return Err(RejectionKind::LookupFailed);
        }
        Self::new(signed, secrets, url, "", !list.is_empty()).map_err(|_| RejectionKind::LookupFailed)
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// A key that nobody has, for the time that it takes.
    pub(super) fn stand_in(signed: &Signed, url: Option<&PublicUrl>) -> Self {
        let key = decoding::symmetric(signed.algorithm, &[0; 32]);
        let url = url.map(PublicUrl::text);
        Self { entries: key.map(|key| Entry { key, url, position: 0 }).into_iter().collect() }
    }

    /// Returns the position of the secret whose key is right.
    #[inline]
    pub(super) fn verify(&self, is_right: impl Fn(&Entry) -> Choice) -> Option<usize> {
        self.position(self.entries.iter().map(is_right))
    }

    /// Returns the position of the secret that the first right one of `choices`, one for each entry,
    /// belongs to.
    #[inline]
    pub(super) fn position(&self, mut choices: impl Iterator<Item = Choice>) -> Option<usize> {
        let index = first(choices.next()?, choices)?;
        self.entries.get(index).map(|entry| entry.position)
    }
}
