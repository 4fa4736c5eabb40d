//! Known mistakes with the form of a signature.

use super::{coding, mistake::Mistake};

/// A mistake, and the texts that may have been meant if it was made.
struct WithForm {
    mistake: &'static Mistake,
    undo: fn(&[u8], &str) -> Vec<Vec<u8>>,
}

/// Every text that may have been meant if one mistake was made.
pub(super) fn corrected(text: &[u8], prefix: &str) -> Vec<(&'static Mistake, Vec<u8>)> {
    let undone =
        |form: &WithForm| (form.undo)(text, prefix).into_iter().map(|text| (form.mistake, text)).collect::<Vec<_>>();
    TABLE.iter().flat_map(undone).filter(|(_, meant)| meant != text).collect()
}

pub(super) static OTHER_PREFIX: Mistake = Mistake {
    code: "signature-other-prefix",
    sentence: "what stands before the signature's digits is another provider's or algorithm's prefix: it has to be {grammar}",
    advice: "Send {place} as {provider} does: {grammar}.",
};

macro_rules! mistake {
    ($code:literal, $sentence:literal, $advice:literal) => {{
        static MISTAKE: Mistake = Mistake { code: $code, sentence: $sentence, advice: $advice };
        &MISTAKE
    }};
}

static TABLE: &[WithForm] = &[
    WithForm {
        mistake: mistake!(
            "signature-white-space",
            "the header {place} has white space in it",
            "Send it without: {grammar}. A line break in a signature comes from `base64` or `xxd`."
        ),
        undo: |text, _| vec![text.iter().copied().filter(|byte| !is_space(*byte)).collect()],
    },
    WithForm {
        mistake: mistake!(
            "signature-quoted",
            "the signature in {place} has quotes around it",
            "Send it without quotes: {grammar}."
        ),
        undo: |text, prefix| unquoted(text, prefix),
    },
    WithForm {
        mistake: mistake!(
            "signature-prefix-missing",
            "the signature in {place} lacks what stands before its digits: it has to be {grammar}",
            "Send {place} as {provider} does: {grammar}."
        ),
        undo: |text, prefix| vec![[prefix.as_bytes(), text].concat()],
    },
    WithForm {
        mistake: mistake!(
            "signature-prefix-doubled",
            "the signature in {place} has its prefix twice: it has to be {grammar}",
            "Something adds the prefix to a signature that has it already."
        ),
        undo: |text, prefix| without_doubled(text, prefix),
    },
    WithForm {
        mistake: mistake!(
            "signature-prefix-letter-case",
            "the prefix of the signature in {place} is in another letter case: it has to be {grammar}",
            "Send the prefix exactly so; the digits may be in either case."
        ),
        undo: |text, prefix| in_other_case(text, prefix),
    },
    WithForm { mistake: &OTHER_PREFIX, undo: |text, prefix| with_other_prefix(text, prefix) },
    WithForm {
        mistake: mistake!(
            "signature-base64",
            "the signature in {place} is in base64, and not in hex",
            "Write its bytes as 64 hex digits: {grammar}."
        ),
        undo: |text, prefix| {
            from_base64(text, prefix, |tag| [20, 32, 64].contains(&tag.len()).then(|| hex::encode(tag).into_bytes()))
        },
    },
    WithForm {
        mistake: mistake!(
            "signature-base64-of-hex",
            "the signature in {place} is in base64 on top of hex",
            "Send the hex digits themselves: {grammar}."
        ),
        undo: |text, prefix| {
            from_base64(text, prefix, |hex| hex.iter().all(u8::is_ascii_hexdigit).then(|| hex.to_vec()))
        },
    },
    WithForm {
        mistake: mistake!(
            "signature-percent-encoded",
            "the signature in {place} is percent-encoded",
            "Send it as it is: headers are not percent-encoded."
        ),
        undo: |text, _| vec![coding::from_percent(text, false)],
    },
    WithForm {
        mistake: mistake!(
            "signature-in-list",
            "the header {place} holds a list, and the signature is one of its members",
            "Send one signature in one header: {grammar}. A proxy that joins headers makes a list of two."
        ),
        undo: |text, _| members(text),
    },
    WithForm {
        mistake: mistake!(
            "signature-rubbish-behind",
            "the signature in {place} has something behind its 64 hex digits",
            "Send nothing behind it: {grammar}. Some receivers stop reading there, and accept what nobody should."
        ),
        undo: |text, prefix| without_rest(text, prefix),
    },
];

/// White space, vertical tabs too.
fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0b
}

fn unquoted(text: &[u8], prefix: &str) -> Vec<Vec<u8>> {
    let inside = |text: &[u8]| match text {
        [b'"', inner @ .., b'"'] | [b'\'', inner @ .., b'\''] | [b'<', inner @ .., b'>'] => Some(inner.to_vec()),
        _ => None,
    };
    let behind_prefix = text.strip_prefix(prefix.as_bytes()).and_then(inside);
    let with_prefix = behind_prefix.map(|inner| [prefix.as_bytes(), &inner].concat());
    inside(text).into_iter().chain(with_prefix).collect()
}

fn without_doubled(text: &[u8], prefix: &str) -> Vec<Vec<u8>> {
    let prefix = prefix.as_bytes();
    let once = text.strip_prefix(prefix).filter(|rest| !prefix.is_empty() && rest.starts_with(prefix));
    once.map(<[u8]>::to_vec).into_iter().collect()
}

fn in_other_case(text: &[u8], prefix: &str) -> Vec<Vec<u8>> {
    let Some((start, digits)) = text.split_at_checked(prefix.len()) else { return Vec::new() };
    let is_prefix = start.eq_ignore_ascii_case(prefix.as_bytes()) && start != prefix.as_bytes();
    if is_prefix { vec![[prefix.as_bytes(), digits].concat()] } else { Vec::new() }
}

/// A word and `=`, `:`, `,` or a space, as in `sha256=`, `v1,`, `HMAC-SHA256 `; and `0x`.
fn with_other_prefix(text: &[u8], prefix: &str) -> Vec<Vec<u8>> {
    let end = text.iter().take(24).position(|byte| matches!(byte, b'=' | b':' | b',' | b' '));
    let behind = end.and_then(|end| text.split_at_checked(end)).and_then(|(word, rest)| {
        let is_word = !word.is_empty() && word.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(byte));
        let rest = rest.get(1..)?.trim_ascii_start();
        (is_word && !is_own(word, prefix)).then_some(rest)
    });
    let numeral = text.strip_prefix(b"0x").or_else(|| text.strip_prefix(b"0X"));
    behind.into_iter().chain(numeral).map(|digits| [prefix.as_bytes(), digits].concat()).collect()
}

fn is_own(word: &[u8], prefix: &str) -> bool {
    prefix.get(..word.len()).is_some_and(|own| own.as_bytes().eq_ignore_ascii_case(word)) && !prefix.is_empty()
}

/// `read` makes hex digits of what is decoded.
fn from_base64(text: &[u8], prefix: &str, read: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Vec<Vec<u8>> {
    let rest = text.strip_prefix(prefix.as_bytes()).unwrap_or_default();
    let digits = coding::from_base64(rest).and_then(|decoded| read(&decoded));
    digits.map(|digits| [prefix.as_bytes(), &digits].concat()).into_iter().collect()
}

fn members(text: &[u8]) -> Vec<Vec<u8>> {
    let members = text.split(|byte| matches!(byte, b',' | b';' | b' ')).map(<[u8]>::trim_ascii);
    members.filter(|member| !member.is_empty() && *member != text).take(16).map(<[u8]>::to_vec).collect()
}

fn without_rest(text: &[u8], prefix: &str) -> Vec<Vec<u8>> {
    let length = prefix.len().saturating_add(64);
    text.get(..length).filter(|start| start.len() < text.len()).map(<[u8]>::to_vec).into_iter().collect()
}
