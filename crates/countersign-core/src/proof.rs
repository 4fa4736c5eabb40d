//! A delivery's proof and what it is held against, whatever the scheme.

use std::sync::{Arc, LazyLock};

use crate::{
    body::Frames,
    error::VerifyErrorKind,
    head::Headers,
    lookup::Lookup,
    provider::Provider,
    scheme::Scheme,
    secret::{MatchedSecret, Secret, Secrets},
    signature::{self, Keys, Macs, Tag},
    token::{self, Digested, Tokens},
    trust::Trust,
};

/// What deliveries are held against.
#[derive(Clone)]
pub(crate) enum Accepted {
    Keys(Arc<Keys>),
    Tokens(Tokens),
    LookedUp(Lookup),
}

/// What the head gives as proof. It is well formed.
pub(crate) enum Given {
    Tag(Tag),
    Token(Digested),
}

/// What the head leaves to be shown.
pub(crate) enum Unproven<'a> {
    /// Nothing: the head proved it.
    Nothing(MatchedSecret),
    /// That the tag is the body's, under one of the keys.
    Body { tag: Tag, keys: &'a Arc<Keys> },
    /// That it holds against secrets that are looked up once the body is whole.
    LookUp { given: Given, lookup: &'a Lookup },
}

/// How far the proof is, while the body is coming.
pub(crate) enum Pending {
    Proven(MatchedSecret),
    Mac { tag: Tag, macs: Macs, keys: Arc<Keys> },
    LookUp { given: Given, lookup: Lookup },
}

impl From<Unproven<'_>> for Pending {
    fn from(unproven: Unproven<'_>) -> Self {
        match unproven {
            Unproven::Nothing(matched) => Self::Proven(matched),
            Unproven::Body { tag, keys } => Self::Mac { tag, macs: keys.begin(), keys: Arc::clone(keys) },
            Unproven::LookUp { given, lookup } => Self::LookUp { given, lookup: lookup.clone() },
        }
    }
}

impl Accepted {
    pub(crate) fn new<P: Provider>(secrets: &Secrets) -> Self {
        match P::SCHEME {
            Scheme::HmacSha256 { .. } => Self::Keys(Arc::new(Keys::new(secrets))),
            Scheme::UrlToken { .. } => Self::Tokens(Tokens::new(secrets)),
        }
    }

    /// Reads the proof, and holds it against what needs no body.
    pub(crate) fn check<P: Provider>(
        &self,
        headers: &Headers<'_>,
        query: Option<&str>,
    ) -> Result<Unproven<'_>, VerifyErrorKind> {
        match (self, P::SCHEME) {
            (Self::Keys(keys), Scheme::HmacSha256 { prefix, .. }) => {
                Ok(Unproven::Body { tag: signature::read(&headers.signature, prefix)?, keys })
            }
            (Self::Tokens(tokens), Scheme::UrlToken { parameter }) => {
                let token = token::read(query, parameter)?;
                tokens.verify(&token).map(Unproven::Nothing).ok_or(VerifyErrorKind::TokenMismatch)
            }
            (Self::LookedUp(lookup), Scheme::HmacSha256 { prefix, .. }) => {
                Ok(Unproven::LookUp { given: Given::Tag(signature::read(&headers.signature, prefix)?), lookup })
            }
            (Self::LookedUp(lookup), Scheme::UrlToken { parameter }) => {
                Ok(Unproven::LookUp { given: Given::Token(token::read(query, parameter)?), lookup })
            }
            (Self::Keys(_), Scheme::UrlToken { .. }) | (Self::Tokens(_), Scheme::HmacSha256 { .. }) => {
                unreachable!("they were made for the provider's one scheme")
            }
        }
    }
}

impl Given {
    /// Holds the proof against the secrets that a look-up found. Where it found none, as much is done: who tries ids must
    /// not see by the time which of them exist.
    pub(crate) fn verify(&self, body: &Frames, found: Option<Secrets>) -> Result<MatchedSecret, VerifyErrorKind> {
        static NONE: LazyLock<Secrets> = LazyLock::new(|| Secrets::new(Secret::from([0_u8; 32].as_slice())));

        let is_known = found.is_some();
        let secrets = found.unwrap_or_else(|| NONE.clone());
        let (matched, mismatch) = match self {
            Self::Tag(tag) => (Keys::new(&secrets).verify(body.pieces(), tag), VerifyErrorKind::SignatureMismatch),
            Self::Token(token) => (Tokens::new(&secrets).verify(token), VerifyErrorKind::TokenMismatch),
        };
        // Not even a proof under the stand-in counts.
        if is_known { matched.ok_or(mismatch) } else { Err(VerifyErrorKind::SecretNotFound) }
    }
}

/// How sure one may be of a delivery whose proof held.
pub(crate) const fn trust<P: Provider>() -> Trust {
    match P::SCHEME {
        Scheme::HmacSha256 { .. } => Trust::Signed,
        Scheme::UrlToken { .. } => Trust::TokenOnly,
    }
}
