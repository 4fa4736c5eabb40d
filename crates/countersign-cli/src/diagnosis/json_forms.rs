//! JSON as the usual serializers write it.

use std::fmt;

use super::{json::Json, rejected::LONG};

/// How JSON is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    /// No white space.
    Compact,
    /// `, ` and `: `.
    Spaced,
    /// A line for each member, with this indentation.
    Lines(&'static str),
}

/// A way to write JSON.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    layout: Layout,
    laid_out: &'static str,
    escapes: Escapes,
}

/// What is written as `\u` and hex digits, or `\/`, although JSON does not ask for it.
#[derive(Clone, Copy, Debug)]
struct Escapes {
    ascii: &'static str,
    non_ascii: bool,
    slash: bool,
    upper_case: bool,
    described: &'static str,
}

const ESCAPES: [Escapes; 8] = [
    Escapes::new("", false, false, false, ""),
    Escapes::new("", true, false, false, ", with `\\u` escapes for non-ASCII characters"),
    Escapes::new("", false, true, false, ", with `\\/` for `/`"),
    Escapes::new("", true, true, false, ", with `\\/` for `/` and `\\u` escapes, as PHP writes it"),
    Escapes::new(
        "<>&\u{2028}\u{2029}",
        false,
        false,
        false,
        ", with `\\u` escapes for `<`, `>` and `&`, as Go writes it",
    ),
    Escapes::new(
        "<>&='",
        false,
        false,
        false,
        ", with `\\u` escapes for `<`, `>`, `&`, `=` and `'`, as Gson writes it",
    ),
    Escapes::new("\"<>&'+`\u{7f}", true, false, true, ", with `\\u` escapes as .NET writes it"),
    Escapes::new("", true, false, true, ", with `\\u` escapes in upper case"),
];

const LAYOUTS: [(Layout, &str); 6] = [
    (Layout::Compact, "without white space, as `JSON.stringify` writes it"),
    (Layout::Spaced, "with `, ` and `: `, as Python's `json.dumps` writes it"),
    (Layout::Lines("  "), "in lines indented by 2 spaces"),
    (Layout::Lines("    "), "in lines indented by 4 spaces"),
    (Layout::Lines("\t"), "in lines indented by tabs"),
    (Layout::Lines(""), "in lines that are not indented"),
];

/// Returns every form that can make a difference to `body`.
pub(super) fn all(body: &[u8]) -> impl Iterator<Item = Form> + use<> {
    let text = String::from_utf8_lossy(body);
    let matters = |escapes: &Escapes| {
        let is_there = |character| escapes.is_escaped(character) || (escapes.slash && character == '/');
        escapes.described.is_empty() || text.contains('\\') || text.contains(is_there)
    };
    let escapes: Vec<_> = ESCAPES.into_iter().filter(matters).collect();
    escapes.into_iter().flat_map(|escapes| LAYOUTS.map(|(layout, laid_out)| Form { layout, laid_out, escapes }))
}

impl Escapes {
    const fn new(ascii: &'static str, non_ascii: bool, slash: bool, upper_case: bool, described: &'static str) -> Self {
        Self { ascii, non_ascii, slash, upper_case, described }
    }

    fn is_escaped(&self, character: char) -> bool {
        (self.non_ascii && !character.is_ascii()) || self.ascii.contains(character)
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.laid_out, self.escapes.described)
    }
}

impl Form {
    /// Returns `json` in this form; `None` if that is too long: indented, deep JSON is many times
    /// longer.
    pub(super) fn write(self, json: &Json) -> Option<Vec<u8>> {
        let mut written = String::new();
        self.value(json, 0, &mut written)?;
        Some(written.into_bytes())
    }

    fn value(self, json: &Json, depth: usize, to: &mut String) -> Option<()> {
        match json {
            Json::Array(elements) => {
                self.group(('[', ']'), elements, depth, to, |element, depth, to| self.value(element, depth, to))?;
            }
            Json::Object(members) => {
                self.group(('{', '}'), members, depth, to, |(name, value), depth, to| {
                    self.string(name, to);
                    to.push_str(if self.layout == Layout::Compact { ":" } else { ": " });
                    self.value(value, depth, to)
                })?;
            }
            Json::String(text) => self.string(text, to),
            Json::Other(text) => to.push_str(text),
        }
        (to.len() <= LONG.saturating_mul(2)).then_some(())
    }

    fn group<T>(
        self,
        (open, close): (char, char),
        items: &[T],
        depth: usize,
        to: &mut String,
        write: impl Fn(&T, usize, &mut String) -> Option<()>,
    ) -> Option<()> {
        to.push(open);
        let inner = depth.saturating_add(1);
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                to.push_str(if self.layout == Layout::Spaced { ", " } else { "," });
            }
            self.line(inner, to);
            write(item, inner, to)?;
        }
        if !items.is_empty() {
            self.line(depth, to);
        }
        to.push(close);
        Some(())
    }

    fn line(self, depth: usize, to: &mut String) {
        if let Layout::Lines(indentation) = self.layout {
            to.push('\n');
            to.push_str(&indentation.repeat(depth));
        }
    }

    fn string(self, text: &str, to: &mut String) {
        to.push('"');
        for character in text.chars() {
            match character {
                other if self.escapes.is_escaped(other) => {
                    let mut units = [0; 2];
                    for unit in other.encode_utf16(&mut units) {
                        let is_upper = self.escapes.upper_case;
                        to.push_str(&if is_upper { format!("\\u{unit:04X}") } else { format!("\\u{unit:04x}") });
                    }
                }
                '/' if self.escapes.slash => to.push_str("\\/"),
                '"' => to.push_str("\\\""),
                '\\' => to.push_str("\\\\"),
                '\n' => to.push_str("\\n"),
                '\r' => to.push_str("\\r"),
                '\t' => to.push_str("\\t"),
                '\u{8}' => to.push_str("\\b"),
                '\u{c}' => to.push_str("\\f"),
                control if control < ' ' => to.push_str(&format!("\\u{:04x}", u32::from(control))),
                other => to.push(other),
            }
        }
        to.push('"');
    }
}
