//! The accepted secrets of a verifier.

use std::sync::Arc;

use super::{
    Unproven, chosen,
    keys::Keys,
    mismatch,
    prepared::Prepared,
    reading::{Lines, Single},
    room::Room,
    signed_keys::SignedKeys,
    source::{Source, lines_of},
    timing::Window,
    token::{self, Tokens},
};
use crate::{
    error::{RejectionKind, SecretError},
    scheme::{Kind, Scheme},
    secret::{MatchedSecret, Secrets},
    url::PublicUrl,
};

/// The accepted secrets, prepared for a scheme.
#[derive(Clone)]
pub(crate) enum Accepted {
    /// For a plain scheme.
    Keys(Arc<Prepared<Keys>>),
    Signed(Arc<Prepared<SignedKeys>>),
    Tokens(Arc<Prepared<Tokens>>),
    /// For each scheme of a list; `None` if no secret is a key for it.
    AnyOf(Arc<Prepared<Vec<Option<Accepted>>>>),
}

impl Accepted {
    /// Prepares the secrets. `title` names the provider in errors.
    pub(crate) fn new(
        scheme: &'static Scheme,
        secrets: &Secrets,
        url: Option<&PublicUrl>,
        title: &str,
    ) -> Result<Self, SecretError> {
        if scheme.as_plain().is_some() {
            return Keys::of(scheme, secrets, title).map(|keys| Self::Keys(Prepared::new(keys, secrets).into()));
        }
        match &scheme.0 {
            Kind::Signed(signed) => {
                let keys = SignedKeys::new(signed, secrets, url, title, false)?;
                Ok(Self::Signed(Prepared::new(keys, secrets).into()))
            }
            Kind::Token { is_basic, .. } => {
                if *is_basic {
                    token::check_basic(secrets, title)?;
                }
                Ok(Self::tokens(secrets))
            }
            Kind::AnyOf(schemes) => Self::any_of(schemes, secrets, url, title),
        }
    }

    fn tokens(secrets: &Secrets) -> Self {
        Self::Tokens(Prepared::new(Tokens::new(secrets), secrets).into())
    }

    /// Each secret has to be a key for one of the schemes.
    fn any_of(
        schemes: &'static [Scheme],
        secrets: &Secrets,
        url: Option<&PublicUrl>,
        title: &str,
    ) -> Result<Self, SecretError> {
        for secret in secrets.iter() {
            let mut errors = schemes.iter().map(|scheme| Self::new(scheme, &secret.clone().into(), url, title).err());
            if let Some(Some(error)) = errors.next()
                && errors.all(|error| error.is_some())
            {
                return Err(error);
            }
        }
        let of = |scheme: &'static Scheme| match &scheme.0 {
            Kind::Signed(signed) => {
                let keys = SignedKeys::new(signed, secrets, url, title, true).ok().filter(|keys| !keys.is_empty());
                keys.map(|keys| Self::Signed(Prepared::new(keys, secrets).into()))
            }
            _ => Some(Self::tokens(secrets)),
        };
        Ok(Self::AnyOf(Prepared::new(schemes.iter().map(of).collect(), secrets).into()))
    }

    /// Returns what is told of each accepted secret if it matches.
    pub(crate) fn secrets(&self) -> &[MatchedSecret] {
        match self {
            Self::Keys(keys) => &keys.matches,
            Self::Signed(keys) => &keys.matches,
            Self::Tokens(tokens) => &tokens.matches,
            Self::AnyOf(accepted) => &accepted.matches,
        }
    }

    /// The keys of a plain scheme.
    #[inline]
    pub(crate) fn keys(&self) -> Option<&Arc<Prepared<Keys>>> {
        match self {
            Self::Keys(keys) => Some(keys),
            Self::Signed(_) | Self::Tokens(_) | Self::AnyOf(_) => None,
        }
    }

    /// Reads the proof of a scheme that is not plain, and checks what needs no body.
    pub(crate) fn check<'r, 'a>(
        &'r self,
        scheme: &'static Scheme,
        lines: &Lines<Single<'a>>,
        source: &'a dyn Source,
        room: &'r mut Room<'a>,
        window: &'a Window,
    ) -> Result<Unproven<'r, 'a>, RejectionKind> {
        match (self, &scheme.0) {
            (Self::Signed(keys), Kind::Signed(signed)) => {
                room.read(scheme, signed, lines, source, window)?;
                Ok(Unproven::Signed(room, keys))
            }
            (Self::Tokens(tokens), Kind::Token { place, .. }) if place.is_in_body() => {
                Ok(Unproven::TokenInBody { scheme, place, tokens })
            }
            (Self::Tokens(tokens), Kind::Token { place, is_basic }) => {
                let token = token::read_at(source, place, *is_basic)?;
                let matched = tokens.matched(tokens.keys.verify(&token)).ok_or(RejectionKind::TokenMismatch)?;
                Ok(Unproven::Nothing(scheme, matched))
            }
            (Self::AnyOf(accepted), Kind::AnyOf(_)) => {
                let (position, scheme) = chosen(scheme, source);
                match accepted.keys.get(position) {
                    Some(Some(accepted)) => accepted.check(scheme, &lines_of(source, scheme), source, room, window),
                    _ => Err(mismatch(scheme)),
                }
            }
            _ => unreachable!("they were prepared for the provider's one scheme"),
        }
    }
}
