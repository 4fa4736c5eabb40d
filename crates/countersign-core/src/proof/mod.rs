//! Checks a delivery's proof against the accepted secrets, by the scheme's data.

mod coding;
mod frames;
mod keys;
mod prepared;
mod reading;
mod running;
mod sign;
mod signature;
mod token;

use std::sync::{Arc, LazyLock};

pub use coding::is_encoded;
pub(crate) use frames::Frames;
pub(crate) use reading::{Head, Single};
pub use sign::Proof;

use self::{
    keys::Keys,
    prepared::Prepared,
    running::Macs,
    signature::Tag,
    token::{Digested, Tokens},
};
use crate::{
    error::RejectionKind,
    scheme::{Kind, Scheme},
    secret::{MatchedSecret, Secret, Secrets},
    secret_shape,
};

/// The accepted secrets, prepared for a scheme.
#[derive(Clone)]
pub(crate) enum Accepted {
    Keys(Arc<Prepared<Keys>>),
    Tokens(Arc<Prepared<Tokens>>),
}

/// The proof that a head gives. It is well formed.
pub(crate) enum Given {
    Tag(Tag),
    Token(Digested),
}

/// What is left to verify after the head.
pub(crate) enum Unproven<'a> {
    /// Nothing: the head is enough.
    Nothing(MatchedSecret),
    /// Whether the tag matches the body under one of the keys.
    Body { tag: Tag, keys: &'a Arc<Prepared<Keys>> },
}

/// A proof while the body arrives.
pub(crate) enum Running {
    /// The head was enough.
    Proven(MatchedSecret),
    Mac {
        tag: Tag,
        macs: Macs,
        keys: Arc<Prepared<Keys>>,
    },
}

impl Given {
    /// Reads the proof, exactly as the scheme's grammar says.
    #[inline]
    pub(crate) fn read(scheme: Scheme, head: &Head<'_>, query: Option<&str>) -> Result<Self, RejectionKind> {
        match scheme.0 {
            Kind::HmacSha256 { prefix, .. } => signature::read(&head.signature, prefix).map(Self::Tag),
            Kind::UrlToken { parameter } => token::read(query, parameter).map(Self::Token),
        }
    }

    /// Checks the proof against the secrets that a look-up found. Without any, it does the same
    /// work, so that its timing does not reveal which IDs exist.
    pub(crate) fn verify(
        &self,
        body: &Frames,
        found: Option<Secrets>,
        provider: &'static str,
    ) -> Result<MatchedSecret, RejectionKind> {
        #[expect(clippy::expect_used, reason = "32 bytes are not empty")]
        static NONE: LazyLock<Secrets> =
            LazyLock::new(|| Secrets::from(Secret::new([0_u8; 32]).expect("a stand-in is not empty")));

        let is_known = found.is_some();
        // A copy, as a look-up makes one: to allocate it and to wipe it takes time, too.
        let secrets = found.unwrap_or_else(|| NONE.clone());
        let (position, mismatch) = match self {
            Self::Tag(tag) => (Keys::new(&secrets).verify(body.pieces(), tag), RejectionKind::SignatureMismatch),
            Self::Token(token) => (Tokens::new(&secrets).verify(token), RejectionKind::TokenMismatch),
        };
        if position.is_none() {
            secret_shape::warn_of_found(&secrets, provider, is_known);
        }
        // Not even a proof under the stand-in counts.
        let matched = position.filter(|_| is_known).and_then(|position| secrets.matched(position));
        matched.ok_or(if is_known { mismatch } else { RejectionKind::SecretNotFound })
    }
}

impl Accepted {
    pub(crate) fn new(scheme: Scheme, secrets: &Secrets) -> Self {
        match scheme.0 {
            Kind::HmacSha256 { .. } => Self::Keys(Arc::new(Prepared::new(Keys::new(secrets), secrets))),
            Kind::UrlToken { .. } => Self::Tokens(Arc::new(Prepared::new(Tokens::new(secrets), secrets))),
        }
    }

    /// Returns what is told of each accepted secret if it matches.
    pub(crate) fn secrets(&self) -> &[MatchedSecret] {
        match self {
            Self::Keys(keys) => &keys.matches,
            Self::Tokens(tokens) => &tokens.matches,
        }
    }

    /// Reads the proof, and checks what needs no body.
    #[inline]
    pub(crate) fn check(
        &self,
        scheme: Scheme,
        head: &Head<'_>,
        query: Option<&str>,
    ) -> Result<Unproven<'_>, RejectionKind> {
        match (self, scheme.0) {
            (Self::Keys(keys), Kind::HmacSha256 { prefix, .. }) => {
                Ok(Unproven::Body { tag: signature::read(&head.signature, prefix)?, keys })
            }
            (Self::Tokens(tokens), Kind::UrlToken { parameter }) => {
                let token = token::read(query, parameter)?;
                tokens.matched(tokens.keys.verify(&token)).map(Unproven::Nothing).ok_or(RejectionKind::TokenMismatch)
            }
            (Self::Keys(_), Kind::UrlToken { .. }) | (Self::Tokens(_), Kind::HmacSha256 { .. }) => {
                unreachable!("they were prepared for the provider's one scheme")
            }
        }
    }
}

impl Unproven<'_> {
    /// Begins the proof of a body that arrives in pieces.
    #[inline]
    pub(crate) fn begin(self) -> Running {
        match self {
            Self::Nothing(matched) => Running::Proven(matched),
            Self::Body { tag, keys } => Running::Mac { tag, macs: keys.keys.begin(), keys: Arc::clone(keys) },
        }
    }

    /// Checks the proof of a complete body in one call.
    #[inline]
    pub(crate) fn verify(self, body: &[u8]) -> Result<MatchedSecret, RejectionKind> {
        match self {
            Self::Nothing(matched) => Ok(matched),
            Self::Body { tag, keys } => {
                keys.matched(keys.keys.verify(std::iter::once(body), &tag)).ok_or(RejectionKind::SignatureMismatch)
            }
        }
    }
}

impl Running {
    /// Takes the next piece of the body.
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Mac { macs, .. } => macs.update(bytes),
            Self::Proven(_) => {}
        }
    }

    /// Checks the proof of the complete body.
    pub(crate) fn finish(self) -> Result<MatchedSecret, RejectionKind> {
        match self {
            Self::Proven(matched) => Ok(matched),
            Self::Mac { tag, macs, keys } => keys.matched(macs.verify(&tag)).ok_or(RejectionKind::SignatureMismatch),
        }
    }
}
