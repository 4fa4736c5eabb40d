//! What was meant by a secret, if a mistake was made with it: no secret at all where it cannot have been.

use super::coding;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// In two parts, so that nobody takes it for a secret.
const PREFIX: &[u8] = concat!("whsec", "_").as_bytes();

pub(super) fn line_break(secret: &[u8]) -> Vec<Vec<u8>> {
    let mut rest = secret;
    while let [before @ .., b'\r' | b'\n'] = rest {
        rest = before;
    }
    changed(secret, rest)
}

/// No-break and zero-width spaces, which come with what is copied from pages, too.
pub(super) fn white_space(secret: &[u8]) -> Vec<Vec<u8>> {
    let Ok(text) = std::str::from_utf8(secret) else { return changed(secret, secret.trim_ascii()) };
    let is_space = |character: char| {
        character.is_whitespace()
            || character.is_ascii_control()
            || matches!(character, '\u{200b}'..='\u{200d}' | '\u{2060}')
    };
    [changed(secret, secret.trim_ascii()), changed(secret, text.trim_matches(is_space).as_bytes())].concat()
}

pub(super) fn byte_order_mark(secret: &[u8]) -> Vec<Vec<u8>> {
    secret.strip_prefix(BYTE_ORDER_MARK).map(<[u8]>::to_vec).into_iter().collect()
}

pub(super) fn literal_line_break(secret: &[u8]) -> Vec<Vec<u8>> {
    let mut rest = secret;
    while let [before @ .., b'\\', b'r' | b'n'] = rest {
        rest = before;
    }
    changed(secret, rest)
}

pub(super) fn quotes(secret: &[u8]) -> Vec<Vec<u8>> {
    match secret {
        [b'"', inner @ .., b'"'] | [b'\'', inner @ .., b'\''] | [b'`', inner @ .., b'`'] => vec![inner.to_vec()],
        _ => std::str::from_utf8(secret)
            .ok()
            .and_then(|text| text.strip_prefix('“')?.strip_suffix('”'))
            .map(|inner| inner.as_bytes().to_vec())
            .into_iter()
            .collect(),
    }
}

pub(super) fn name(secret: &[u8]) -> Vec<Vec<u8>> {
    let Some(equals) = secret.iter().position(|&byte| byte == b'=') else { return Vec::new() };
    let (name, value) = secret.split_at_checked(equals).unwrap_or_default();
    let name = name.strip_prefix(b"export ").unwrap_or(name);
    let is_name = !name.is_empty() && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    value.strip_prefix(b"=").filter(|_| is_name).map(<[u8]>::to_vec).into_iter().collect()
}

pub(super) fn doubled(secret: &[u8]) -> Vec<Vec<u8>> {
    let separated = secret.split_at_checked(secret.len() / 2);
    let halves = separated.filter(|(first, second)| first == second);
    halves.map(|(first, _)| first.to_vec()).into_iter().collect()
}

pub(super) fn trimmed(secret: &[u8]) -> Vec<Vec<u8>> {
    let behind = [b"\n".as_slice(), b"\r\n", b" ", b"\t", b"\r"].into_iter().map(|space| [secret, space].concat());
    let before = [b" ".as_slice(), b"\t", b"\n"].into_iter().map(|space| [space, secret].concat());
    behind.chain(before).chain([[b" ", secret, b" "].concat()]).collect()
}

pub(super) fn prefix_stripped(secret: &[u8]) -> Vec<Vec<u8>> {
    if secret.starts_with(PREFIX) { Vec::new() } else { vec![[PREFIX, secret].concat()] }
}

pub(super) fn prefix_stripped_and_decoded(secret: &[u8]) -> Vec<Vec<u8>> {
    coding::to_base64(secret).into_iter().map(|text| [PREFIX, &text].concat()).collect()
}

pub(super) fn hex_decoded(secret: &[u8]) -> Vec<Vec<u8>> {
    vec![hex::encode(secret).into_bytes(), hex::encode_upper(secret).into_bytes()]
}

pub(super) fn is_base64(secret: &[u8]) -> Vec<Vec<u8>> {
    coding::from_base64(secret).into_iter().collect()
}

pub(super) fn is_hex(secret: &[u8]) -> Vec<Vec<u8>> {
    hex::decode(secret).into_iter().collect()
}

pub(super) fn without_prefix(secret: &[u8]) -> Vec<Vec<u8>> {
    secret.strip_prefix(PREFIX).map(<[u8]>::to_vec).into_iter().collect()
}

pub(super) fn without_prefix_decoded(secret: &[u8]) -> Vec<Vec<u8>> {
    secret.strip_prefix(PREFIX).and_then(coding::from_base64).into_iter().collect()
}

pub(super) fn percent_encoded(secret: &[u8]) -> Vec<Vec<u8>> {
    [coding::from_percent(secret, false), coding::from_percent(secret, true)]
        .into_iter()
        .filter(|decoded| decoded != secret)
        .collect()
}

pub(super) fn percent_decoded(secret: &[u8]) -> Vec<Vec<u8>> {
    changed(secret, &coding::to_percent(secret))
}

pub(super) fn letter_case(secret: &[u8]) -> Vec<Vec<u8>> {
    [changed(secret, &secret.to_ascii_lowercase()), changed(secret, &secret.to_ascii_uppercase())].concat()
}

pub(super) fn character_set(secret: &[u8]) -> Vec<Vec<u8>> {
    let decoded = [coding::from_mojibake(secret), coding::from_utf16(secret)];
    decoded.into_iter().flatten().chain(coding::to_utf8(secret)).collect()
}

fn changed(secret: &[u8], meant: &[u8]) -> Vec<Vec<u8>> {
    if secret == meant { Vec::new() } else { vec![meant.to_vec()] }
}
