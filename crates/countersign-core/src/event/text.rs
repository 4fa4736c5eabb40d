//! Texts of a JSON body: borrowed where they can be, and readable where JSON allows more than Rust.

use std::borrow::Cow;

use serde::Deserialize;

/// A string, borrowed unless it has escapes.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// What a lone surrogate is replaced with: U+FFFD, in as many bytes.
const REPLACEMENT: &str = "\\ufffd";

/// Replaces the escapes of lone surrogates by that of U+FFFD. JSON allows them and Rust does not: a
/// sender that cuts a text after some UTF-16 units writes them. No byte moves.
pub(super) fn without_lone_surrogates(json: &str) -> Cow<'_, str> {
    let mut replaced = String::new();
    // The start of what is not copied yet, and of what is not looked at yet.
    let (mut copied, mut position) = (0_usize, 0_usize);
    while let Some(found) = json.get(position..).and_then(|rest| rest.find('\\')) {
        let start = position.saturating_add(found);
        let rest = json.get(start..).unwrap_or_default();
        let length = match unit(rest) {
            Some(0xD800..=0xDBFF) => {
                let is_pair = rest.get(6..).and_then(unit).is_some_and(|low| (0xDC00..=0xDFFF).contains(&low));
                if is_pair { Escape::Whole(12) } else { Escape::Lone }
            }
            Some(0xDC00..=0xDFFF) => Escape::Lone,
            Some(_) => Escape::Whole(6),
            None => Escape::Whole(2),
        };
        let length = match length {
            Escape::Whole(length) => length,
            Escape::Lone => {
                replaced.push_str(json.get(copied..start).unwrap_or_default());
                replaced.push_str(REPLACEMENT);
                copied = start.saturating_add(REPLACEMENT.len());
                REPLACEMENT.len()
            }
        };
        position = start.saturating_add(length);
        // A backslash before a character of several bytes is no escape, and no JSON.
        while !json.is_char_boundary(position) && position < json.len() {
            position = position.saturating_add(1);
        }
    }
    if copied == 0 {
        return Cow::Borrowed(json);
    }
    replaced.push_str(json.get(copied..).unwrap_or_default());
    Cow::Owned(replaced)
}

enum Escape {
    /// So many bytes that stay.
    Whole(usize),
    Lone,
}

/// The UTF-16 unit of the escape at the start of `text`, if it is one of four digits.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    // `from_str_radix` would take a sign.
    if digits.bytes().all(|digit| digit.is_ascii_hexdigit()) { u16::from_str_radix(digits, 16).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c03_lone_surrogates_are_replaced_and_nothing_else() {
        for (json, expected) in [
            (r#""\ud83d""#, r#""\ufffd""#),
            (r#""\uD83D\uD83D\uDE00\udE00x""#, r#""\ufffd\uD83D\uDE00\ufffdx""#),
            (r#""\\ud83d \\\ud83d \"\udc00""#, r#""\\ud83d \\\ufffd \"\ufffd""#),
            (r#""\ud83d\n\ud83""#, r#""\ufffd\n\ud83""#),
            (r#""\ud83d\u+d00""#, r#""\ufffd\u+d00""#),
            ("\\é\\ud800\\", "\\é\\ufffd\\"),
            ("é\u{1f4f8}\\ud800é", "é\u{1f4f8}\\ufffdé"),
        ] {
            assert_eq!(without_lone_surrogates(json), expected);
            assert_eq!(json.len(), expected.len());
        }
        for json in ["", "{}", r#""\u00e9\ud83d\ude00\\ud800\/""#, "\\u", "\\ud80", "\\"] {
            assert!(matches!(without_lone_surrogates(json), Cow::Borrowed(same) if same == json), "{json}");
        }
    }
}
