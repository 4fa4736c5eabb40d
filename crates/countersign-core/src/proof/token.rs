//! Tokens: found at their place and compared in constant time.

use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

use super::{
    encoding::decode,
    source::{Source, one},
    template::BodyValues,
};
use crate::{
    error::{RejectionKind, SecretError},
    scheme::{Coding, Place, is_spelling_of, pairs},
    secret::Secrets,
};

/// A token's SHA-256 digest.
pub(super) type Digested = Zeroizing<[u8; 32]>;

/// The digests of every accepted token. Digests, so that a comparison reveals nothing about a
/// token's length.
#[derive(Clone)]
pub(crate) struct Tokens(Vec<Digested>);

impl Tokens {
    pub(crate) fn new(secrets: &Secrets) -> Self {
        Self(secrets.iter().map(|secret| digest(secret.bytes())).collect())
    }

    /// Returns the position of the accepted token that equals `given`.
    pub(super) fn verify(&self, given: &Digested) -> Option<usize> {
        let mut matched = Choice::from(0);
        let mut position = 0_u64;
        for (index, digest) in (0..).zip(&self.0) {
            let equal = digest.ct_eq(given.as_slice());
            position.conditional_assign(&index, equal & !matched);
            matched |= equal;
        }
        bool::from(matched).then(|| usize::try_from(position).unwrap_or_default())
    }
}

/// Reads the one token at a place in the head.
pub(super) fn read_at(source: &dyn Source, place: &Place, is_basic: bool) -> Result<Digested, RejectionKind> {
    if let Some(parameter) = place.as_query() {
        return read(source.query(), parameter);
    }
    let value = one(source, place).or(RejectionKind::MissingToken, RejectionKind::MalformedToken)?;
    digested(&value, is_basic)
}

/// Reads the one token at a place in the body.
pub(super) fn read_in_body(body: &[u8], place: Place) -> Result<Digested, RejectionKind> {
    let values = BodyValues::read(std::iter::once(place), body).ok_or(RejectionKind::MalformedToken)?;
    digested(values.get(&place).ok_or(RejectionKind::MissingToken)?, false)
}

/// The credentials of basic authentication are in base64.
fn digested(value: &[u8], is_basic: bool) -> Result<Digested, RejectionKind> {
    if !is_basic {
        return Ok(digest(value));
    }
    let mut bytes = Zeroizing::new(vec![0; value.len()]);
    decode(value, Coding::Base64, &mut bytes).map(digest).ok_or(RejectionKind::MalformedToken)
}

/// Returns an error if the secrets are not a name and a password each.
pub(super) fn check_basic(secrets: &Secrets, title: &str) -> Result<(), SecretError> {
    match secrets.iter().find(|secret| !secret.bytes().contains(&b':')) {
        Some(secret) => {
            let form = "a name and a password with `:` between them";
            Err(SecretError::not_a_key(title, &form, &super::decoding::shape(secret.bytes())))
        }
        None => Ok(()),
    }
}

/// Reads the one `parameter` of `query`, percent-decoded; `+` is a plus.
pub(super) fn read(query: Option<&str>, parameter: &str) -> Result<Digested, RejectionKind> {
    let mut found = None;
    for pair in pairs(query.unwrap_or_default()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if is_spelling_of(name, parameter) {
            // An escaped spelling is another name to us, and may be the same name to a proxy in front.
            if found.is_some() || name != parameter {
                return Err(RejectionKind::MalformedToken);
            }
            found = Some(value);
        }
    }
    let value = found.ok_or(RejectionKind::MissingToken)?;
    // Byte by byte: no decoded copy is left in memory unwiped.
    let hash = percent_decode_str(value).fold(Sha256::new(), |hash, byte| hash.chain_update([byte]));
    Ok(Zeroizing::new(hash.finalize().into()))
}

fn digest(token: &[u8]) -> Digested {
    Zeroizing::new(Sha256::digest(token).into())
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
