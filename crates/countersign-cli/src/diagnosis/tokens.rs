//! What a captured token may be, if it is not where and as it should be.

use countersign_core::RequestHead;
use zeroize::Zeroizing;

use super::{
    coding,
    matching::is_same,
    mistake::{Mistake, Named},
};
use crate::capture::Captured;

/// No more parameters, headers or segments of the path are looked at.
const MOST: usize = 64;

/// A token as it may have been meant.
pub(super) struct Reading {
    token: Zeroizing<Vec<u8>>,
    pub(super) mistakes: Vec<Named>,
    /// Whether it is the beginning of one.
    is_cut_off: bool,
}

impl Reading {
    /// Whether it is `secret`; of one that was cut off, whether `secret` goes on with what ends a parameter.
    pub(super) fn fits(&self, secret: &[u8]) -> bool {
        if !self.is_cut_off {
            return is_same(secret, &self.token);
        }
        let rest = secret.split_at_checked(self.token.len()).filter(|(start, _)| is_same(start, &self.token));
        !self.token.is_empty() && rest.is_some_and(|(_, rest)| rest.starts_with(b"&") || rest.starts_with(b"#"))
    }
}

macro_rules! mistakes {
    ($($NAME:ident: $code:literal, $sentence:literal, $advice:literal;)*) => {
        $(pub(super) static $NAME: Mistake = Mistake { code: $code, sentence: $sentence, advice: $advice };)*
    };
}

mistakes! {
    REPEATED: "token-repeated",
        "the URL has the parameter `{place}` more than once, with the same value",
        "Give {provider} the URL with one `{place}`: exactly one is accepted.";
    CONTRADICTORY: "token-contradictory",
        "the URL has the parameter `{place}` more than once, with different values",
        "Give {provider} the URL with one `{place}`: nobody can say which of them counts.";
    NAME_ESCAPED: "token-name-escaped",
        "the name of the URL's parameter `{place}` is percent-encoded",
        "Write the name as it is: proxies do not agree on other spellings.";
    IN_OTHER_PARAMETER: "token-in-another-parameter",
        "the token stands in another parameter of the URL than `{place}`",
        "Name the parameter `{place}`, in this letter case, in the URL that you gave {provider}.";
    IN_HEADER: "token-in-header",
        "the token stands in a header, and not in the URL's parameter `{place}`",
        "Put it into the URL that you gave {provider}: `?{place}=`. It sends no header of yours.";
    IN_PATH: "token-in-path",
        "the token stands in the URL's path, and not in its parameter `{place}`",
        "Put it behind `?{place}=` in the URL that you gave {provider}.";
    NOT_ESCAPED: "token-not-escaped",
        "the token is not percent-encoded in the URL",
        "Write `%` as `%25`, `+` as `%2B`, `&` as `%26` and `#` as `%23` in the URL that you gave {provider}; or make a \
         secret of letters and digits alone.";
    ESCAPED_TWICE: "token-escaped-twice",
        "the token is percent-encoded twice in the URL",
        "Encode it once: the form or the client that you set the URL with encodes it by itself.";
    PLUS_FOR_SPACE: "token-plus-for-space",
        "the token has `+` in the URL where the secret has a space",
        "Write a space as `%20` in the URL that you gave {provider}: a `+` is a plus.";
    SPACE_FOR_PLUS: "token-space-for-plus",
        "the token has a space in the URL where the secret has `+`",
        "Write a plus as `%2B` in the URL that you gave {provider}: something on the way takes it for a space.";
    WHITE_SPACE: "token-white-space",
        "the token in the URL has white space or a line break at its ends that is not part of the secret",
        "Take it off in the URL that you gave {provider}: it was pasted along.";
    QUOTED: "token-quoted",
        "the token in the URL has quotes around it",
        "Take them off in the URL that you gave {provider}.";
    CUT_OFF: "token-cut-off",
        "the token in the URL is cut off where the secret has `&` or `#`",
        "Write `&` as `%26` and `#` as `%23` in the URL that you gave {provider}; or make a secret of letters and digits \
         alone.";
}

/// Every reading of every place where the token may stand, the simplest first.
pub(super) fn readings(captured: &Captured, parameter: &'static str) -> Vec<Reading> {
    let mut readings: Vec<_> =
        places(captured, parameter).into_iter().flat_map(|(place, value)| of_value(value, &place)).collect();
    readings.sort_by_key(|reading| reading.mistakes.len());
    readings
}

/// The values of the parameter, under any spelling of its name, and whether that is the right one.
pub(super) fn own_values<'a>(captured: &'a Captured, parameter: &str) -> Vec<(bool, &'a str)> {
    pairs(captured)
        .filter(|(name, _)| coding::from_percent(name.as_bytes(), false) == parameter.as_bytes())
        .map(|(name, value)| (name == parameter, value))
        .take(MOST)
        .collect()
}

fn pairs(captured: &Captured) -> impl Iterator<Item = (&str, &str)> {
    captured.query().unwrap_or_default().split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

type Place<'a> = (Vec<Named>, &'a [u8]);

fn places<'a>(captured: &'a Captured, parameter: &'static str) -> Vec<Place<'a>> {
    let own = own_values(captured, parameter);
    let Some((_, first)) = own.first() else { return elsewhere(captured) };
    let count = match own.len() {
        1 => None,
        _ if own.iter().all(|(_, value)| value == first) => Some(&REPEATED),
        _ => Some(&CONTRADICTORY),
    };
    let name = own.iter().any(|(is_right, _)| !is_right).then_some(&NAME_ESCAPED);
    let mistakes: Vec<Named> = [name, count].into_iter().flatten().map(Named::from).collect();
    own.iter().map(|(_, value)| (mistakes.clone(), value.as_bytes())).collect()
}

fn elsewhere(captured: &Captured) -> Vec<Place<'_>> {
    let in_query = pairs(captured).take(MOST).flat_map(|(name, value)| [name, value]);
    let in_query = in_query.map(|value| (&IN_OTHER_PARAMETER, value.as_bytes()));
    let in_headers = captured.headers().take(MOST).flat_map(|(_, value)| {
        let behind_scheme = value.iter().position(|&byte| byte == b' ').and_then(|at| value.get(at.checked_add(1)?..));
        [Some(value), behind_scheme].into_iter().flatten().map(|value| (&IN_HEADER, value))
    });
    let in_path = captured.path().split('/').take(MOST).map(|segment| (&IN_PATH, segment.as_bytes()));
    let places = in_query.chain(in_headers).chain(in_path).filter(|(_, value)| !value.is_empty());
    places.map(|(mistake, value)| (vec![mistake.into()], value)).collect()
}

/// A value decoded as it should be, and as it may have been meant with one mistake.
fn of_value(value: &[u8], place: &[Named]) -> Vec<Reading> {
    let decoded = Zeroizing::new(coding::from_percent(value, false));
    let spaced = decoded.iter().map(|&byte| if byte == b' ' { b'+' } else { byte }).collect();
    let meant = [
        (&NOT_ESCAPED, value.to_vec()),
        (&ESCAPED_TWICE, coding::from_percent(&decoded, false)),
        (&PLUS_FOR_SPACE, coding::from_percent(value, true)),
        (&SPACE_FOR_PLUS, spaced),
        (&WHITE_SPACE, decoded.trim_ascii().to_vec()),
        (&QUOTED, unquoted(&decoded)),
    ];
    let reading = |token: Vec<u8>, mistake: Option<&'static Mistake>, is_cut_off| Reading {
        token: Zeroizing::new(token),
        mistakes: place.iter().cloned().chain(mistake.map(Named::from)).collect(),
        is_cut_off,
    };
    let exact = [reading(decoded.to_vec(), None, false), reading(decoded.to_vec(), Some(&CUT_OFF), true)];
    let changed = meant.into_iter().filter(|(_, token)| *token != *decoded);
    exact.into_iter().chain(changed.map(|(mistake, token)| reading(token, Some(mistake), false))).collect()
}

fn unquoted(token: &[u8]) -> Vec<u8> {
    match token {
        [b'"', inner @ .., b'"'] | [b'\'', inner @ .., b'\''] => inner.to_vec(),
        _ => token.to_vec(),
    }
}
