//! URL tokens: found in the query and compared in constant time.

use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

use crate::{
    error::RejectionKind,
    scheme::{is_spelling_of, pairs},
    secret::Secrets,
};

/// A token's SHA-256 digest.
pub(super) type Digested = Zeroizing<[u8; 32]>;

/// The digests of every accepted token. Digests, so that a comparison reveals nothing about a
/// token's length.
#[derive(Clone)]
pub(crate) struct Tokens(Vec<Digested>);

impl Tokens {
    pub(super) fn new(secrets: &Secrets) -> Self {
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
