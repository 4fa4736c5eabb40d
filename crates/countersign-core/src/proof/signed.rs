//! The proof of every scheme with a signature but the plainest: any algorithm, several signatures,
//! a signed text of parts, a time. It is compiled once, for all providers and frameworks.

use std::sync::Arc;

use super::{
    Proven,
    check::{Check, Right, timely},
    frames::Frames,
    hashing::Hashing,
    inspected::{Inspected, Texts},
    prepared::Prepared,
    reading::{Lines, Single},
    signed_keys::SignedKeys,
    source::{KeptHead, Source},
    template::{BodyValues, Template},
    timing::Window,
};
use crate::{
    error::RejectionKind,
    scheme::{Part, Scheme, Signed},
    secret::{MatchedSecret, Secrets},
    url::PublicUrl,
};

/// A head with a well-formed proof, whose body is not known yet.
pub(crate) struct Unverified<'a> {
    scheme: &'static Scheme,
    signed: &'static Signed,
    source: &'a dyn Source,
    window: &'a Window,
    inspected: Inspected,
    texts: Texts<'a>,
}

impl<'a> Unverified<'a> {
    #[inline]
    pub(super) fn new(
        scheme: &'static Scheme,
        signed: &'static Signed,
        source: &'a dyn Source,
        window: &'a Window,
    ) -> Self {
        Self { scheme, signed, source, window, inspected: Inspected::default(), texts: Texts::default() }
    }

    /// Reads the proof.
    pub(super) fn read(&mut self, lines: &Lines<Single<'a>>) -> Result<(), RejectionKind> {
        self.inspected.read(self.signed, lines, self.source, &mut self.texts)
    }

    pub(super) fn scheme(&self) -> &'static Scheme {
        self.scheme
    }

    /// Checks the proof of a complete body.
    pub(super) fn verify<'k>(
        &self,
        keys: &'k Prepared<SignedKeys>,
        body: &[u8],
    ) -> Result<Proven<&'k MatchedSecret>, RejectionKind> {
        let check = Check { signed: self.signed, source: self.source, window: self.window, texts: &self.texts };
        check.verify(&keys.keys, &self.inspected, body)?.proven(self.scheme, keys)
    }

    /// Keeps what is needed of the head. `list` has the schemes of the list that this one is in.
    pub(super) fn keep(self, list: &'static [Scheme]) -> Kept {
        Kept {
            list,
            scheme: self.scheme,
            signed: self.signed,
            head: KeptHead::of(self.source, self.signed),
            window: *self.window,
            inspected: self.inspected,
        }
    }

    /// Begins to hash a body that arrives in pieces.
    pub(super) fn begin(self, keys: &Arc<Prepared<SignedKeys>>) -> Running {
        if self.signed.needs_body {
            return Running::Whole { kept: self.keep(&[]), keys: Arc::clone(keys) };
        }
        let values = BodyValues::default();
        let texts = keys.keys.entries().iter().map(|entry| {
            let url = entry.url.as_deref();
            let (signed, source, texts) = (self.signed, self.source, &self.texts);
            let template = Template { signed, source, values: &values, url, texts };
            let (mut text, mut after) = (entry.key.begin(), Vec::new());
            template.before(&mut |piece| text.update(piece));
            template.after(&mut |piece| after.extend_from_slice(piece));
            (text, after)
        });
        let texts = texts.collect();
        let (scheme, signed, window, inspected) = (self.scheme, self.signed, *self.window, self.inspected);
        Running::Pieces { scheme, signed, window, inspected, texts, keys: Arc::clone(keys) }
    }
}

/// A head with a well-formed proof, kept until its body is complete.
pub(crate) struct Kept {
    list: &'static [Scheme],
    scheme: &'static Scheme,
    signed: &'static Signed,
    head: KeptHead,
    window: Window,
    inspected: Inspected,
}

impl Kept {
    pub(super) fn scheme(&self) -> &'static Scheme {
        self.scheme
    }

    fn check(&self, keys: &SignedKeys, body: &[u8]) -> Result<Right, RejectionKind> {
        let texts = Texts::default();
        let check = Check { signed: self.signed, source: &self.head, window: &self.window, texts: &texts };
        check.verify(keys, &self.inspected, body)
    }

    /// Checks the proof against the secrets that a look-up found. If they are a stand-in, it takes as
    /// long.
    pub(super) fn verify_found(
        &self,
        secrets: &Secrets,
        is_known: bool,
        url: Option<&PublicUrl>,
        body: &[u8],
    ) -> Result<Proven, RejectionKind> {
        let found = is_known.then(|| SignedKeys::found(self.signed, self.list, secrets, url)).transpose()?;
        let (keys, has_key) = match found.filter(|keys| !keys.is_empty()) {
            Some(keys) => (keys, true),
            None => (SignedKeys::stand_in(self.signed, url), false),
        };
        let right = self.check(&keys, body);
        // Not even a proof under the stand-in counts.
        if !has_key {
            return Err(if is_known { RejectionKind::SignatureMismatch } else { RejectionKind::SecretNotFound });
        }
        right.and_then(|right| {
            let matched = secrets.matched(right.position);
            right.of(self.scheme, matched)
        })
    }
}

/// A proof while the body arrives.
pub(crate) enum Running {
    /// Hashed as it arrives.
    Pieces {
        scheme: &'static Scheme,
        signed: &'static Signed,
        window: Window,
        inspected: Inspected,
        /// The signed text under every key, and its end behind the body.
        texts: Vec<(Hashing, Vec<u8>)>,
        keys: Arc<Prepared<SignedKeys>>,
    },
    /// Hashed once it is complete: the scheme reads it.
    Whole { kept: Kept, keys: Arc<Prepared<SignedKeys>> },
}

impl Running {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Pieces { signed, texts, .. } if signed.parts.contains(&Part::Body) => {
                texts.iter_mut().for_each(|(text, _)| text.update(bytes));
            }
            // Nothing of the body is signed.
            Self::Pieces { .. } => {}
            Self::Whole { .. } => {}
        }
    }

    pub(super) fn finish(self, body: &mut Frames) -> Result<Proven, RejectionKind> {
        match self {
            Self::Whole { kept, keys } => {
                Ok(kept.check(&keys.keys, body.whole())?.proven(kept.scheme, &keys)?.cloned())
            }
            Self::Pieces { scheme, signed, window, inspected, texts, keys } => {
                let choices = keys.keys.entries().iter().zip(texts).map(|(entry, (mut text, after))| {
                    text.update(&after);
                    entry.key.is_right(text, &inspected.signatures)
                });
                let position = keys.keys.position(choices).ok_or(RejectionKind::SignatureMismatch)?;
                let sent_at = timely(signed, &window, inspected.time, || body.whole())?;
                Ok(Right { position, sent_at, is_sorted: false }.proven(scheme, &keys)?.cloned())
            }
        }
    }
}

#[cfg(test)]
#[path = "signed_tests.rs"]
mod tests;
