//! Bytes as the text of a header: visible ASCII characters.

/// Percent-encodes all but visible ASCII. `%` is encoded, too.
pub(super) fn to_text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for &byte in bytes {
        if byte.is_ascii_graphic() && byte != b'%' {
            text.push(char::from(byte));
        } else {
            text.push('%');
            push_hex(&mut text, byte);
        }
    }
    text
}

/// `None` if a `%` has no two digits behind it.
pub(super) fn from_text(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.bytes());
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' { byte_of(rest.next()?, rest.next()?)? } else { byte });
    }
    Some(bytes)
}

pub(super) fn to_hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    bytes.iter().for_each(|&byte| push_hex(&mut text, byte));
    text
}

/// `None` if it is not pairs of digits.
pub(super) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| if let &[high, low] = pair { byte_of(high, low) } else { None }).collect()
}

fn push_hex(text: &mut String, byte: u8) {
    text.extend([byte >> 4, byte & 15].into_iter().filter_map(|digit| char::from_digit(digit.into(), 16)));
}

fn byte_of(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}
