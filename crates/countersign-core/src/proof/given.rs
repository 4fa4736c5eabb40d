//! The proof in a head, kept until its secrets are looked up.

use std::sync::LazyLock;

use super::{
    Proven, chosen,
    frames::Frames,
    keys::Keys,
    mismatch,
    reading::Head,
    signature::{self, Tag},
    signed::{Kept, Unverified},
    source::Source,
    timing::Window,
    token::{self, Digested, Tokens},
};
use crate::{
    error::RejectionKind,
    scheme::{Kind, Place, Plain, Scheme},
    secret::{Secret, Secrets},
    secret_shape,
    url::PublicUrl,
};

/// The proof that a head gives. It is well formed.
pub(crate) enum Given {
    Tag(&'static Scheme, Tag),
    Token(&'static Scheme, Digested),
    TokenInBody(&'static Scheme, Place),
    Signed(Box<Kept>),
}

impl Given {
    /// Reads the proof, exactly as the scheme's grammar says.
    #[inline]
    pub(crate) fn read(
        scheme: &'static Scheme,
        plain: Option<Plain>,
        head: &Head<'_>,
        source: &dyn Source,
        window: impl FnOnce() -> Window,
    ) -> Result<Self, RejectionKind> {
        if let Some(plain) = plain {
            let mut tag = Tag::default();
            signature::read(&head.signature, plain, &mut tag)?;
            return Ok(Self::Tag(scheme, tag));
        }
        let list = match &scheme.0 {
            Kind::AnyOf(schemes) => *schemes,
            Kind::Signed(_) | Kind::Token { .. } => &[],
        };
        let (_, scheme) = chosen(scheme, source);
        match &scheme.0 {
            Kind::Signed(signed) => {
                let unverified = Unverified::read(scheme, signed, source, window())?;
                Ok(Self::Signed(Box::new(unverified.keep(list))))
            }
            Kind::Token { place, .. } if place.is_in_body() => Ok(Self::TokenInBody(scheme, *place)),
            Kind::Token { place, is_basic } => {
                token::read_at(source, place, *is_basic).map(|token| Self::Token(scheme, token))
            }
            Kind::AnyOf(_) => unreachable!("a list has no lists in it"),
        }
    }

    /// The scheme whose proof the delivery has.
    pub(crate) fn scheme(&self) -> &'static Scheme {
        match self {
            Self::Tag(scheme, _) | Self::Token(scheme, _) | Self::TokenInBody(scheme, _) => scheme,
            Self::Signed(kept) => kept.scheme(),
        }
    }

    /// Checks the proof against the secrets that a look-up found. Without any, it does the same
    /// work, so that its timing does not reveal which IDs exist. Public keys have no such stand-in.
    pub(crate) fn verify(
        &self,
        body: &mut Frames,
        found: Option<Secrets>,
        url: Option<&PublicUrl>,
        provider: &'static str,
    ) -> Result<Proven, RejectionKind> {
        #[expect(clippy::expect_used, reason = "32 bytes are not empty")]
        static NONE: LazyLock<Secrets> =
            LazyLock::new(|| Secrets::from(Secret::new([0_u8; 32]).expect("a stand-in is not empty")));

        let is_known = found.is_some();
        // A copy, as a look-up makes one: to allocate it and to wipe it takes time, too.
        let secrets = found.unwrap_or_else(|| NONE.clone());
        let proven = self.verify_with(body, &secrets, is_known, url);
        // Of a secret that matched, there is nothing to warn, whatever else is wrong.
        if let Err(
            RejectionKind::SignatureMismatch
            | RejectionKind::TokenMismatch
            | RejectionKind::LookupFailed
            | RejectionKind::SecretNotFound,
        ) = proven
        {
            secret_shape::warn_of_found(&secrets, provider, is_known);
        }
        // Not even a proof under the stand-in counts.
        if is_known { proven } else { Err(RejectionKind::SecretNotFound) }
    }

    fn verify_with(
        &self,
        body: &mut Frames,
        secrets: &Secrets,
        is_known: bool,
        url: Option<&PublicUrl>,
    ) -> Result<Proven, RejectionKind> {
        let (scheme, position) = match self {
            Self::Signed(kept) => return kept.verify_found(secrets, is_known, url, body.whole()),
            Self::Tag(scheme, tag) => {
                // A secret that is not a key cannot decide: it is a mistake of the look-up.
                let keys = if is_known { Keys::of(scheme, secrets, "") } else { Keys::verbatim(secrets) };
                (scheme, keys.map_err(|_| RejectionKind::LookupFailed)?.verify(body.pieces(), tag))
            }
            Self::Token(scheme, token) => (scheme, Tokens::new(secrets).verify(token)),
            Self::TokenInBody(scheme, place) => {
                (scheme, Tokens::new(secrets).verify(&token::read_in_body(body.whole(), *place)?))
            }
        };
        let matched = position.and_then(|position| secrets.matched(position));
        matched.map(|matched| Proven::new(scheme, matched)).ok_or(mismatch(scheme))
    }
}
