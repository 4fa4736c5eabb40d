//! Mistakes with the signed text: a part left out, two swapped, another separator.

use countersign_core::{
    adapter::RequestHead,
    provider::{Part, Place, Signed},
};

use super::mistake::{Mistake, can_be_shown, mistakes};
use crate::capture::Captured;

/// No more headers are tried as parts.
const MOST: usize = 8;

/// What senders write between two parts, or nothing.
const SEPARATORS: [&str; 11] = [".", ":", "", "|", "-", "_", ",", ";", " ", "&", "\n"];

mistakes! {
    LEFT_OUT: "signed-part-missing",
        "a part was left out of what is signed: the signature is of {detail}",
        "Sign as {provider} does: each part as it is sent, in this order, and nothing else.";
    ADDED: "signed-part-added",
        "more was signed than {provider} signs: the signature is of {detail}",
        "Sign as {provider} does, and nothing else.";
    ORDER: "signed-order",
        "the signed parts are in another order: the signature is of {detail}",
        "Sign as {provider} does: each part as it is sent, in this order.";
    SEPARATOR: "signed-separator",
        "the text between the signed parts is another: the signature is of {detail}",
        "Sign as {provider} does, with nothing but this text between the parts.";
    FORM: "signed-body-form",
        "the body was not signed as {provider} signs it: the signature is of {detail}",
        "Sign what {provider} signs, in the same form.";
}

type Parts = Vec<Part>;

/// Returns what else may have been signed, and what mistake that is.
pub(super) fn all(signed: &Signed, captured: &Captured, secret: &[u8]) -> Vec<(Parts, &'static Mistake)> {
    let parts = signed.parts;
    let groups = [
        (left_out(parts), &LEFT_OUT),
        (swapped(parts), &ORDER),
        (separated(parts), &SEPARATOR),
        (other_bodies(parts), &FORM),
        (added(parts, captured, secret), &ADDED),
    ];
    let mut all: Vec<(Parts, &'static Mistake)> = Vec::new();
    for (texts, mistake) in groups {
        for text in texts {
            if text != parts && all.iter().all(|(known, _)| *known != text) {
                all.push((text, mistake));
            }
        }
    }
    all
}

fn is_text(part: &Part) -> bool {
    matches!(part, Part::Text(_))
}

fn is_body(part: &Part) -> bool {
    matches!(part, Part::Body | Part::BodySha256 | Part::SortedForm)
}

/// The positions of the parts that are not fixed texts.
fn values(parts: &[Part]) -> Vec<usize> {
    parts.iter().enumerate().filter(|(_, part)| !is_text(part)).map(|(position, _)| position).collect()
}

/// The body only; without one of the others, and the text beside it; without the text at an end.
fn left_out(parts: &[Part]) -> Vec<Parts> {
    let without = |gone: &[usize]| -> Parts {
        parts.iter().enumerate().filter(|(position, _)| !gone.contains(position)).map(|(_, part)| *part).collect()
    };
    let is_text_at = |position: usize| parts.get(position).is_some_and(is_text);
    let mut texts = vec![parts.iter().copied().filter(is_body).collect()];
    for position in values(parts) {
        let beside =
            [position.checked_add(1), position.checked_sub(1)].into_iter().flatten().find(|at| is_text_at(*at));
        texts.push(without(&[&[position][..], beside.as_slice()].concat()));
    }
    let ends = [0, parts.len().saturating_sub(1)];
    texts.extend(ends.into_iter().filter(|end| is_text_at(*end)).map(|end| without(&[end])));
    // Without the body, a signature fits every body.
    texts.retain(|text: &Parts| text.iter().any(is_body) || !parts.iter().any(is_body));
    texts
}

fn swapped(parts: &[Part]) -> Vec<Parts> {
    let values = values(parts);
    let pairs = values
        .iter()
        .enumerate()
        .flat_map(|(index, one)| values.iter().skip(index.saturating_add(1)).map(move |other| (*one, *other)));
    pairs
        .map(|(one, other)| {
            let mut swapped = parts.to_vec();
            swapped.swap(one, other);
            swapped
        })
        .collect()
}

/// With another text between the parts.
fn separated(parts: &[Part]) -> Vec<Parts> {
    let last = parts.len().saturating_sub(1);
    let is_between = |position: usize, part: &Part| is_text(part) && position > 0 && position < last;
    let has_text = parts.iter().enumerate().any(|(position, part)| is_between(position, part));
    let with = |separator: &'static str| -> Parts {
        let mut text = Vec::new();
        for (position, part) in parts.iter().enumerate() {
            let follows_value = text.last().is_some_and(|part| !is_text(part));
            if is_between(position, part) || (!has_text && follows_value && !is_text(part)) {
                text.push(Part::Text(separator));
            }
            if !is_between(position, part) {
                text.push(*part);
            }
        }
        text.retain(|part| *part != Part::Text(""));
        text
    };
    SEPARATORS.into_iter().map(with).collect()
}

fn other_bodies(parts: &[Part]) -> Vec<Parts> {
    let with = |body: Part| parts.iter().map(|part| if is_body(part) { body } else { *part }).collect();
    let mut texts: Vec<Parts> = [Part::Body, Part::BodySha256].into_iter().map(with).collect();
    // Where the body is not signed, senders sign it.
    if !parts.iter().any(is_body) {
        texts.push(vec![Part::Body]);
    }
    texts
}

/// What the headers have: a time, or an ID and a time, before a body that is signed alone.
fn added(parts: &[Part], captured: &Captured, secret: &[u8]) -> Vec<Parts> {
    let [body] = parts else { return Vec::new() };
    let place =
        |name: &str| Place::__of(countersign_core::__private::PlaceKind::Header(name.to_lowercase().leak())).ok();
    let headers_with = |is_it: fn(&str, &[u8]) -> bool| {
        let headers =
            captured.headers().filter(move |(name, value)| is_it(name, value) && can_be_shown(name, secret)).take(MOST);
        headers.filter_map(move |(name, _)| place(name).map(Part::Field)).collect::<Vec<_>>()
    };
    let times = headers_with(|_, value| {
        matches!(value.len(), 10 | 13) && value.iter().all(u8::is_ascii_digit)
            || std::str::from_utf8(value).is_ok_and(|text| text.get(10..11) == Some("T"))
    });
    let ids = headers_with(|name, _| name.to_lowercase().split('-').any(|word| matches!(word, "id" | "delivery")));
    let text = |values: &[Part], separator| {
        let mut text: Parts = values.iter().flat_map(|value| [*value, Part::Text(separator)]).collect();
        text.push(*body);
        text.retain(|part| *part != Part::Text(""));
        text
    };
    let mut texts = Vec::new();
    for time in &times {
        texts.extend([".", ":", ""].map(|separator| text(&[*time], separator)));
        texts.extend(ids.iter().map(|id| text(&[*id, *time], ".")));
    }
    texts.extend(ids.iter().map(|id| text(&[*id], ".")));
    texts
}
