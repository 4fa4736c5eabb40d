//! Codings that get in the way: base64, percent, character sets, compression.

use std::io::Read;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode};

/// No body is inflated to more.
const INFLATED: u64 = 8 * 1024 * 1024;

/// RFC 3986's unreserved characters stay as they are.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// In every usual form: standard and URL-safe, with padding and without.
pub(super) fn to_base64(bytes: &[u8]) -> Vec<Vec<u8>> {
    [STANDARD.encode(bytes), STANDARD_NO_PAD.encode(bytes), URL_SAFE.encode(bytes), URL_SAFE_NO_PAD.encode(bytes)]
        .map(String::into_bytes)
        .into()
}

/// From any of those forms.
pub(super) fn from_base64(text: &[u8]) -> Option<Vec<u8>> {
    let digits = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    let is_url_safe = digits.iter().any(|byte| matches!(byte, b'-' | b'_'));
    let engine = if is_url_safe { &URL_SAFE_NO_PAD } else { &STANDARD_NO_PAD };
    engine.decode(digits).ok().filter(|bytes| !bytes.is_empty())
}

/// `%41` and `+` for a space, or not.
pub(super) fn from_percent(text: &[u8], plus_is_space: bool) -> Vec<u8> {
    if !plus_is_space {
        return percent_decode(text).collect();
    }
    let spaced: Vec<u8> = text.iter().map(|&byte| if byte == b'+' { b' ' } else { byte }).collect();
    percent_decode(&spaced).collect()
}

pub(super) fn to_percent(bytes: &[u8]) -> Vec<u8> {
    percent_encode(bytes, ESCAPED).to_string().into_bytes()
}

/// What windows-1252 has at 0x80 to 0x9F, where Latin-1 has control characters.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The text of bytes that were read as windows-1252, of which Latin-1 is a part, although they were UTF-8: `Ã©` to `é`.
pub(super) fn from_mojibake(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.is_ascii() {
        return None;
    }
    std::str::from_utf8(bytes).ok()?.chars().map(windows_1252).collect()
}

fn windows_1252(character: char) -> Option<u8> {
    let code = u32::from(character);
    let position = || WINDOWS_1252.iter().position(|&other| other == character)?.checked_add(0x80);
    u8::try_from(code).ok().or_else(|| position().and_then(|at| u8::try_from(at).ok()))
}

/// The UTF-8 of text in Latin-1, and in windows-1252.
pub(super) fn to_utf8(bytes: &[u8]) -> Vec<Vec<u8>> {
    if bytes.is_ascii() {
        return Vec::new();
    }
    let latin_1: String = bytes.iter().map(|&byte| char::from(byte)).collect();
    let windows = |byte: u8| {
        let at = usize::from(byte).checked_sub(0x80);
        at.and_then(|at| WINDOWS_1252.get(at).copied()).unwrap_or(char::from(byte))
    };
    let windows_1252: String = bytes.iter().map(|&byte| windows(byte)).collect();
    vec![latin_1.into_bytes(), windows_1252.into_bytes()]
}

/// The UTF-8 of text in UTF-16 with a byte order mark, as PowerShell's `>` writes it.
pub(super) fn from_utf16(bytes: &[u8]) -> Option<Vec<u8>> {
    let (rest, unit): (_, fn([u8; 2]) -> u16) = match bytes {
        [0xff, 0xfe, rest @ ..] => (rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => (rest, u16::from_be_bytes),
        _ => return None,
    };
    let (pairs, []) = rest.as_chunks::<2>() else { return None };
    let units = pairs.iter().map(|pair| unit(*pair));
    char::decode_utf16(units).collect::<Result<String, _>>().ok().map(String::into_bytes)
}

/// What is compressed in `bytes`: gzip, zlib, or deflate alone.
pub(super) fn inflated(bytes: &[u8]) -> Option<Vec<u8>> {
    match bytes {
        [0x1f, 0x8b, ..] => read(flate2::read::MultiGzDecoder::new(bytes)),
        _ => read(flate2::read::ZlibDecoder::new(bytes)).or_else(|| read(flate2::read::DeflateDecoder::new(bytes))),
    }
}

/// All of it, if it is neither nothing nor too much.
fn read(source: impl Read) -> Option<Vec<u8>> {
    let mut inflated = Vec::new();
    let length = source.take(INFLATED.saturating_add(1)).read_to_end(&mut inflated).ok()?;
    let is_within = u64::try_from(length).is_ok_and(|length| (1..=INFLATED).contains(&length));
    is_within.then_some(inflated)
}
