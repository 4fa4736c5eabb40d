//! JSON as the usual serialisers write it.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{
    Serializer,
    ser::{CharEscape, Formatter},
};

use super::json::Json;

/// No form is written that is longer: white space before every line of deep JSON makes it many times longer.
const LONGEST: usize = 4 * 1024 * 1024;

/// How JSON is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    /// No white space.
    Compact,
    /// `, ` and `: `.
    Spaced,
    /// A line for each member, indented so.
    Lines(&'static [u8]),
}

/// Which characters of strings are escaped that need not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Escapes {
    non_ascii: bool,
    slash: bool,
    /// `<`, `>` and `&`, and two line separators.
    html: bool,
}

/// A way of writing JSON.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    layout: Layout,
    escapes: Escapes,
    /// `1.0` as `1`, as JavaScript has it.
    has_integers: bool,
}

const LAYOUTS: [(Layout, &str); 7] = [
    (Layout::Compact, "without white space, as `JSON.stringify` writes it"),
    (Layout::Spaced, "with `, ` and `: `, as Python's `json.dumps` writes it"),
    (Layout::Lines(b"  "), "in lines indented by 2 spaces"),
    (Layout::Lines(b"    "), "in lines indented by 4 spaces"),
    (Layout::Lines(b"\t"), "in lines indented by tabs"),
    (Layout::Lines(b" "), "in lines indented by 1 space"),
    (Layout::Lines(b""), "in lines that are not indented"),
];

const ESCAPES: [(Escapes, &str); 5] = [
    (Escapes { non_ascii: false, slash: false, html: false }, ""),
    (Escapes { non_ascii: true, slash: false, html: false }, ", with `\\u` escapes for what is not ASCII"),
    (Escapes { non_ascii: false, slash: true, html: false }, ", with `\\/` for `/`"),
    (Escapes { non_ascii: true, slash: true, html: false }, ", with `\\/` for `/` and `\\u` escapes, as PHP writes it"),
    (Escapes { non_ascii: false, slash: false, html: true }, ", with `<`, `>` and `&` escaped, as Go writes it"),
];

/// Every form that can make a difference to `body`, and what is said of it.
pub(super) fn all(body: &[u8]) -> impl Iterator<Item = (Form, String)> + use<> {
    let has = |wanted: &[u8]| body.iter().any(|byte| wanted.contains(byte));
    let is_escaped = has(b"\\");
    let differs = Escapes {
        non_ascii: is_escaped || !body.is_ascii(),
        slash: has(b"/"),
        html: is_escaped || !body.is_ascii() || has(b"<>&"),
    };
    let has_fractions = has(b".eE");
    let numbers = [(false, ""), (true, ", with `1.0` as `1`")];
    numbers.into_iter().filter(move |(has_integers, _)| has_fractions || !has_integers).flat_map(move |number| {
        ESCAPES
            .into_iter()
            .filter(move |(escapes, _)| escapes.is_within(differs))
            .flat_map(move |escapes| LAYOUTS.into_iter().map(move |layout| form(layout, escapes, number)))
    })
}

fn form(
    (layout, laid_out): (Layout, &str),
    (escapes, escaped): (Escapes, &str),
    (has_integers, numbers): (bool, &str),
) -> (Form, String) {
    (Form { layout, escapes, has_integers }, format!("{laid_out}{escaped}{numbers}"))
}

impl Escapes {
    fn is_within(self, other: Self) -> bool {
        (other.non_ascii || !self.non_ascii) && (other.slash || !self.slash) && (other.html || !self.html)
    }
}

impl Form {
    /// `json` in this form; `None` if that is too long.
    pub(super) fn write(self, json: &Json) -> Option<Vec<u8>> {
        let mut written = Vec::new();
        let writer = Writer { form: self, depth: 0, has_value: false };
        json.serialize(&mut Serializer::with_formatter(Limited(&mut written), writer)).ok()?;
        Some(written)
    }
}

struct Limited<'a>(&'a mut Vec<u8>);

impl Write for Limited<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len().saturating_add(bytes.len()) > LONGEST {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Writer {
    form: Form,
    depth: usize,
    /// Whether the innermost array or object has something in it.
    has_value: bool,
}

impl Writer {
    fn open<W: ?Sized + Write>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth = self.depth.saturating_add(1);
        self.has_value = false;
        writer.write_all(bracket)
    }

    fn close<W: ?Sized + Write>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth = self.depth.saturating_sub(1);
        if self.has_value {
            self.line(writer)?;
        }
        self.has_value = true;
        writer.write_all(bracket)
    }

    fn separate<W: ?Sized + Write>(&mut self, writer: &mut W, is_first: bool) -> io::Result<()> {
        if !is_first {
            writer.write_all(if self.form.layout == Layout::Spaced { b", " } else { b"," })?;
        }
        self.line(writer)
    }

    fn line<W: ?Sized + Write>(&self, writer: &mut W) -> io::Result<()> {
        let Layout::Lines(indent) = self.form.layout else { return Ok(()) };
        writer.write_all(b"\n")?;
        (0..self.depth).try_for_each(|_| writer.write_all(indent))
    }

    fn is_escaped(&self, character: char) -> bool {
        let Escapes { non_ascii, slash, html } = self.form.escapes;
        match character {
            '/' => slash,
            '<' | '>' | '&' => html,
            '\u{2028}' | '\u{2029}' => html || non_ascii,
            other => non_ascii && !other.is_ascii(),
        }
    }
}

impl Formatter for Writer {
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        if self.form.has_integers && value.fract() == 0.0 && value.abs() < 1e21 {
            return write!(writer, "{value}");
        }
        writer.write_all(
            serde_json::Number::from_f64(value).map(|number| number.to_string()).unwrap_or_default().as_bytes(),
        )
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(|character| self.is_escaped(character)) {
            let (plain, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
            let mut characters = from.chars();
            writer.write_all(plain.as_bytes())?;
            match characters.next() {
                Some('/') => writer.write_all(b"\\/")?,
                Some(character) => escape(writer, character)?,
                None => {}
            }
            rest = characters.as_str();
        }
        writer.write_all(rest.as_bytes())
    }

    fn write_char_escape<W: ?Sized + Write>(&mut self, writer: &mut W, escape: CharEscape) -> io::Result<()> {
        serde_json::ser::CompactFormatter.write_char_escape(writer, escape)
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.separate(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.separate(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(if self.form.layout == Layout::Compact { b":" } else { b": " })
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }
}

fn escape<W: ?Sized + Write>(writer: &mut W, character: char) -> io::Result<()> {
    let mut units = [0; 2];
    character.encode_utf16(&mut units).iter().try_for_each(|unit| write!(writer, "\\u{unit:04x}"))
}
