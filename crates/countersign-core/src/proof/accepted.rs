//! The accepted secrets of a verifier.

use std::sync::Arc;

use super::{
    Proven, Unproven, chosen,
    keys::Keys,
    mismatch,
    signed::{Room, Unverified},
    signed_keys::SignedKeys,
    source::Source,
    timing::Window,
    token::{self, Tokens},
};
use crate::{
    error::{RejectionKind, SecretError},
    scheme::{Kind, Scheme},
    secret::Secrets,
    url::PublicUrl,
};

/// The accepted secrets, prepared for a scheme.
#[derive(Clone)]
pub(crate) enum Accepted {
    /// For a plain scheme.
    Keys(Arc<Keys>),
    Signed(Arc<SignedKeys>),
    Tokens(Arc<Tokens>),
    /// For each scheme of a list; `None` if no secret is a key for it.
    AnyOf(Arc<[Option<Accepted>]>),
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
            return Keys::of(scheme, secrets, title).map(|keys| Self::Keys(Arc::new(keys)));
        }
        match &scheme.0 {
            Kind::Signed(signed) => {
                SignedKeys::new(signed, secrets, url, title, false).map(|keys| Self::Signed(Arc::new(keys)))
            }
            Kind::Token { is_basic, .. } => {
                if *is_basic {
                    token::check_basic(secrets, title)?;
                }
                Ok(Self::Tokens(Arc::new(Tokens::new(secrets))))
            }
            Kind::AnyOf(schemes) => Self::any_of(schemes, secrets, url, title),
        }
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
                keys.map(|keys| Self::Signed(Arc::new(keys)))
            }
            _ => Some(Self::Tokens(Arc::new(Tokens::new(secrets)))),
        };
        Ok(Self::AnyOf(schemes.iter().map(of).collect()))
    }

    /// The keys of a plain scheme.
    #[inline]
    pub(crate) fn keys(&self) -> Option<&Arc<Keys>> {
        match self {
            Self::Keys(keys) => Some(keys),
            Self::Signed(_) | Self::Tokens(_) | Self::AnyOf(_) => None,
        }
    }

    /// Reads the proof of a scheme that is not plain, and checks what needs no body.
    pub(crate) fn check<'r, 'a>(
        &'r self,
        scheme: &'static Scheme,
        source: &'a dyn Source,
        room: &'r mut Room<'a>,
        window: impl FnOnce() -> Window,
    ) -> Result<Unproven<'r, 'a>, RejectionKind> {
        self.check_other(scheme, source, room, window())
    }

    fn check_other<'r, 'a>(
        &'r self,
        scheme: &'static Scheme,
        source: &'a dyn Source,
        room: &'r mut Room<'a>,
        window: Window,
    ) -> Result<Unproven<'r, 'a>, RejectionKind> {
        match (self, &scheme.0) {
            (Self::Signed(keys), Kind::Signed(signed)) => {
                room.fill(Unverified::read(scheme, signed, source, window)?);
                Ok(Unproven::Signed(room, keys))
            }
            (Self::Tokens(tokens), Kind::Token { place, .. }) if place.is_in_body() => {
                Ok(Unproven::TokenInBody { scheme, place: *place, tokens })
            }
            (Self::Tokens(tokens), Kind::Token { place, is_basic }) => {
                let token = token::read_at(source, place, *is_basic)?;
                let matched = tokens.verify(&token).ok_or(RejectionKind::TokenMismatch)?;
                Ok(Unproven::Nothing(Proven::new(scheme, matched)))
            }
            (Self::AnyOf(accepted), Kind::AnyOf(_)) => {
                let (position, scheme) = chosen(scheme, source);
                match accepted.get(position) {
                    Some(Some(accepted)) => accepted.check_other(scheme, source, room, window),
                    _ => Err(mismatch(scheme)),
                }
            }
            _ => unreachable!("they were prepared for the provider's one scheme"),
        }
    }
}
