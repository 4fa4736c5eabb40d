//! What a captured proof may be, if it is not where and as it should be.

use countersign_core::{
    adapter::RequestHead,
    provider::{Place, Scheme},
};
use zeroize::Zeroizing;

use super::{
    coding,
    mistake::{Named, mistakes},
};
use crate::capture::Captured;

/// No longer value is looked at, in bytes.
const LONGEST: usize = 4096;
/// No more headers, parameters, segments of the path, or members of a value are looked at.
const MOST: usize = 64;

mistakes! {
    REPEATED: "proof-repeated",
        "{place} is repeated",
        "Find what adds the other one, such as a proxy: exactly one is accepted.";
    ELSEWHERE: "proof-elsewhere",
        "the {proof} is in {detail}, and {place} is missing",
        "Send the {proof} where {provider} does: {place}.";
    WHITE_SPACE: "signature-white-space",
        "{place} has white space inside the signature",
        "Send {grammar}, without white space. A line break in a signature comes from `base64` or `xxd`.";
    PREFIX_MISSING: "signature-prefix-missing",
        "{place} has the signature without its prefix: it must be {grammar}",
        "Send {place} as {provider} does: {grammar}.";
    NOT_ALONE: "signature-not-alone",
        "{place} has the right signature, but with other text around it: it must be {grammar}",
        "Send {grammar}, and nothing else. A proxy that joins two headers makes a list of them.";
    BASE64: "signature-base64",
        "{place} has the signature in base64 instead of hex",
        "Write its bytes in hex: {grammar}.";
    TOKEN_CODING: "token-coding",
        "the token in the URL is not percent-encoded exactly once",
        "In the URL that you gave {provider}, write `%` as `%25`, `+` as `%2B`, `&` as `%26`, `#` as `%23` and a space as \
         `%20`, once; or use a secret of letters and digits.";
    TOKEN_PADDED: "token-padded",
        "the token in the URL has white space or quotes around it",
        "Remove them from the URL that you gave {provider}.";
}

/// A proof as it may have been meant, as plain text.
pub(super) struct Reading {
    pub(super) value: Zeroizing<Vec<u8>>,
    pub(super) mistakes: Vec<Named>,
}

/// Returns every reading of every place where the proof may be.
pub(super) fn readings(captured: &Captured, scheme: &Scheme) -> Vec<Reading> {
    let mut readings = Vec::new();
    for (value, place) in places(captured, scheme).into_iter().filter(|(value, _)| !value.is_empty()) {
        let value = value.get(..LONGEST).unwrap_or(&value);
        let forms = match scheme.signature_prefix() {
            Some(prefix) => signature_forms(value, prefix),
            None => token_forms(value),
        };
        readings.extend(forms.into_iter().map(|(value, form)| Reading {
            value: Zeroizing::new(value),
            mistakes: place.iter().chain(&form).cloned().collect(),
        }));
    }
    readings
}

/// The values at the scheme's own place, undecoded.
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

/// Where the proof may be, and what is wrong with that.
fn places(captured: &Captured, scheme: &Scheme) -> Vec<(Vec<u8>, Option<Named>)> {
    let own = own_values(captured, scheme);
    match own.len() {
        0 => elsewhere(captured)
            .into_iter()
            .map(|(value, place)| (value, Some(Named::with_detail(&ELSEWHERE, place))))
            .collect(),
        1 => own.into_iter().map(|value| (value, None)).collect(),
        _ => own.into_iter().map(|value| (value, Some(Named::from(&REPEATED)))).collect(),
    }
}

fn elsewhere(captured: &Captured) -> Vec<(Vec<u8>, String)> {
    let in_headers = captured.headers().filter(|(name, _)| name.len() <= MOST).take(MOST).flat_map(|(name, value)| {
        // `Authorization: Bearer …`
        let credentials = value.iter().position(|&byte| byte == b' ').and_then(|at| value.get(at.checked_add(1)?..));
        let place = format!("the header `{}`", name.to_ascii_lowercase());
        [Some(value), credentials].into_iter().flatten().map(move |value| (value.to_vec(), place.clone()))
    });
    let in_query = pairs(captured).take(MOST).flat_map(|(name, value)| [name, value]);
    let in_query =
        in_query.map(|value| (coding::from_percent(value.as_bytes(), false), "another parameter of the URL"));
    let in_path = captured.path().split('/').take(MOST).map(|segment| (segment.into(), "the path of the URL"));
    let in_url = in_query.chain(in_path).map(|(value, place)| (value, place.to_owned()));
    in_headers.chain(in_url).filter(|(value, _)| !value.is_empty()).collect()
}

type Form = (Vec<u8>, Option<Named>);

/// A signature as it is, and as it may have been meant with one mistake in its form.
fn signature_forms(text: &[u8], prefix: &str) -> Vec<Form> {
    let prefix = prefix.as_bytes();
    let with_prefix = |digits: &[u8]| [prefix, digits].concat();
    // Vertical tabs, too.
    let is_space = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0x0b;
    let unspaced: Vec<u8> = text.iter().copied().filter(|byte| !is_space(byte)).collect();
    let mut forms = vec![(text.to_vec(), None), (with_prefix(text), Some((&PREFIX_MISSING).into()))];
    if unspaced != text {
        forms.push((unspaced.clone(), Some((&WHITE_SPACE).into())));
    }
    let base64 = unspaced.strip_prefix(prefix).and_then(coding::from_base64);
    forms.extend(base64.map(|tag| (with_prefix(hex::encode(tag).as_bytes()), Some((&BASE64).into()))));
    let runs = text.split(|byte| !byte.is_ascii_hexdigit()).filter(|run| !run.is_empty()).take(MOST);
    forms.extend(runs.map(|run| (with_prefix(run), Some((&NOT_ALONE).into()))));
    forms
}

/// A token decoded as it should be, and as it may have been meant with one mistake in its form.
fn token_forms(value: &[u8]) -> Vec<Form> {
    let decoded = coding::from_percent(value, false);
    let with_pluses = decoded.iter().map(|&byte| if byte == b' ' { b'+' } else { byte }).collect();
    let other_codings =
        [value.to_vec(), coding::from_percent(&decoded, false), coding::from_percent(value, true), with_pluses];
    let bare = decoded.trim_ascii();
    let bare = match bare {
        [b'"', inner @ .., b'"'] | [b'\'', inner @ .., b'\''] => inner,
        _ => bare,
    };
    let coded = other_codings.into_iter().map(|token| (token, &TOKEN_CODING));
    let changed = coded.chain([(bare.to_vec(), &TOKEN_PADDED)]).filter(|(token, _)| *token != decoded);
    let changed: Vec<Form> = changed.map(|(token, mistake)| (token, Some(mistake.into()))).collect();
    [vec![(decoded, None)], changed].concat()
}
