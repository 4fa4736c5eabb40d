//! The prepared keys of a scheme with a signature.

use std::sync::Arc;

use subtle::Choice;

use super::{
    decoding::{self, shape},
    hashing::Prepared,
    running::first,
};
use crate::{
    error::SecretError,
    scheme::Signed,
    secret::{MatchedSecret, Secrets},
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
    pub(super) key: Prepared,
    pub(super) url: Option<Arc<str>>,
    pub(super) matched: MatchedSecret,
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
            let matched = MatchedSecret::new(position, secret.label(), secrets.tenant());
            let other = url.filter(|_| signed.has_port_variants).and_then(PublicUrl::with_other_port);
            for url in [url.map(PublicUrl::text), other].into_iter().flatten().map(Some) {
                entries.push(Entry { key: key.clone(), url, matched: matched.clone() });
            }
            if url.is_none() {
                entries.push(Entry { key, url: None, matched });
            }
        }
        Ok(Self { entries })
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
        let matched = MatchedSecret::new(0, None, None);
        let url = url.map(PublicUrl::text);
        Self { entries: key.map(|key| Entry { key, url, matched }).into_iter().collect() }
    }

    pub(super) fn verify(&self, is_right: impl Fn(&Entry) -> Choice) -> Option<MatchedSecret> {
        let mut choices = self.entries.iter().map(is_right);
        let position = first(choices.next()?, choices)?;
        self.entries.get(position).map(|entry| entry.matched.clone())
    }
}
