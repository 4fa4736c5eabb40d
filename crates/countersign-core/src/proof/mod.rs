//! Checks a delivery's proof against the accepted secrets, by the scheme's data.
//!
//! The most common scheme, one HMAC-SHA256 of the body in one header, takes a short way, which is
//! compiled for each provider. All other signatures take the way in `signed`.

mod accepted;
mod candidates;
mod challenge;
mod check;
mod content_coding;
mod decoding;
mod draft;
mod encoding;
mod form;
mod frames;
mod given;
mod hashing;
mod inspected;
mod json;
mod keys;
mod made;
mod prepared;
mod private;
mod reading;
mod room;
mod running;
mod sign;
mod signature;
mod signed;
mod signed_keys;
mod source;
mod template;
mod texts;
mod timing;
mod token;

use std::{sync::Arc, time::SystemTime};

pub(crate) use accepted::Accepted;
pub(crate) use challenge::Asked;
pub use content_coding::is_encoded;
pub use draft::Draft;
pub(crate) use form::sorted_form;
pub(crate) use frames::Frames;
pub(crate) use given::Given;
pub(crate) use keys::Keys;
pub use made::Proof;
pub(crate) use prepared::Prepared;
pub(crate) use reading::{Head, Lines, Single};
pub(crate) use room::Room;
pub(crate) use sign::signed_fields;
pub(crate) use signature::Tag;
pub(crate) use source::{KeptHead, Source};
pub(crate) use texts::{texts_in_body, value_in_head};
pub(crate) use timing::Window;
pub(crate) use token::Tokens;

use self::{running::Macs, signed_keys::SignedKeys, source::has_proof};
use crate::{
    error::RejectionKind,
    scheme::{Kind, Place, Plain, Scheme},
    secret::MatchedSecret,
};

/// What is left to verify after the head.
pub(crate) enum Unproven<'r, 'a> {
    /// Nothing: the head is enough.
    Nothing(&'static Scheme, &'r MatchedSecret),
    /// Whether the token in the body is one of these.
    TokenInBody { scheme: &'static Scheme, place: &'static Place, tokens: &'r Arc<Prepared<Tokens>> },
    /// It is in its room, because it is large.
    Signed(&'r mut Room<'a>, &'r Arc<Prepared<SignedKeys>>),
}

/// A proof while the body arrives.
pub(crate) enum Running {
    /// The head was enough.
    Proven(Proven),
    Mac {
        scheme: &'static Scheme,
        tag: Tag,
        macs: Macs,
        keys: Arc<Prepared<Keys>>,
    },
    TokenInBody {
        scheme: &'static Scheme,
        place: &'static Place,
        tokens: Arc<Prepared<Tokens>>,
    },
    Signed(Box<signed::Running>),
}

/// A proof that holds.
pub(crate) struct Proven<M = MatchedSecret> {
    pub(crate) matched: M,
    /// The scheme that matched.
    pub(crate) scheme: &'static Scheme,
    /// The signed time of sending.
    pub(crate) sent_at: Option<SystemTime>,
    /// Whether the sorted form of the body was signed, and not its bytes.
    pub(crate) is_sorted: bool,
}

impl Prepared<Keys> {
    /// Checks the proof of a complete body.
    #[inline]
    pub(crate) fn prove(
        &self,
        scheme: &'static Scheme,
        tag: &Tag,
        body: &[u8],
    ) -> Result<Proven<&MatchedSecret>, RejectionKind> {
        let matched = self.matched(self.keys.verify(std::iter::once(body), tag));
        matched.map(|matched| Proven::new(scheme, matched)).ok_or(RejectionKind::SignatureMismatch)
    }
}

impl Plain {
    /// Reads the tag.
    #[inline]
    pub(crate) fn read(self, head: &Head<'_>, tag: &mut Tag) -> Result<(), RejectionKind> {
        let [line, _] = &head.lines.signatures;
        signature::read(line, self, tag)
    }
}

impl<M> Proven<M> {
    #[inline]
    fn new(scheme: &'static Scheme, matched: M) -> Self {
        Self { matched, scheme, sent_at: None, is_sorted: false }
    }
}

impl Proven<&MatchedSecret> {
    #[inline]
    pub(crate) fn cloned(&self) -> Proven {
        let Self { matched, scheme, sent_at, is_sorted } = *self;
        Proven { matched: matched.clone(), scheme, sent_at, is_sorted }
    }
}

/// The scheme of a list that the delivery has a proof of: the first one, or else the last if its
/// proof is in the body.
#[inline]
fn chosen(scheme: &'static Scheme, source: &dyn Source) -> (usize, &'static Scheme) {
    let Kind::AnyOf(schemes) = &scheme.0 else { return (0, scheme) };
    let is_in_body = |scheme: &Scheme| scheme.proof_places().iter().flatten().any(|place| place.is_in_body());
    let has_proof = |(_, scheme): &(usize, &'static Scheme)| has_proof(source, scheme) || is_in_body(scheme);
    schemes.iter().enumerate().find(has_proof).unwrap_or((0, schemes.first().unwrap_or(scheme)))
}

const fn mismatch(scheme: &Scheme) -> RejectionKind {
    match &scheme.0 {
        Kind::Token { .. } => RejectionKind::TokenMismatch,
        Kind::Signed(_) | Kind::AnyOf(_) => RejectionKind::SignatureMismatch,
    }
}

impl<'r> Unproven<'r, '_> {
    /// The scheme whose proof the delivery has.
    #[inline]
    pub(crate) fn scheme(&self) -> &'static Scheme {
        match self {
            Self::Nothing(scheme, _) | Self::TokenInBody { scheme, .. } => scheme,
            Self::Signed(room, _) => room.get().scheme(),
        }
    }

    /// Begins the proof of a body that arrives in pieces.
    #[inline]
    pub(crate) fn begin(self) -> Running {
        match self {
            Self::Nothing(scheme, matched) => Running::Proven(Proven::new(scheme, matched.clone())),
            Self::TokenInBody { scheme, place, tokens } => {
                Running::TokenInBody { scheme, place, tokens: Arc::clone(tokens) }
            }
            Self::Signed(room, keys) => Running::Signed(Box::new(room.take().begin(keys))),
        }
    }

    /// Checks the proof of a complete body in one call.
    #[inline]
    pub(crate) fn verify(self, body: &[u8]) -> Result<Proven<&'r MatchedSecret>, RejectionKind> {
        match self {
            Self::Nothing(scheme, matched) => Ok(Proven::new(scheme, matched)),
            Self::TokenInBody { scheme, place, tokens } => verify_token(scheme, place, tokens, body),
            Self::Signed(room, keys) => room.get().verify(keys, body),
        }
    }
}

fn verify_token<'r>(
    scheme: &'static Scheme,
    place: &Place,
    tokens: &'r Prepared<Tokens>,
    body: &[u8],
) -> Result<Proven<&'r MatchedSecret>, RejectionKind> {
    let token = token::read_in_body(body, *place)?;
    tokens
        .matched(tokens.keys.verify(&token))
        .map(|matched| Proven::new(scheme, matched))
        .ok_or(RejectionKind::TokenMismatch)
}

impl Running {
    /// Begins the proof of a plain scheme.
    #[inline]
    pub(crate) fn plain(scheme: &'static Scheme, tag: Tag, keys: &Arc<Prepared<Keys>>) -> Self {
        Self::Mac { scheme, tag, macs: keys.keys.begin(), keys: Arc::clone(keys) }
    }

    /// Takes the next piece of the body.
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Mac { macs, .. } => macs.update(bytes),
            Self::Signed(running) => running.update(bytes),
            Self::Proven(_) | Self::TokenInBody { .. } => {}
        }
    }

    /// Checks the proof of the complete body. It is only joined if the scheme reads it.
    pub(crate) fn finish(self, body: &mut Frames) -> Result<Proven, RejectionKind> {
        match self {
            Self::Proven(proven) => Ok(proven),
            Self::Mac { scheme, tag, macs, keys } => {
                let matched = keys.matched(macs.verify(&tag)).cloned();
                matched.map(|matched| Proven::new(scheme, matched)).ok_or(RejectionKind::SignatureMismatch)
            }
            Self::TokenInBody { scheme, place, tokens } => {
                Ok(verify_token(scheme, place, &tokens, body.whole())?.cloned())
            }
            Self::Signed(running) => running.finish(body),
        }
    }
}
