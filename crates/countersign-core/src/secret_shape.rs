//! Secrets that look as if something was added to them, or as if they were not the secret at all.
//!
//! A secret is used byte for byte, whatever it looks like (T6). If nothing verifies, a warning about
//! its shape is the only way to find out: the value is never shown.

use std::{
    collections::HashSet,
    fmt,
    hash::{BuildHasher, Hash, RandomState},
    sync::{LazyLock, Mutex, PoisonError},
};

use crate::secret::{Secret, Secrets};

/// What is odd about a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "not public API")]
pub enum Oddity {
    /// White space, line breaks or invisible characters at an end.
    Padded,
    /// Quotes around it.
    Quoted,
    /// A line of a `.env` file.
    Named,
    /// A line break within it.
    Lines,
    /// JSON, or brackets around it.
    Brackets,
    /// A text that stands for a secret.
    Placeholder,
    /// Where a secret is, and not the secret.
    Reference,
    /// Fewer than 8 bytes.
    Short,
}

/// A secret with fewer bytes can be guessed.
const SHORT: usize = 8;

/// Longer than any secret, in bytes: of a longer one only the ends are looked at.
const LONGEST: usize = 4096;

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Padded => "begins or ends with white space, a line break or an invisible character",
            Self::Quoted => "is in quotes",
            Self::Named => "begins with a name and `=`",
            Self::Lines => "has a line break in it",
            Self::Brackets => "is JSON or in brackets",
            Self::Placeholder => "is a placeholder",
            Self::Reference => "is a path or a reference to a secret",
            Self::Short => "is shorter than 8 bytes",
        })
    }
}

/// Returns what is odd about a secret, from the outside to the inside.
pub fn oddities(secret: &[u8]) -> impl Iterator<Item = Oddity> {
    let inner = trimmed(secret);
    let mut found = [None; 8];
    // A public key in PEM has lines, and a line break at its end.
    if inner.starts_with(b"-----BEGIN ") {
        return found.into_iter().flatten();
    }
    let [padded, quoted, named, lines, brackets, placeholder, reference, short] = &mut found;
    // Also the two characters that stand for a line break.
    let is_padded = inner.len() < secret.len() || inner.ends_with(br"\n") || inner.ends_with(br"\r");
    *padded = is_padded.then_some(Oddity::Padded);
    // A quoted value may follow a name, and a name may be in the quotes.
    let mut value = inner;
    for _ in 0..2 {
        if let Some(inner) = unquoted(value) {
            (value, *quoted) = (inner, Some(Oddity::Quoted));
        }
        if let Some(inner) = without_name(value) {
            (value, *named) = (inner, Some(Oddity::Named));
        }
    }
    let value = trimmed(value);
    *lines = value.contains(&b'\n').then_some(Oddity::Lines);
    *placeholder = is_placeholder(value).then_some(Oddity::Placeholder);
    let is_in_brackets = matches!(value, [b'{', .., b'}'] | [b'[', .., b']']);
    *brackets = (is_in_brackets && placeholder.is_none()).then_some(Oddity::Brackets);
    *reference = is_reference(value).then_some(Oddity::Reference);
    *short = (secret.len() < SHORT).then_some(Oddity::Short);
    found.into_iter().flatten()
}

/// Returns the secret without white space and invisible characters at its ends: also without the
/// byte order mark of a file, and the invisible spaces that are copied from web pages.
pub fn trimmed(secret: &[u8]) -> &[u8] {
    let is_invisible = |character: char| {
        character.is_whitespace()
            || character.is_ascii_control()
            || matches!(character, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
    };
    match std::str::from_utf8(secret) {
        Ok(text) => text.trim_matches(is_invisible).as_bytes(),
        Err(_) => secret.trim_ascii(),
    }
}

/// Returns what is in the quotes around a secret.
pub fn unquoted(secret: &[u8]) -> Option<&[u8]> {
    match secret {
        [b'"', inner @ .., b'"'] | [b'\'', inner @ .., b'\''] | [b'`', inner @ .., b'`'] => Some(inner),
        _ => {
            let text = std::str::from_utf8(secret).ok()?;
            let typographic =
                [('\u{201c}', '\u{201d}'), ('\u{201e}', '\u{201c}'), ('\u{2018}', '\u{2019}'), ('«', '»')];
            let inside = |(start, end)| text.strip_prefix(start).and_then(|rest: &str| rest.strip_suffix(end));
            typographic.into_iter().find_map(inside).map(str::as_bytes)
        }
    }
}

/// Returns what follows the name of a variable and `=`. The padding of base64 is not a value.
pub fn without_name(secret: &[u8]) -> Option<&[u8]> {
    let secret = secret.strip_prefix(b"export ").unwrap_or(secret);
    let end = secret.iter().take(LONGEST).position(|&byte| byte == b'=')?;
    let (name, value) = (secret.get(..end)?, secret.get(end.checked_add(1)?..)?);
    let is_name = name.first().is_some_and(|first| !first.is_ascii_digit())
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    (is_name && !value.iter().all(|&byte| byte == b'=')).then_some(value)
}

fn is_reference(value: &[u8]) -> bool {
    const STARTS: [&str; 10] =
        ["/run/", "/etc/", "/var/", "./", "file:", "op://", "vault:", "arn:aws:", "ENC[", "projects/"];
    STARTS.iter().any(|start| value.starts_with(start.as_bytes()))
}

fn is_placeholder(value: &[u8]) -> bool {
    const WORDS: [&str; 23] = [
        "undefined",
        "null",
        "none",
        "nil",
        "nan",
        "true",
        "false",
        "todo",
        "tbd",
        "fixme",
        "secret",
        "password",
        "placeholder",
        "example",
        "test",
        "changeme",
        "changeit",
        "replaceme",
        "insecure",
        "redacted",
        "empty",
        "webhooksecret",
        "signingsecret",
    ];
    /// How `your-webhook-secret` and `INSERT_SECRET_HERE` begin and end.
    const FIRST: [&str; 5] = ["your", "insert", "enter", "paste", "put"];
    const YOURS: [&str; 4] = ["secret", "token", "key", "here"];
    let Some(text) = std::str::from_utf8(value).ok().filter(|text| text.len() <= 64) else { return false };
    let is_name = |name: &str| {
        name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name.chars().all(|character| character.is_ascii_alphanumeric() || "_-. ".contains(character))
    };
    let is_variable = text.strip_prefix('$').is_some_and(|name| is_name(name) && !name.contains(' '));
    // `${NAME:-default}` has more than a name.
    let is_marked =
        [("${", "}"), ("$(", ")"), ("{{", "}}"), ("<", ">"), ("%", "%"), ("[", "]")].into_iter().any(|(start, end)| {
            let inner = text.strip_prefix(start).and_then(|rest| rest.strip_suffix(end));
            inner.and_then(|inner| inner.split(':').next()).is_some_and(|name| is_name(name.trim()))
        });
    let first = text.chars().next();
    let is_one_character = text.len() >= 3 && text.chars().all(|character| Some(character) == first);
    // `change-me` and `CHANGE_ME` are the same word.
    let plain = text.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase());
    let is_word = WORDS.iter().any(|word| plain.clone().eq(word.bytes()));
    let is_yours = FIRST.iter().any(|start| plain.clone().take(start.len()).eq(start.bytes()))
        && YOURS.iter().any(|end| plain.clone().rev().take(end.len()).eq(end.bytes().rev()));
    is_variable || is_marked || is_one_character || is_word || is_yours
}

/// What was warned of: a hash with a key per process reveals nothing of it.
struct Warned {
    hasher: RandomState,
    hashes: Mutex<HashSet<u64>>,
}

/// The maximum number of remembered warnings. After that, no more are given.
const REMEMBERED: usize = 1024;

/// Returns whether this was not warned of before.
fn is_first(warning: impl Hash) -> bool {
    static WARNED: LazyLock<Warned> = LazyLock::new(|| Warned { hasher: RandomState::new(), hashes: Mutex::default() });

    let hash = WARNED.hasher.hash_one(warning);
    let mut hashes = WARNED.hashes.lock().unwrap_or_else(PoisonError::into_inner);
    hashes.len() < REMEMBERED && hashes.insert(hash)
}

/// Warns of odd secrets when a verifier is created: once for each secret.
pub(crate) fn warn_of_fixed(secrets: &Secrets, provider: &'static str) {
    for (position, secret) in secrets.iter().enumerate() {
        if let Some(odd) = odd(secret).filter(|_| is_first((provider, secret.bytes()))) {
            warn(secret, position, Some(provider), &odd);
        }
    }
}

/// Warns of odd secrets that are inserted into a map: once for each oddity, because a map may hold
/// many.
pub(crate) fn warn_of_inserted(secrets: &Secrets) {
    for (position, secret) in secrets.iter().enumerate() {
        if let Some(odd) = odd(secret).filter(|odd| is_first(("map", odd))) {
            warn(secret, position, None, &odd);
        }
    }
}

/// Warns of odd secrets that were looked up and did not verify a delivery: once for each oddity. The
/// stand-in for an unknown ID is looked at too, so that the time does not reveal which IDs exist.
pub(crate) fn warn_of_found(secrets: &Secrets, provider: &'static str, is_known: bool) {
    for (position, secret) in secrets.iter().enumerate() {
        if oddities(secret.bytes()).next().is_some()
            && is_known
            && let Some(odd) = odd(secret).filter(|odd| is_first((provider, odd)))
        {
            warn(secret, position, Some(provider), &odd);
        }
    }
}

/// The oddities in words.
fn odd(secret: &Secret) -> Option<String> {
    let mut all = oddities(secret.bytes()).peekable();
    all.peek()?;
    Some(all.map(|oddity| oddity.to_string()).collect::<Vec<_>>().join(", and "))
}

fn warn(secret: &Secret, position: usize, provider: Option<&'static str>, odd: &str) {
    tracing::warn!(
        target: "countersign", provider, position, label = secret.label().as_deref(), variable = secret.variable(),
        "a secret {odd}. It is used byte for byte: if every delivery is rejected, compare it with the one at the provider"
    );
}

#[cfg(test)]
#[path = "secret_shape_tests.rs"]
mod tests;
