//! Known mistakes with the body.

use std::collections::HashSet;

use bytes::Bytes;
use countersign_core::provider::Page;
use countersign_testkit::payloads;

use super::{
    coding, forms,
    json::Json,
    json_forms,
    mistake::{Meant, Mistake, Named, Undo, mistakes},
    rejected::LONG,
};
use crate::capture::Captured;

mistakes! {
    WHITE_SPACE_ADDED: "body-white-space-added",
        "the captured body starts or ends with white space, or a byte order mark, that was not signed",
        "Remove it if an editor or `echo` added it; otherwise find what adds it on the way.";
    LINE_BREAK_REMOVED: "body-line-break-removed",
        "the captured body lacks the line break at its end that was signed",
        "Verify the bytes as received: something trims the body, or the capture lost its last byte.";
    TO_LF: "body-line-breaks-to-lf",
        "the captured body has LF where CRLF was signed",
        "Something changed the line breaks: an editor, Git, or copying. Capture the bytes as received.";
    TO_CRLF: "body-line-breaks-to-crlf",
        "the captured body has CRLF where LF was signed",
        "Something changed the line breaks: an editor, Git, or copying. Capture the bytes as received.";
    UNCUT: "body-longer-than-declared",
        "the body is longer than its Content-Length, and all of it was signed",
        "The Content-Length does not belong to this body: something on the way changed one of them.";
    COMPRESSED: "body-compressed",
        "the captured body is compressed, and the decompressed body was signed",
        "Have it delivered without a content coding: do not decompress what is not verified.";
    JSON_STRING: "body-in-json-string",
        "the captured body is a JSON string that holds the signed body",
        "Verify the bytes as received: something serialized the body once more.";
    IN_BASE64: "body-base64",
        "the captured body is the signed body in base64",
        "Decode it before it is verified: API gateways pass bodies to functions in base64.";
    CHUNKED: "body-chunked",
        "the captured body is in chunks, with their lengths between them, and what they hold was signed",
        "Capture the body after the server has joined the chunks.";
    IN_ENVELOPE: "body-in-envelope",
        "the captured body is an event of an API gateway, and its `body` was signed",
        "Verify the event's `body`, decoded if `isBase64Encoded` says so.";
    MISREAD: "body-charset",
        "the captured body was converted between charsets on its way: the signature is that of the body {detail}",
        "Verify the bytes as received: something read them as text in another charset than UTF-8, and wrote that.";
    LOSSY: "body-lossy-charset",
        "the signature is that of the body {detail}: the sender signed in another charset than it sent",
        "The sender must sign the bytes that it sends, in UTF-8. If `?` or one byte stands for every other character, its \
         deliveries with only ASCII characters verify.";
    DOCUMENTED: "body-documented-payload",
        "the signature is that of another body: {provider}'s documented payload of `{detail}`",
        "Verify a signature with the body that it came with, byte for byte.";
    NOT_SIGNED: "body-not-signed",
        "the signature is that of an empty body, but the captured body is not empty",
        "The sender did not have the body yet when it signed, or had consumed it.";
    RESERIALISED: "body-reserialised",
        "the captured body was parsed and written again: the signature matches the same {detail}",
        "Verify the bytes as received, before any parser: in Express use `express.raw`, not `express.json` and \
         `JSON.stringify`; in Flask `request.get_data()`. In axum and actix-web, `VerifyWebhook` does this.";
}

/// Each mistake, and the bodies that may have been signed.
static TABLE: &[(&Mistake, Undo)] = &[
    (&WHITE_SPACE_ADDED, trimmed),
    (&LINE_BREAK_REMOVED, |body| vec![[body, b"\n"].concat(), [body, b"\r\n"].concat()]),
    (&TO_LF, |body| vec![replaced(&replaced(body, b"\r\n", b"\n"), b"\n", b"\r\n")]),
    (&TO_CRLF, |body| vec![replaced(body, b"\r\n", b"\n")]),
    (&COMPRESSED, |body| coding::inflated(body).into_iter().collect()),
    (&JSON_STRING, in_string),
    (&IN_BASE64, decoded),
    (&CHUNKED, |body| joined(body).into_iter().collect()),
    (&IN_ENVELOPE, in_envelope),
    (&NOT_SIGNED, |_| vec![Vec::new()]),
];

/// Returns every body that may have been signed, and that one mistake can have made the captured one
/// of; none if the proof does not cover it.
pub(super) fn all(page: &Page, captured: &Captured) -> Vec<Meant> {
    let body = captured.body();
    let mut all = Vec::new();
    if !page.scheme.covers_body() {
        return all;
    }
    let mut known = HashSet::from([body.clone()]);
    let mut add = |value: Bytes, mistake: Named| {
        // The first way to a body counts.
        if known.insert(value.clone()) {
            all.push(Meant::body(value, mistake));
        }
    };
    if let Some(uncut) = captured.uncut() {
        add(uncut.clone(), Named::from(&UNCUT));
    }
    for (mistake, undo) in TABLE {
        undo(body).into_iter().for_each(|undone| add(undone.into(), Named::from(*mistake)));
    }
    if !body.is_ascii() {
        misread(body).into_iter().for_each(|(read, how)| add(read.into(), Named::with_detail(&MISREAD, how)));
    }
    for (lossy, how) in lossy(body) {
        add(lossy.into(), Named::with_detail(&LOSSY, how));
    }
    if body.len() <= LONG {
        // It may have become longer than what was sent, with the Content-Length of that.
        for read in [Some(body), captured.uncut().filter(|uncut| uncut.len() <= LONG)].into_iter().flatten() {
            for (written, form) in reserialised(page, read) {
                add(written.into(), Named::with_detail(&RESERIALISED, format!("JSON {form}")));
            }
            for (written, form) in forms::written(read) {
                add(written.into(), Named::with_detail(&RESERIALISED, format!("form {form}")));
            }
        }
    }
    for (event, payload) in payloads(page) {
        add(payload.as_bytes().into(), Named::with_detail(&DOCUMENTED, *event));
    }
    all
}

fn trimmed(body: &[u8]) -> Vec<Vec<u8>> {
    let line = body.strip_suffix(b"\n").map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let unmarked = body.strip_prefix("\u{feff}".as_bytes());
    let forms = [line, Some(body.trim_ascii_end()), Some(body.trim_ascii()), unmarked];
    forms.into_iter().flatten().map(<[u8]>::to_vec).collect()
}

/// What a JSON string holds, also if it is one in one, or lacks its quotes, as in logs.
fn in_string(body: &[u8]) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = Vec::new();
    let mut text = if body.starts_with(b"{\\\"") { [b"\"", body, b"\""].concat() } else { body.to_vec() };
    while let (Ok(inner), true) = (serde_json::from_slice::<String>(&text), all.len() < 3) {
        text = inner.into_bytes();
        all.push(text.clone());
    }
    all
}

/// Without the framing of chunks.
fn joined(body: &[u8]) -> Option<Vec<u8>> {
    let (mut all, mut rest) = (Vec::new(), body);
    loop {
        let end = rest.windows(2).take(32).position(|line| line == b"\r\n")?;
        let digits = std::str::from_utf8(rest.get(..end)?).ok()?.split(';').next()?;
        let length = usize::from_str_radix(digits.trim(), 16).ok()?;
        rest = rest.get(end.checked_add(2)?..)?;
        if length == 0 {
            return Some(all);
        }
        let (chunk, after) = rest.split_at_checked(length)?;
        all.extend_from_slice(chunk);
        rest = after.strip_prefix(b"\r\n")?;
    }
}

fn decoded(body: &[u8]) -> Vec<Vec<u8>> {
    let text = body.trim_ascii();
    let text = text.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(text);
    let text: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    coding::from_base64(&text).into_iter().collect()
}

fn in_envelope(event: &[u8]) -> Vec<Vec<u8>> {
    #[derive(serde::Deserialize)]
    struct Event {
        body: String,
    }
    let Ok(Event { body }) = serde_json::from_slice(event) else { return Vec::new() };
    let decoded = coding::from_base64(body.as_bytes());
    std::iter::once(body.into_bytes()).chain(decoded).collect()
}

/// The same JSON in every form, its members in their order, in the documented one, and sorted.
fn reserialised(page: &Page, body: &[u8]) -> Vec<(Vec<u8>, String)> {
    let Some(json) = Json::read(body) else { return Vec::new() };
    let event = json.member("event").and_then(Json::as_str);
    let payload = payloads(page).iter().find(|(name, _)| Some(*name) == event);
    let documented = payload.and_then(|(_, payload)| Json::read(payload.as_bytes()));
    let orders = [
        (documented.map(|model| json.ordered_like(Some(&model))), ", with its members in the documented order"),
        (Some(json.sorted()), ", with its members sorted by name"),
    ];
    let orders = orders.into_iter().filter_map(|(ordered, order)| Some((ordered?, order))).collect::<Vec<_>>();
    let all = std::iter::once((json, "")).chain(orders);
    all.flat_map(|(json, order)| {
        json_forms::all(body).filter_map(move |form| Some((form.write(&json)?, format!("{form}{order}"))))
    })
    .collect()
}

/// What windows-1252 has from 0x80 on, where it differs from ISO-8859-1.
const WINDOWS_1252: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";

/// The bytes that were read as ISO-8859-1 or windows-1252 and written as UTF-8, or the other way round.
fn misread(body: &[u8]) -> Vec<(Vec<u8>, &'static str)> {
    let Ok(text) = std::str::from_utf8(body) else {
        let read: String = body.iter().map(|&byte| char::from(byte)).collect();
        return vec![(read.into_bytes(), "in UTF-8, and the captured one is in ISO-8859-1")];
    };
    let in_windows = |character| (0x80_u8..).zip(WINDOWS_1252.chars()).find(|(_, other)| *other == character);
    let byte_of = |character| u8::try_from(character).ok().or_else(|| Some(in_windows(character)?.0));
    let bytes = text.chars().map(byte_of).collect::<Option<Vec<_>>>();
    let is_utf8 = |bytes: &Vec<u8>| !bytes.is_ascii() && std::str::from_utf8(bytes).is_ok();
    let read = bytes.filter(is_utf8).map(|bytes| (bytes, "before it was read as ISO-8859-1 and written as UTF-8"));
    read.into_iter().collect()
}

/// The same text in charsets that lose what is not ASCII. Of a character outside of the basic plane,
/// languages make one `?`, or one of each UTF-16 unit, or one of each byte.
fn lossy(body: &[u8]) -> Vec<(Vec<u8>, &'static str)> {
    let Ok(text) = std::str::from_utf8(body) else { return Vec::new() };
    let mark = |count: fn(char) -> usize| {
        let marked = text.chars().flat_map(|character| {
            let (shown, times) = if character.is_ascii() { (character, 1) } else { ('?', count(character)) };
            std::iter::repeat_n(shown, times)
        });
        (marked.collect::<String>().into_bytes(), "with `?` for every character that is not ASCII")
    };
    let units = || text.encode_utf16().map(u16::to_le_bytes);
    vec![
        mark(|_| 1),
        mark(char::len_utf16),
        mark(char::len_utf8),
        (units().flatten().collect(), "in UTF-16-LE"),
        (units().map(|[low, _]| low).collect(), "with every UTF-16 unit cut to its low byte"),
    ]
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
