//! Mistakes with the head: a proof, a time or an ID that is not where or as it should be. Each is
//! undone, and the verifier decides.

use countersign_core::{
    __private::PlaceKind,
    adapter::RequestHead,
    provider::{Coding, Draft, Place, Proof, Scheme},
};

use super::{
    coding,
    mistake::{Meant, Mistake, Named, can_be_shown, mistakes},
    places::{header_of, is_there, may_repeat, optional, pairs, values_at},
};
use crate::capture::Captured;

/// No longer value is looked at, in bytes.
const LONGEST: usize = 4096;
/// No more headers, parameters, segments of the path, or pieces of a value are looked at.
const MOST: usize = 64;

mistakes! {
    REPEATED: "proof-repeated",
        "{place} is repeated",
        "Find what adds the other one, such as a proxy: exactly one is accepted.";
    ELSEWHERE: "proof-elsewhere",
        "the {proof} is in {detail}, and {place} is missing",
        "Send the {proof} where {provider} does: {place}.";
    WHITE_SPACE: "signature-white-space",
        "{place} has white space inside the {proof}",
        "Send {grammar}, without white space. A line break in a signature comes from `base64` or `xxd`.";
    NOT_ALONE: "signature-not-alone",
        "{place} has the right {proof}, but with other text around it: it must be {grammar}",
        "Send {grammar}, and nothing else. A proxy that joins two headers makes a list of them.";
    UNPADDED: "signature-unpadded",
        "{place} has base64 without its `=` at the end, or with `-` and `_` in it: it must be {grammar}",
        "Write base64 as {provider} does, with `+`, `/` and `=`.";
    CODED_TWICE: "signature-coding",
        "{place} has the signature in hex, and the hex digits in base64",
        "Write the signature's bytes, not their hex digits, as {provider} does: {grammar}.";
    TOKEN_IN_BASE64: "token-base64",
        "{place} has the {proof} in base64",
        "Give {provider} and your server the same text: {provider} sends it unchanged.";
    WORD: "token-word",
        "{place} is missing, and the header `authorization` has the {proof} without that word, or behind another",
        "Send {grammar}.";
    TOKEN_CODING: "token-coding",
        "the token in the URL is not percent-encoded exactly once",
        "In the URL that you gave {provider}, write `%` as `%25`, `+` as `%2B`, `&` as `%26`, `#` as `%23` and a space as \
         `%20`, once; or use a secret of letters and digits.";
    TOKEN_PADDED: "token-padded",
        "the token in the URL has white space or quotes around it",
        "Remove them from the URL that you gave {provider}.";
    NOT_ENCODED: "credentials-not-encoded",
        "{place} has the name and the password as text instead of in base64",
        "Send `Basic` and the base64 of `name:password`, as every HTTP client does.";
    VALUE_ELSEWHERE: "signed-value-elsewhere",
        "a value that is signed is missing: it is in {detail}",
        "Send it where {provider} does, and sign it as it is sent.";
    VALUE_REPEATED: "signed-value-repeated",
        "{detail}, which is signed, is repeated",
        "Find what adds the other one, such as a proxy: exactly one is accepted.";
    VALUE_NOT_ALONE: "signed-value-not-alone",
        "{detail}, which is signed, has quotes or white space around its value",
        "Send the value only.";
}

/// Returns every head that may have been meant.
pub(super) fn all(captured: &Captured, scheme: &'static Scheme, secret: &[u8]) -> Vec<Meant> {
    let mut all = Vec::new();
    for scheme in scheme.__each() {
        scheme.places().for_each(|place| all.extend(Own { captured, scheme, place, secret }.all()));
        let time = scheme.signed_time().map(|(place, _)| place);
        // A list has the signature, too.
        let own: Vec<_> = scheme.places().filter_map(|place| place.as_header()).collect();
        let values = time.into_iter().chain(scheme.signed_id()).chain(scheme.signed_fields()).chain(optional(scheme));
        for place in values {
            match (place.as_header(), place.as_query()) {
                (Some(name), _) if !own.contains(&name) => all.extend(values_of(captured, place, name, secret)),
                (_, Some(name)) if !is_there(captured, place) => all.extend(in_query(captured, place, name)),
                _ => {}
            }
        }
    }
    all
}

/// A place of the proof.
struct Own<'a> {
    captured: &'a Captured,
    scheme: &'static Scheme,
    place: Place,
    /// Which no message may show.
    secret: &'a [u8],
}

impl Own<'_> {
    fn all(&self) -> Vec<Meant> {
        let values = values_at(self.captured, self.place);
        let is_repeated = values.len() > 1 && !may_repeat(self.place);
        match values.as_slice() {
            [] => {
                let elsewhere = elsewhere(self.captured, self.secret).into_iter();
                elsewhere.flat_map(|(value, place)| self.with(&value, &Named::with_detail(&ELSEWHERE, place))).collect()
            }
            values if is_repeated => {
                let repeated = Named::from(&REPEATED);
                values.iter().take(MOST).flat_map(|value| self.with(&self.decoded(value), &repeated)).collect()
            }
            values => values.iter().take(MOST).flat_map(|value| self.forms(value)).collect(),
        }
    }

    /// In a query it is percent-encoded.
    fn decoded(&self, value: &[u8]) -> Vec<u8> {
        if self.place.as_query().is_some() { coding::from_percent(value, false) } else { value.to_vec() }
    }

    /// With this proof at its place, as a header has it, and as the scheme writes it.
    fn with(&self, value: &[u8], named: &Named) -> Vec<Meant> {
        let value = value.get(..LONGEST).unwrap_or(value);
        if value.is_empty() {
            return Vec::new();
        }
        let whole = header_of(self.place).map(|name| self.captured.with_header(&name, value));
        let written = self.written(value).and_then(|proof| {
            let header = proof.headers().find(|(name, _)| self.place.is_in_header(name));
            let in_header = header.map(|(name, value)| self.captured.with_header(name, value.as_bytes()));
            in_header.or_else(|| proof.query().map(|query| self.captured.with_query(query)))
        });
        whole.into_iter().chain(written).map(|head| Meant::head(head, named.clone())).collect()
    }

    /// A token is its own proof; another value takes the place of a signature. A list would need its other
    /// members.
    fn written(&self, value: &[u8]) -> Option<Proof> {
        if self.scheme.is_credential() {
            return self.scheme.sign(value, b"").ok();
        }
        let url = self.scheme.signs_url().then_some("https://example.com");
        let draft = url.into_iter().fold(Draft::new(b""), Draft::with_url);
        let proof = self.scheme.sign(b"00", draft).ok()?;
        Some(proof.with_value(std::str::from_utf8(value).ok()?))
    }

    /// The one value as it may have been meant, with one mistake in its form.
    fn forms(&self, value: &[u8]) -> Vec<Meant> {
        let value = value.get(..LONGEST).unwrap_or(value);
        if self.place.as_query().is_some() {
            return token_forms(value)
                .iter()
                .flat_map(|(token, mistake)| self.with(token, &(*mistake).into()))
                .collect();
        }
        // Vertical tabs, too.
        let is_space = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0x0b;
        let unspaced: Vec<u8> = value.iter().copied().filter(|byte| !is_space(byte)).collect();
        let mut forms: Vec<(Vec<u8>, &'static Mistake)> = vec![(unspaced, &WHITE_SPACE)];
        match self.scheme.__signed() {
            Some(signed) => {
                if signed.coding != Coding::Hex {
                    forms.extend(padded(value).map(|padded| (padded, &UNPADDED)));
                }
                forms.extend(coded_once(value, signed.coding).map(|once| (once, &CODED_TWICE)));
            }
            None => forms.extend(self.credentials(value)),
        }
        let prefix = self.scheme.signature_prefix().unwrap_or_default().as_bytes();
        let is_quote = |byte: &u8| b"\"'`<>()[]{}".contains(byte);
        let is_end = |byte: &u8| is_quote(byte) || is_space(byte) || matches!(byte, b',' | b';');
        forms.push((trimmed(value, is_end).to_vec(), &NOT_ALONE));
        let pieces = value.split(is_end).chain(value.split(|byte| !byte.is_ascii_hexdigit()));
        for piece in pieces.filter(|piece| !piece.is_empty()).take(MOST) {
            forms.push((piece.to_vec(), &NOT_ALONE));
            if piece != value {
                forms.push(([prefix, piece].concat(), &NOT_ALONE));
            }
        }
        forms.retain(|(form, _)| form != value);
        forms.iter().flat_map(|(form, mistake)| self.with(form, &(*mistake).into())).collect()
    }

    /// A token or a name and a password, behind the right word and in the right form.
    fn credentials(&self, value: &[u8]) -> Vec<(Vec<u8>, &'static Mistake)> {
        let last = credentials(value).unwrap_or(value);
        let decoded = coding::from_base64(last).map(|token| (token, &TOKEN_IN_BASE64));
        let PlaceKind::Authorization(word) = self.place.__kind() else { return decoded.into_iter().collect() };
        let behind_word = |text: &[u8]| [word.as_bytes(), b" ", text].concat();
        let encoded = coding::to_base64(last).into_iter().take(1).map(|text| (behind_word(&text), &NOT_ENCODED));
        encoded.chain([(behind_word(last), &WORD)]).collect()
    }
}

/// A time or an ID in a header.
fn values_of(captured: &Captured, place: Place, name: &'static str, secret: &[u8]) -> Vec<Meant> {
    let meant = |value: &[u8], named: &Named| Meant::head(captured.with_header(name, value), named.clone());
    let own: Vec<_> = captured.header_values(name).collect();
    match own.as_slice() {
        [] => elsewhere(captured, secret)
            .iter()
            .map(|(value, other)| {
                meant(value, &Named::with_detail(&VALUE_ELSEWHERE, format!("{other}, and {place} is missing")))
            })
            .collect(),
        [value] => {
            let bare = trimmed(value, |byte| byte.is_ascii_whitespace() || b"\"'".contains(byte));
            let is_changed = bare != *value;
            let named = Named::with_detail(&VALUE_NOT_ALONE, place.to_string());
            is_changed.then(|| meant(bare, &named)).into_iter().collect()
        }
        values => {
            let named = Named::with_detail(&VALUE_REPEATED, place.to_string());
            values.iter().take(MOST).map(|value| meant(value, &named)).collect()
        }
    }
}

/// A signed parameter of the URL under another name.
fn in_query(captured: &Captured, place: Place, name: &str) -> Vec<Meant> {
    let query = captured.query().unwrap_or_default();
    let named = Named::with_detail(&VALUE_ELSEWHERE, format!("another parameter of the URL, and {place} is missing"));
    let values = pairs(captured).take(MOST).map(|(_, value)| format!("{query}&{name}={value}"));
    values.map(|query| Meant::head(captured.with_query(&query), named.clone())).collect()
}

fn elsewhere(captured: &Captured, secret: &[u8]) -> Vec<(Vec<u8>, String)> {
    let in_headers = captured.headers().take(MOST).flat_map(|(name, value)| {
        let is_shown = can_be_shown(name, secret);
        let place =
            if is_shown { format!("the header `{}`", name.to_ascii_lowercase()) } else { "another header".into() };
        [Some(value), credentials(value)].into_iter().flatten().map(move |value| (value.to_vec(), place.clone()))
    });
    let in_query = pairs(captured).take(MOST).flat_map(|(name, value)| [name, value]);
    let in_query =
        in_query.map(|value| (coding::from_percent(value.as_bytes(), false), "another parameter of the URL"));
    let in_path = captured.path().split('/').take(MOST).map(|segment| (segment.into(), "the path of the URL"));
    let in_url = in_query.chain(in_path).map(|(value, place)| (value, place.to_owned()));
    in_headers.chain(in_url).filter(|(value, _)| !value.is_empty()).collect()
}

/// What follows the first word: `Authorization: Bearer …`
fn credentials(value: &[u8]) -> Option<&[u8]> {
    let space = value.iter().position(|&byte| byte == b' ')?;
    value.get(space.checked_add(1)?..)
}

fn trimmed(mut value: &[u8], is_end: impl Fn(&u8) -> bool) -> &[u8] {
    loop {
        value = match value {
            [first, inner @ ..] if is_end(first) => inner,
            [inner @ .., last] if is_end(last) => inner,
            _ => return value,
        };
    }
}

/// Base64 as most write it.
fn padded(value: &[u8]) -> Option<Vec<u8>> {
    let at = value.iter().position(|&byte| matches!(byte, b'=' | b',')).filter(|at| at.saturating_add(3) < value.len());
    let (prefix, digits) = value.split_at_checked(at.map_or(0, |at| at.saturating_add(1)))?;
    let bytes = coding::from_base64(digits)?;
    let encoded = coding::to_base64(&bytes).into_iter().next()?;
    Some([prefix, &encoded].concat())
}

/// The signature as it is before it was written in hex, and that in base64.
fn coded_once(value: &[u8], coding: Coding) -> Option<Vec<u8>> {
    let hex = coding::from_base64(value)?;
    let bytes = hex::decode(&hex).ok()?;
    if coding == Coding::Hex { Some(hex) } else { coding::to_base64(&bytes).into_iter().next() }
}

/// A token decoded as it may have been meant, with one mistake in its form.
fn token_forms(value: &[u8]) -> Vec<(Vec<u8>, &'static Mistake)> {
    let decoded = coding::from_percent(value, false);
    let with_pluses = decoded.iter().map(|&byte| if byte == b' ' { b'+' } else { byte }).collect();
    let other_codings =
        [value.to_vec(), coding::from_percent(&decoded, false), coding::from_percent(value, true), with_pluses];
    let bare = trimmed(&decoded, |byte| byte.is_ascii_whitespace() || b"\"'".contains(byte)).to_vec();
    let coded = other_codings.into_iter().map(|token| (token, &TOKEN_CODING));
    coded.chain([(bare, &TOKEN_PADDED)]).filter(|(token, _)| *token != decoded).collect()
}
