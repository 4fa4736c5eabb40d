//! Reads tables of TOML. A message never shows a value: it may be a secret that does not belong there.

use std::fmt;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::{
    output::{controls_a_terminal, shortened},
    words::any_of,
};

/// The first thing that is wrong with a file, and where.
#[derive(Debug)]
pub(super) struct Mistake {
    /// The position in bytes.
    pub(super) at: usize,
    pub(super) what: String,
}

pub(super) type Read<T> = Result<T, Mistake>;

/// A hint for an author who wrote the secret into the file.
pub(super) const NO_SECRET: &str = "no secret belongs in this file: give it with --secret-env or --secret-file";

/// A value, and the name of its field. The file is kept for the life of the program.
#[derive(Clone, Copy)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) value: &'static DeValue<'static>,
    at: usize,
}

impl Field {
    fn new(name: &'static str, value: &'static Spanned<DeValue<'static>>) -> Self {
        Self { name, value: value.get_ref(), at: value.span().start }
    }

    /// Its position in the file.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn mistake(&self, what: impl fmt::Display) -> Mistake {
        Mistake { at: self.at, what: format!("`{}` {what}", self.name) }
    }

    /// A complaint of the library about what the field says.
    pub(super) fn complaint(&self, complaint: &str) -> Mistake {
        Mistake { at: self.at, what: complaint.to_owned() }
    }

    /// Any text.
    pub(super) fn any_text(&self) -> Read<&'static str> {
        self.value.as_str().ok_or_else(|| self.mistake("must be a text in quotes"))
    }

    /// A text for terminals.
    pub(super) fn text(&self) -> Read<&'static str> {
        let text = self.any_text()?;
        if text.contains(controls_a_terminal) {
            return Err(self.mistake("must not have a line break or another control character"));
        }
        Ok(text)
    }

    /// A text that is written in a header.
    pub(super) fn ascii(&self) -> Read<&'static str> {
        let text = self.text()?;
        if text.is_ascii() { Ok(text) } else { Err(self.mistake("stands in a header, and must be ASCII")) }
    }

    pub(super) fn is_true(&self) -> Read<bool> {
        self.value.as_bool().ok_or_else(|| self.mistake("must be true or false"))
    }

    /// A number that is not negative.
    pub(super) fn number<N: TryFrom<u64>>(&self) -> Read<N> {
        let number =
            self.value.as_integer().and_then(|number| u64::from_str_radix(number.as_str(), number.radix()).ok());
        let number = number.and_then(|number| number.try_into().ok());
        number.ok_or_else(|| self.mistake("must be a whole number that is neither negative nor too large"))
    }

    pub(super) fn list(&self) -> Read<impl Iterator<Item = Self> + use<>> {
        let (name, list) = (self.name, self.value.as_array());
        let list = list.ok_or_else(|| self.mistake("must be a list in brackets"))?;
        Ok(list.iter().map(move |value| Self::new(name, value)))
    }

    pub(super) fn texts(&self) -> Read<&'static [&'static str]> {
        let texts: Read<Vec<_>> = self.list()?.map(|field| field.text()).collect();
        Ok(texts?.leak())
    }

    /// One of the words of the grammar.
    pub(super) fn word<T: Copy + fmt::Debug>(&self, all: &[T], others: &str) -> Read<T> {
        let given = self.value.as_str();
        let found = all.iter().copied().find(|value| given == Some(&word(value)));
        let words: Vec<_> = all.iter().map(|value| format!("\"{}\"", word(value))).collect();
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        found.ok_or_else(|| self.mistake(format_args!("must be {}{others}", any_of(&words))))
    }

    /// The table of the field, which has none but these fields.
    pub(super) fn table(&self, known: &[&'static str]) -> Read<Fields> {
        Fields::new(self.as_table("must be a table")?, self.name, self.at, known)
    }

    /// A table with exactly one of these fields, whose name decides about the others.
    pub(super) fn kind(&self, kinds: &[&'static str], form: &str) -> Read<&'static str> {
        let table = self.as_table(form)?;
        let mut found = kinds.iter().copied().filter(|kind| table.contains_key(*kind));
        match (found.next(), found.next()) {
            (Some(kind), None) => Ok(kind),
            (Some(one), Some(other)) => {
                Err(self.mistake(format_args!("has `{one}` and `{other}`: remove one of them")))
            }
            (None, _) => Err(self.mistake(form)),
        }
    }

    fn as_table(&self, form: &str) -> Read<&'static DeTable<'static>> {
        self.value.as_table().ok_or_else(|| self.mistake(form))
    }
}

/// A table.
pub(super) struct Fields {
    table: &'static DeTable<'static>,
    /// The name of its field; empty for the file.
    name: &'static str,
    at: usize,
}

impl Fields {
    /// Rejects fields that are not known.
    pub(super) fn new(
        table: &'static DeTable<'static>,
        name: &'static str,
        at: usize,
        known: &[&'static str],
    ) -> Read<Self> {
        for key in table.keys() {
            let field: &str = key.get_ref();
            if !known.contains(&field) {
                let place = if name.is_empty() { String::new() } else { format!(" in `{name}`") };
                let hint = if field == "secret" { NO_SECRET.to_owned() } else { format!("use {}", any_of(known)) };
                let what = format!("unknown field `{}`{place}: {hint}", shortened(field));
                return Err(Mistake { at: key.span().start, what });
            }
        }
        Ok(Self { table, name, at })
    }

    pub(super) fn get(&self, name: &'static str) -> Option<Field> {
        self.table.get(name).map(|value| Field::new(name, value))
    }

    pub(super) fn need(&self, name: &'static str) -> Read<Field> {
        self.get(name).ok_or_else(|| self.mistake(&format!("`{}` needs the field `{name}`", self.name)))
    }

    /// Something that is wrong with the whole table.
    pub(super) fn mistake(&self, what: &str) -> Mistake {
        Mistake { at: self.at, what: what.to_owned() }
    }

    /// A field that may be missing.
    pub(super) fn read<T>(&self, name: &'static str, read: impl FnOnce(Field) -> Read<T>) -> Read<Option<T>> {
        self.get(name).map(read).transpose()
    }

    pub(super) fn text(&self, name: &'static str) -> Read<Option<&'static str>> {
        self.read(name, |field| field.text())
    }

    pub(super) fn is_true(&self, name: &'static str) -> Read<bool> {
        self.read(name, |field| field.is_true()).map(Option::unwrap_or_default)
    }
}

/// The word for a value of the grammar: its Rust name in lower case, with `-`. `hmac-sha256` for
/// `HmacSha256`.
fn word(value: impl fmt::Debug) -> String {
    let name = format!("{value:?}");
    let name = name.split_once('(').map_or(name.as_str(), |(name, _)| name);
    let mut word = String::new();
    for character in name.chars() {
        if character.is_ascii_uppercase() && !word.is_empty() {
            word.push('-');
        }
        word.push(character.to_ascii_lowercase());
    }
    word
}
