//! Hex and base64.

use crate::scheme::Coding;

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const STANDARD_VALUES: [u8; 256] = values(STANDARD);
const URL_VALUES: [u8; 256] = values(URL);

/// The value of each character of an alphabet; 64 for the others.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over a const")]
const fn values(alphabet: &[u8; 64]) -> [u8; 256] {
    let mut values = [64; 256];
    let mut i = 0;
    while i < 64 {
        #[expect(clippy::cast_possible_truncation, reason = "below 64")]
        {
            values[alphabet[i] as usize] = i as u8;
        }
        i += 1;
    }
    values
}

/// Whether padding has to be there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Padding {
    Required,
    Optional,
    /// Optional in a key. One without it may be random characters that no encoder wrote: then the bits
    /// that are left over can be any, and are ignored.
    OfKey,
}

/// Decodes `text` to the start of `bytes`, and returns the decoded part. `None` if the text is not
/// exactly in this coding, or does not fit.
#[inline]
pub(super) fn decode<'b>(text: &[u8], coding: Coding, bytes: &'b mut [u8]) -> Option<&'b [u8]> {
    match coding {
        Coding::Hex => {
            // The decoder would strip `0x` before the digits.
            if !text.len().is_multiple_of(2) || text.starts_with(b"0x") || text.starts_with(b"0X") {
                return None;
            }
            let bytes = bytes.get_mut(..text.len().checked_div(2)?)?;
            const_hex::decode_to_slice(text, bytes).ok()?;
            Some(bytes)
        }
        Coding::Base64 => base64(text, &STANDARD_VALUES, Padding::Required, bytes),
        Coding::Base64Url => base64(text, &URL_VALUES, Padding::Optional, bytes),
    }
}

/// Decodes a key in standard base64, with or without padding.
pub(super) fn key_from_base64(text: &[u8]) -> Option<zeroize::Zeroizing<Vec<u8>>> {
    let mut bytes = zeroize::Zeroizing::new(vec![0; text.len()]);
    let length = base64(text, &STANDARD_VALUES, Padding::OfKey, &mut bytes)?.len();
    bytes.truncate(length);
    Some(bytes)
}

/// Exactly one text stands for some bytes: the bits that are left over have to be zero, but in a key.
fn base64<'b>(text: &[u8], values: &[u8; 256], padding: Padding, bytes: &'b mut [u8]) -> Option<&'b [u8]> {
    let bare = match text {
        [bare @ .., b'=', b'='] | [bare @ .., b'='] => bare,
        bare => bare,
    };
    let is_padded = text.len().is_multiple_of(4);
    if !is_padded && (padding == Padding::Required || bare.len() != text.len()) {
        return None;
    }
    let value = |byte: u8| values.get(usize::from(byte)).copied().unwrap_or(64);
    let length = bare.len().checked_mul(3)?.checked_div(4)?;
    let out = bytes.get_mut(..length)?;
    // What is left over, moved to the top of a byte.
    let left_over = |bits: u8| {
        let is_ignored = padding == Padding::OfKey && bare.len() == text.len();
        if bits == 0 || is_ignored { 0 } else { 64 }
    };
    let mut invalid = 0;
    let (fours, rest) = bare.as_chunks::<4>();
    let (threes, last) = out.as_chunks_mut::<3>();
    for (four, three) in fours.iter().zip(threes) {
        let [a, b, c, d] = four.map(value);
        invalid |= a | b | c | d;
        *three = [(a << 2) | (b >> 4), (b << 4) | (c >> 2), (c << 6) | d];
    }
    match (rest, last) {
        ([], []) => {}
        ([a, b], [first]) => {
            let [a, b] = [a, b].map(|&byte| value(byte));
            invalid |= a | b | left_over(b << 4);
            *first = (a << 2) | (b >> 4);
        }
        ([a, b, c], [first, second]) => {
            let [a, b, c] = [a, b, c].map(|&byte| value(byte));
            invalid |= a | b | c | left_over(c << 6);
            (*first, *second) = ((a << 2) | (b >> 4), (b << 4) | (c >> 2));
        }
        _ => return None,
    }
    (invalid & 64 == 0).then_some(out)
}

/// Writes `bytes` in `coding`; base64url without padding.
pub(super) fn encode(bytes: &[u8], coding: Coding) -> String {
    let (alphabet, is_padded) = match coding {
        Coding::Hex => return const_hex::encode(bytes),
        Coding::Base64 => (STANDARD, true),
        Coding::Base64Url => (URL, false),
    };
    let mut text = String::with_capacity(bytes.len().div_ceil(3).saturating_mul(4));
    for three in bytes.chunks(3) {
        let at = |index: usize| u32::from(three.get(index).copied().unwrap_or_default());
        let bits = (at(0) << 16) | (at(1) << 8) | at(2);
        for index in 0..4_u32 {
            let shift = 18_u32.saturating_sub(index.saturating_mul(6));
            let value = ((bits >> shift) & 63) as usize;
            if index as usize <= three.len() {
                text.extend(alphabet.get(value).copied().map(char::from));
            } else if is_padded {
                text.push('=');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str, coding: Coding) -> Option<Vec<u8>> {
        decode(text.as_bytes(), coding, &mut [0; 128]).map(<[u8]>::to_vec)
    }

    /// RFC 4648, section 10.
    #[test]
    fn rfc_4648() {
        for (bytes, base64, hex) in [
            ("", "", ""),
            ("f", "Zg==", "66"),
            ("fo", "Zm8=", "666F"),
            ("foo", "Zm9v", "666F6F"),
            ("foob", "Zm9vYg==", "666F6F62"),
            ("fooba", "Zm9vYmE=", "666F6F6261"),
            ("foobar", "Zm9vYmFy", "666F6F626172"),
        ] {
            let bare = base64.trim_end_matches('=');
            assert_eq!(decoded(base64, Coding::Base64).as_deref(), Some(bytes.as_bytes()));
            assert_eq!(decoded(base64, Coding::Base64Url).as_deref(), Some(bytes.as_bytes()));
            assert_eq!(decoded(bare, Coding::Base64Url).as_deref(), Some(bytes.as_bytes()));
            assert_eq!(decoded(hex, Coding::Hex).as_deref(), Some(bytes.as_bytes()));
            assert_eq!(key_from_base64(bare.as_bytes()).unwrap().as_slice(), bytes.as_bytes());
            assert_eq!(encode(bytes.as_bytes(), Coding::Base64), base64);
            assert_eq!(encode(bytes.as_bytes(), Coding::Base64Url), bare);
            assert_eq!(encode(bytes.as_bytes(), Coding::Hex), hex.to_lowercase());
            if bare != base64 {
                assert_eq!(decoded(bare, Coding::Base64), None);
            }
        }
        assert_eq!(decoded("-_-_", Coding::Base64Url), decoded("+/+/", Coding::Base64));
    }

    /// T3: one text for some bytes, and nothing around it.
    #[test]
    fn t3_anything_else_is_malformed() {
        for text in [
            "Z", "Zg", "Zg=", "Zg===", "Z===", "====", "=", "Zh==", "Zm9=", "Zm8==", "Zg==Zg==", "Zm9v=", " Zm9v",
            "Zm9v ", "Zm9v\n", "Zm-v", "Zm_v", "Zm9vé", "Zm,v", "\u{0}m9v",
        ] {
            assert_eq!(decoded(text, Coding::Base64), None, "{text:?}");
        }
        for text in ["Z", "Zg=", "Zg===", "Zh", "Zm9", "Zm+v", "Zm/v", "Zm9v "] {
            assert_eq!(decoded(text, Coding::Base64Url), None, "{text:?}");
        }
        for text in ["0", "0x", "0x66", "0X66", "6g", "66 ", " 66", "é"] {
            assert_eq!(decoded(text, Coding::Hex), None, "{text:?}");
        }
        assert_eq!(decode(b"Zm9v", Coding::Base64, &mut [0; 2]), None);
        for text in ["Z", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm9vZ", "Zm-v", " Zg"] {
            assert_eq!(key_from_base64(text.as_bytes()), None, "{text:?}");
        }
        // A key that no encoder wrote.
        assert_eq!(key_from_base64(b"Zh").unwrap().as_slice(), b"f");
        assert_eq!(key_from_base64(b"Zm9").unwrap().as_slice(), b"fo");
        assert_eq!(decode(b"666f", Coding::Hex, &mut [0; 1]), None);
    }

    proptest::proptest! {
        /// The decoder of another crate is the oracle.
        #[test]
        fn base64_agrees_with_an_oracle(text in "[A-Za-z0-9+/=_-]{0,24}", bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..50)) {
            use base64::{Engine, engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD}};
            proptest::prop_assert_eq!(decoded(&text, Coding::Base64), STANDARD.decode(&text).ok());
            let url = URL_SAFE.decode(&text).or_else(|_| URL_SAFE_NO_PAD.decode(&text)).ok();
            proptest::prop_assert_eq!(decoded(&text, Coding::Base64Url), url);
            proptest::prop_assert_eq!(encode(&bytes, Coding::Base64), STANDARD.encode(&bytes));
            proptest::prop_assert_eq!(encode(&bytes, Coding::Base64Url), URL_SAFE_NO_PAD.encode(&bytes));
        }
    }
}
