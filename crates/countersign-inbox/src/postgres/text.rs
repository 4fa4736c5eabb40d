//! Texts as Postgres takes them: without U+0000, which is escaped.

use std::borrow::Cow;

const ESCAPE: char = '\u{1a}';
const NUL: char = '\u{2}';
const ITSELF: char = '\u{3}';

/// Escapes a text. Different texts stay different, and nearly all of them stay what they are.
pub(super) fn written(text: &str) -> Cow<'_, str> {
    if !text.contains(['\0', ESCAPE]) {
        return Cow::Borrowed(text);
    }
    let mut written = String::with_capacity(text.len().saturating_add(8));
    for character in text.chars() {
        match character {
            '\0' => written.extend([ESCAPE, NUL]),
            ESCAPE => written.extend([ESCAPE, ITSELF]),
            other => written.push(other),
        }
    }
    Cow::Owned(written)
}

/// Reads what [`written`] wrote.
pub(super) fn read(written: String) -> String {
    if !written.contains(ESCAPE) {
        return written;
    }
    let mut text = String::with_capacity(written.len());
    let mut characters = written.chars().peekable();
    while let Some(character) = characters.next() {
        let escaped = match (character, characters.peek()) {
            (ESCAPE, Some(&NUL)) => '\0',
            (ESCAPE, Some(&ITSELF)) => ESCAPE,
            _ => {
                text.push(character);
                continue;
            }
        };
        characters.next();
        text.push(escaped);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_and_have_no_nul() {
        for text in ["", "a", "\0", "a\0b\0", "\u{1a}", "\u{1a}\0", "\u{1a}\u{2}", "\0\u{3}\u{1a}\u{1a}", "ü\0漢"] {
            let written = written(text).into_owned();
            assert!(!written.contains('\0'));
            assert_eq!(read(written), text);
        }
        assert_ne!(written("\0"), written("\u{1a}\u{2}"));
        // What somebody else wrote is read as it is.
        assert_eq!(read("\u{1a}x\u{1a}".into()), "\u{1a}x\u{1a}");
    }
}
