//! What a captured signature may be, if it is not where and as it should be.

use countersign_core::RequestHead;

use super::{
    matching::{Algorithm, Reading},
    mistake::{Mistake, Named},
    signature_forms,
};
use crate::capture::Captured;

/// No header is looked at that is longer, nor more values.
const LONGEST: usize = 4096;
const MOST: usize = 64;

pub(super) static REPEATED: Mistake = Mistake {
    code: "signature-repeated",
    sentence: "the header {place} is there more than once, with the same signature",
    advice: "Find what adds it again, such as a proxy that sends a copy: exactly one is accepted.",
};

pub(super) static CONTRADICTORY: Mistake = Mistake {
    code: "signature-contradictory",
    sentence: "the header {place} is there more than once, with different signatures",
    advice: "Find what adds the other one: exactly one is accepted, because nobody can say which of them counts.",
};

static IN_QUERY: Mistake = Mistake {
    code: "signature-in-query",
    sentence: "the signature stands in the URL's query, and not in the header {place}",
    advice: "Send it in the header: URLs reach logs.",
};

static IN_OTHER_HEADER: Mistake = Mistake {
    code: "signature-in-another-header",
    sentence: "the signature stands in the header {detail}, and not in {place}",
    advice: "Have it come in {place}: something on the way renames the header, or whoever sent this does.",
};

static SHA1: Mistake = Mistake {
    code: "signature-hmac-sha1",
    sentence: "the signature was made with HMAC-SHA1, and not with HMAC-SHA256",
    advice: "Sign with HMAC-SHA256, as {provider} does.",
};

static SHA512: Mistake = Mistake {
    code: "signature-hmac-sha512",
    sentence: "the signature was made with HMAC-SHA512, and not with HMAC-SHA256",
    advice: "Sign with HMAC-SHA256, as {provider} does.",
};

static NO_HMAC: Mistake = Mistake {
    code: "signature-plain-sha256",
    sentence: "the signature is a plain SHA-256 digest, and not an HMAC",
    advice: "Sign with HMAC-SHA256, as {provider} does: a plain digest proves nothing.",
};

static TRUNCATED: Mistake = Mistake {
    code: "signature-truncated",
    sentence: "the signature is cut off: it has fewer than 64 hex digits",
    advice: "Capture the header whole. A part of a signature is never accepted.",
};

/// Every reading of every place where the signature may stand, the simplest first.
pub(super) fn readings(captured: &Captured, header: &'static str, prefix: &str) -> Vec<Reading> {
    let mut readings: Vec<_> =
        places(captured, header).into_iter().flat_map(|(place, text)| of_text(&text, prefix, place)).collect();
    readings.sort_by_key(|reading| reading.mistakes.len());
    readings
}

/// Where a signature may stand, and what is wrong with that.
fn places(captured: &Captured, header: &'static str) -> Vec<(Vec<Named>, Vec<u8>)> {
    let values: Vec<_> = captured.header_values(header).take(MOST).collect();
    match values.as_slice() {
        [] => elsewhere(captured),
        [value] => vec![(Vec::new(), value.to_vec())],
        [first, rest @ ..] if rest.iter().all(|other| other == first) => {
            vec![(vec![(&REPEATED).into()], first.to_vec())]
        }
        all => all.iter().map(|value| (vec![(&CONTRADICTORY).into()], value.to_vec())).collect(),
    }
}

fn elsewhere(captured: &Captured) -> Vec<(Vec<Named>, Vec<u8>)> {
    let values = captured.query().unwrap_or_default().split('&').filter_map(|pair| Some(pair.split_once('=')?.1));
    let in_query = values.map(|value| (vec![(&IN_QUERY).into()], super::coding::from_percent(value.as_bytes(), false)));
    let in_headers = captured
        .headers()
        .filter(|(name, _)| name.len() <= MOST)
        .map(|(name, value)| (vec![Named::with_detail(&IN_OTHER_HEADER, name.to_ascii_lowercase())], value.to_vec()));
    in_query.take(MOST).chain(in_headers.take(MOST)).collect()
}

/// A text as it should be, with one mistake in its form, or with two.
fn of_text(text: &[u8], prefix: &str, place: Vec<Named>) -> Vec<Reading> {
    let text = text.get(..LONGEST).unwrap_or(text);
    let mut readings = of_well_formed(text, prefix, &place);
    if !readings.is_empty() {
        return readings;
    }
    for (mistake, once) in signature_forms::corrected(text, prefix) {
        let place = [place.as_slice(), &[mistake.into()]].concat();
        let found = of_well_formed(&once, prefix, &place);
        if found.is_empty() {
            for (other, twice) in signature_forms::corrected(&once, prefix) {
                readings.extend(of_well_formed(&twice, prefix, &[place.as_slice(), &[other.into()]].concat()));
            }
        }
        readings.extend(found);
    }
    readings
}

/// The prefix, and nothing but hex digits behind it: as many as one of the algorithms has, or too few.
fn of_well_formed(text: &[u8], prefix: &str, so_far: &[Named]) -> Vec<Reading> {
    let Some(digits) = text.strip_prefix(prefix.as_bytes()).filter(|rest| rest.iter().all(u8::is_ascii_hexdigit))
    else {
        return Vec::new();
    };
    let whole_bytes = digits.get(..digits.len() & !1).unwrap_or_default();
    let Ok(tag) = hex::decode(whole_bytes) else { return Vec::new() };
    algorithms(digits.len())
        .into_iter()
        .filter_map(|(algorithm, mistake)| Reading::new(tag.clone(), algorithm, together(so_far, algorithm, mistake)))
        .collect()
}

fn algorithms(digits: usize) -> Vec<(Algorithm, Option<&'static Mistake>)> {
    match digits {
        64 => vec![(Algorithm::HmacSha256, None), (Algorithm::Sha256, Some(&NO_HMAC))],
        40 => vec![(Algorithm::HmacSha1, Some(&SHA1)), (Algorithm::HmacSha256, Some(&TRUNCATED))],
        128 => vec![(Algorithm::HmacSha512, Some(&SHA512))],
        0..64 => vec![(Algorithm::HmacSha256, Some(&TRUNCATED))],
        _ => Vec::new(),
    }
}

/// Who signs with another algorithm puts its name before the signature: that is one mistake.
fn together(so_far: &[Named], algorithm: Algorithm, mistake: Option<&'static Mistake>) -> Vec<Named> {
    let is_other = matches!(algorithm, Algorithm::HmacSha1 | Algorithm::HmacSha512);
    let is_about_name = |named: &Named| std::ptr::eq(named.mistake, &raw const signature_forms::OTHER_PREFIX);
    let kept = so_far.iter().filter(|named| !(is_other && is_about_name(named))).cloned();
    kept.chain(mistake.map(Named::from)).collect()
}
