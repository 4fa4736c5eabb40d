//! Mistakes with the head: a proof, a time or an ID that is not where or as it should be. Each is
//! undone, and the verifier decides.

use countersign_core::{
    adapter::RequestHead,
    provider::{Coding, Draft, Place, Proof, Scheme},
};

use super::{
    coding,
    mistake::{Meant, Mistake, Named, mistakes},
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
pub(super) fn all(captured: &Captured, scheme: &'static Scheme) -> Vec<Meant> {
    let mut all = Vec::new();
    for scheme in scheme.__each() {
        scheme.places().for_each(|place| all.extend(Own { captured, scheme, place }.all()));
        let time = scheme.signed_time().map(|(place, _)| place);
        // A list has the signature, too.
        let own: Vec<_> = scheme.places().filter_map(|place| place.as_header()).collect();
        let values = time.into_iter().chain(scheme.signed_id()).chain(scheme.signed_fields());
        for (place, name) in values.filter_map(|place| Some((place, place.as_header()?))) {
            if !own.contains(&name) {
                all.extend(values_of(captured, place, name));
            }
        }
    }
    all
}

/// Returns the values at the scheme's own places in the head, undecoded.
pub(super) fn own_values(captured: &Captured, scheme: &Scheme) -> Vec<Vec<u8>> {
    scheme.places().flat_map(|place| values_at(captured, place)).take(MOST).collect()
}

fn values_at(captured: &Captured, place: Place) -> Vec<Vec<u8>> {
    let in_headers = place.as_header().map(|name| captured.header_values(name).map(<[u8]>::to_vec).collect());
    let in_query = || {
        let name = place.as_query()?;
        let is_it = |found: &str| coding::from_percent(found.as_bytes(), false) == name.as_bytes();
        Some(pairs(captured).filter(|(found, _)| is_it(found)).map(|(_, value)| value.into()).collect())
    };
    in_headers.or_else(in_query).unwrap_or_default()
}

fn pairs(captured: &Captured) -> impl Iterator<Item = (&str, &str)> {
    captured.query().unwrap_or_default().split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// A place of the proof.
struct Own<'a> {
    captured: &'a Captured,
    scheme: &'static Scheme,
    place: Place,
}

impl Own<'_> {
    fn all(&self) -> Vec<Meant> {
        let values = values_at(self.captured, self.place);
        let is_repeated = values.len() > 1;
        match values.as_slice() {
            [] => {
                let elsewhere = elsewhere(self.captured).into_iter();
                elsewhere.flat_map(|(value, place)| self.with(&value, &Named::with_detail(&ELSEWHERE, place))).collect()
            }
            values if is_repeated => {
                let repeated = Named::from(&REPEATED);
                values.iter().take(MOST).flat_map(|value| self.with(&self.decoded(value), &repeated)).collect()
            }
            values => values.iter().flat_map(|value| self.forms(value)).collect(),
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
        let whole = self.place.as_header().map(|name| self.captured.with_header(name, value));
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
        if self.scheme.__signed().is_some_and(|signed| signed.coding != Coding::Hex) {
            forms.extend(padded(value).map(|padded| (padded, &UNPADDED)));
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
        if let Some(credentials) = credentials(value).filter(|_| self.scheme.is_credential()) {
            let encoded = coding::to_base64(credentials).into_iter().take(1);
            forms.extend(encoded.map(|text| ([b"Basic ", text.as_slice()].concat(), &NOT_ENCODED)));
        }
        forms.retain(|(form, _)| form != value);
        forms.iter().flat_map(|(form, mistake)| self.with(form, &(*mistake).into())).collect()
    }
}

/// A time or an ID in a header.
fn values_of(captured: &Captured, place: Place, name: &'static str) -> Vec<Meant> {
    let meant = |value: &[u8], named: &Named| Meant::head(captured.with_header(name, value), named.clone());
    let own: Vec<_> = captured.header_values(name).collect();
    match own.as_slice() {
        [] => elsewhere(captured)
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

fn elsewhere(captured: &Captured) -> Vec<(Vec<u8>, String)> {
    let in_headers = captured.headers().filter(|(name, _)| name.len() <= MOST).take(MOST).flat_map(|(name, value)| {
        let place = format!("the header `{}`", name.to_ascii_lowercase());
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
