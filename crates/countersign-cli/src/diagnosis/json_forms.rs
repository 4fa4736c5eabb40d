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
    escapes_non_ascii: bool,
    escapes_slash: bool,
}

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
    let has_non_ascii = !body.is_ascii() || body.contains(&b'\\');
    let has_slash = body.contains(&b'/');
    let escapes = [(false, false), (true, false), (false, true), (true, true)];
    let escapes =
        escapes.into_iter().filter(move |(non_ascii, slash)| (has_non_ascii || !non_ascii) && (has_slash || !slash));
    escapes.flat_map(|(escapes_non_ascii, escapes_slash)| {
        LAYOUTS.map(|(layout, laid_out)| Form { layout, laid_out, escapes_non_ascii, escapes_slash })
    })
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.laid_out)?;
        f.write_str(match (self.escapes_non_ascii, self.escapes_slash) {
            (false, false) => "",
            (true, false) => ", with `\\u` escapes for non-ASCII characters",
            (false, true) => ", with `\\/` for `/`",
            (true, true) => ", with `\\/` for `/` and `\\u` escapes, as PHP writes it",
        })
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
        for character in serde_json::Value::from(text).to_string().chars() {
            match character {
                '/' if self.escapes_slash => to.push_str("\\/"),
                other if self.escapes_non_ascii && !other.is_ascii() => {
                    let mut units = [0; 2];
                    other.encode_utf16(&mut units).iter().for_each(|unit| to.push_str(&format!("\\u{unit:04x}")));
                }
                other => to.push(other),
            }
        }
    }
}
