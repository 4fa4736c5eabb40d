//! Codings that get in the way: base64, percent-encoding, compression.

use std::io::Read;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
};
use percent_encoding::percent_decode;

/// No body is inflated to more bytes.
const INFLATED: u64 = 8 * 1024 * 1024;

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

/// Decodes `%41`, and `+` to a space if `plus_is_space`.
pub(super) fn from_percent(text: &[u8], plus_is_space: bool) -> Vec<u8> {
    if !plus_is_space {
        return percent_decode(text).collect();
    }
    let spaced: Vec<u8> = text.iter().map(|&byte| if byte == b'+' { b' ' } else { byte }).collect();
    percent_decode(&spaced).collect()
}

/// Returns what is compressed in `bytes` with gzip or zlib, if it is neither empty nor too long.
pub(super) fn inflated(bytes: &[u8]) -> Option<Vec<u8>> {
    match bytes {
        [0x1f, 0x8b, ..] => read(flate2::read::MultiGzDecoder::new(bytes)),
        _ => read(flate2::read::ZlibDecoder::new(bytes)),
    }
}

fn read(source: impl Read) -> Option<Vec<u8>> {
    let mut inflated = Vec::new();
    let length = source.take(INFLATED.saturating_add(1)).read_to_end(&mut inflated).ok()?;
    let is_within = u64::try_from(length).is_ok_and(|length| (1..=INFLATED).contains(&length));
    is_within.then_some(inflated)
}
