//! URL tokens: found in the query, compared in constant time, and taken out of it.

use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

use crate::{
    error::VerifyErrorKind,
    secret::{MatchedSecret, Secrets},
};

/// A token's SHA-256 digest.
pub(crate) type Digested = Zeroizing<[u8; 32]>;

/// The digests of every accepted token. Digests, so that a comparison tells nothing of a token's length.
#[derive(Clone)]
pub(crate) struct Tokens {
    digests: Vec<Digested>,
    secrets: Vec<MatchedSecret>,
}

impl Tokens {
    pub(crate) fn new(secrets: &Secrets) -> Self {
        Self {
            digests: secrets.iter().map(|secret| digest(secret.bytes())).collect(),
            secrets: secrets
                .iter()
                .enumerate()
                .map(|(position, secret)| MatchedSecret::new(position, secret.label(), secrets.tenant()))
                .collect(),
        }
    }

    /// The accepted token that is `given`.
    pub(crate) fn verify(&self, given: &Digested) -> Option<MatchedSecret> {
        let mut matched = Choice::from(0);
        let mut position = 0_u64;
        for (index, digest) in (0..).zip(&self.digests) {
            let equal = digest.ct_eq(given.as_slice());
            position.conditional_assign(&index, equal & !matched);
            matched |= equal;
        }
        bool::from(matched)
            .then(|| usize::try_from(position).ok().and_then(|position| self.secrets.get(position)).cloned())
            .flatten()
    }
}

/// The one `parameter` of `query`, percent-decoded; `+` is a plus.
pub(crate) fn read(query: Option<&str>, parameter: &str) -> Result<Digested, VerifyErrorKind> {
    let mut found = None;
    for pair in pairs(query.unwrap_or_default()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if is_spelling_of(name, parameter) {
            // An escaped spelling is another name to us and may be the same one to whatever stands before us.
            if found.is_some() || name != parameter {
                return Err(VerifyErrorKind::MalformedToken);
            }
            found = Some(value);
        }
    }
    let value = found.ok_or(VerifyErrorKind::MissingToken)?;
    // Never in one piece: nothing decoded is left behind unwiped.
    let hash = percent_decode_str(value).fold(Sha256::new(), |hash, byte| hash.chain_update([byte]));
    Ok(Zeroizing::new(hash.finalize().into()))
}

fn digest(token: &[u8]) -> Digested {
    Zeroizing::new(Sha256::digest(token).into())
}

/// A URL's path and query without any spelling of `parameter`; everything else stays byte for byte. `None` where
/// nothing has to go.
///
/// The adapters use it to keep the URL's token from inner services, extractors and traces.
///
/// ```
/// use countersign_core::without_parameter;
///
/// assert_eq!(without_parameter("/hook?a=1&token=t&b=%20", "token").as_deref(), Some("/hook?a=1&b=%20"));
/// assert_eq!(without_parameter("/hook?token=t", "token").as_deref(), Some("/hook"));
/// assert_eq!(without_parameter("/hook?tokens=2", "token"), None);
/// ```
pub fn without_parameter(path_and_query: &str, parameter: &str) -> Option<String> {
    let (path, query) = path_and_query.split_once('?')?;
    let is_it = |pair: &&str| is_spelling_of(pair.split_once('=').map_or(*pair, |(name, _)| name), parameter);
    if !pairs(query).any(|pair| is_it(&pair)) {
        return None;
    }
    let kept: Vec<_> = pairs(query).filter(|pair| !is_it(pair)).collect();
    Some(if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) })
}

fn pairs(query: &str) -> impl Iterator<Item = &str> {
    query.split('&')
}

/// Whether `name` is `parameter`, as it stands or percent-encoded.
fn is_spelling_of(name: &str, parameter: &str) -> bool {
    name == parameter || percent_decode_str(name).eq(parameter.bytes())
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
