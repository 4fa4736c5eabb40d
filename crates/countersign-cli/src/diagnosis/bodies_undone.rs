//! What was signed, if a mistake was made with the body: nothing at all where it cannot have been.

use super::{
    bodies::{Given, Undone},
    coding,
    json::Json,
    json_forms,
};
use crate::capture::{Chunks, unchunked};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

type Candidates = Vec<Undone>;

pub(super) fn line_break_added(given: &Given<'_>) -> Candidates {
    let one = given.body.strip_suffix(b"\n");
    let two = one.and_then(|rest| rest.strip_suffix(b"\r"));
    [one, two].into_iter().flatten().map(|body| body.to_vec().into()).collect()
}

pub(super) fn line_break_removed(given: &Given<'_>) -> Candidates {
    [b"\n".as_slice(), b"\r\n"].into_iter().map(|end| [given.body, end].concat().into()).collect()
}

pub(super) fn white_space_added(given: &Given<'_>) -> Candidates {
    let body = given.body;
    [body.trim_ascii(), body.trim_ascii_end(), body.trim_ascii_start()].map(|body| body.to_vec().into()).into()
}

pub(super) fn to_crlf(given: &Given<'_>) -> Candidates {
    let with_lf = replaced(given.body, b"\r\n", b"\n");
    only(Some(replaced(&with_lf, b"\n", b"\r\n")))
}

pub(super) fn to_lf(given: &Given<'_>) -> Candidates {
    only(Some(replaced(given.body, b"\r\n", b"\n")))
}

pub(super) fn byte_order_mark_added(given: &Given<'_>) -> Candidates {
    only(given.body.strip_prefix(BYTE_ORDER_MARK).map(<[u8]>::to_vec))
}

pub(super) fn byte_order_mark_removed(given: &Given<'_>) -> Candidates {
    let has_one = given.body.starts_with(BYTE_ORDER_MARK);
    only((!has_one).then(|| [BYTE_ORDER_MARK, given.body].concat()))
}

pub(super) fn uncut(given: &Given<'_>) -> Candidates {
    only(given.uncut.map(<[u8]>::to_vec))
}

pub(super) fn chunks(given: &Given<'_>) -> Candidates {
    match unchunked(given.body) {
        Chunks::Whole(body) => vec![body.into()],
        Chunks::Incomplete(_) | Chunks::None => Vec::new(),
    }
}

pub(super) fn compressed(given: &Given<'_>) -> Candidates {
    only(coding::inflated(given.body))
}

pub(super) fn utf_16(given: &Given<'_>) -> Candidates {
    only(coding::from_utf16(given.body))
}

pub(super) fn character_set(given: &Given<'_>) -> Candidates {
    let read_as_latin_1 = coding::from_mojibake(given.body);
    let written_as_latin_1 = coding::to_utf8(given.body);
    read_as_latin_1.into_iter().chain(written_as_latin_1).map(Undone::from).collect()
}

pub(super) fn json_string(given: &Given<'_>) -> Candidates {
    if !given.body.trim_ascii_start().starts_with(b"\"") {
        return Vec::new();
    }
    only(serde_json::from_slice::<String>(given.body).ok().map(String::into_bytes))
}

pub(super) fn base64(given: &Given<'_>) -> Candidates {
    let quoted = given.body.trim_ascii();
    let text = quoted.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(quoted);
    let text: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    only(coding::from_base64(&text))
}

pub(super) fn envelope(given: &Given<'_>) -> Candidates {
    let event = Json::read(given.body);
    let Some(body) = event.as_ref().and_then(|event| event.member("body")?.as_str()) else { return Vec::new() };
    let decoded = coding::from_base64(body.as_bytes());
    [Some(body.as_bytes().to_vec()), decoded].into_iter().flatten().map(Undone::from).collect()
}

pub(super) fn form(given: &Given<'_>) -> Candidates {
    // JSON as a field's name, its value empty, is what some make of a body that they take for a form.
    let whole = given.body.strip_suffix(b"=").unwrap_or(given.body);
    let value = given.body.iter().position(|&byte| byte == b'=').and_then(|at| given.body.get(at.checked_add(1)?..));
    let texts = [Some(whole), value, value.and_then(|value| value.split(|&byte| byte == b'&').next())];
    texts.into_iter().flatten().map(|text| coding::from_percent(text, true).into()).collect()
}

pub(super) fn with_timestamp(given: &Given<'_>) -> Candidates {
    let joined = |time: &&[u8]| {
        [[*time, b"."], [*time, b""], [*time, b":"]].map(|start| [&start.concat(), given.body].concat().into())
    };
    let slack = |time: &&[u8]| [b"v0:", *time, b":", given.body].concat().into();
    given.times.iter().flat_map(|time| joined(time).into_iter().chain([slack(time)])).collect()
}

pub(super) fn empty(_: &Given<'_>) -> Candidates {
    only(Some(Vec::new()))
}

/// No longer body is written again, in bytes.
const LARGEST_TREE: usize = 4 * 1024 * 1024;

/// The same JSON in every form, with its members as they are, as the documentation has them, and sorted: one after the
/// other, because they are many.
pub(super) fn reserialised<'a>(given: &'a Given<'_>) -> impl Iterator<Item = Undone> + 'a {
    // As a tree it takes thirty times its bytes.
    let json = (given.body.len() <= LARGEST_TREE).then(|| Json::read(given.body)).flatten();
    let documented = json.as_ref().and_then(|json| Some(json.ordered_like(Some(&documented(given, json)?))));
    let sorted = json.as_ref().map(Json::sorted);
    let orders =
        [(json, ""), (documented, ", its members in the documented order"), (sorted, ", its members sorted by name")];
    orders.into_iter().filter_map(|(json, order)| Some((json?, order))).flat_map(|(json, order)| {
        json_forms::all(given.body).filter_map(move |(form, described)| {
            Some(Undone { body: form.write(&json)?, detail: Some(format!("{described}{order}")) })
        })
    })
}

/// The documented payload of the event that the body says it is.
fn documented(given: &Given<'_>, json: &Json) -> Option<Json> {
    let event = json.member("event")?.as_str()?;
    let (_, payload) = given.documented.iter().find(|(name, _)| *name == event)?;
    Json::read(payload.as_bytes())
}

fn only(body: Option<Vec<u8>>) -> Candidates {
    body.map(Undone::from).into_iter().collect()
}

fn replaced(body: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some((first, after)) = rest.split_first() {
        if let Some(behind) = rest.strip_prefix(from) {
            replaced.extend_from_slice(to);
            rest = behind;
        } else {
            replaced.push(*first);
            rest = after;
        }
    }
    replaced
}
