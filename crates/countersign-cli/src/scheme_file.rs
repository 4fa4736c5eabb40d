//! `--scheme FILE`: a provider of the author's own, from a file in TOML. Its words are those of
//! `countersign::provider::grammar`, and the library itself says what makes no sense.

mod place;
mod reader;
pub(crate) mod rust;
mod scheme;

use std::path::Path;

use countersign_core::provider::{Page, Place};
use toml::de::DeTable;

use crate::{
    catalog::{ENTRIES, Entry},
    input,
    output::Failure,
};
use place::place;
use reader::{Field, Fields, Mistake, Read};

/// No file is longer, in bytes.
const LONGEST: u64 = 16 * 1024;

const FIELDS: &[&str] =
    &["name", "title", "docs", "event", "id", "resource", "occurred-at", "sent-at", "event-copy", "signature", "token"];

/// Reads a provider from a file; `-` is standard input.
pub(crate) fn read(file: &Path) -> Result<&'static Entry, Failure> {
    of_bytes(input::read_up_to("the scheme", file, LONGEST)?, &file.display().to_string())
}

fn of_bytes(bytes: Vec<u8>, file: &str) -> Result<&'static Entry, Failure> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::usage(format!("the scheme in {file} is not UTF-8 at byte {at}"))
    })?;
    // A page and its scheme live as long as the program, and so does the text that they borrow. A command
    // reads one file.
    let text: &'static str = text.leak();
    entry(text).map_err(|Mistake { at, what }| {
        let before = text.get(..at).unwrap_or(text);
        let line = before.matches('\n').count().saturating_add(1);
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count().saturating_add(1);
        Failure::usage(format!("the scheme in {file}, line {line}, column {column}: {what}"))
    })
}

/// Reads a provider.
fn entry(text: &'static str) -> Read<&'static Entry> {
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        Mistake { at, what: format!("not TOML: {}", error.message()) }
    })?;
    let file = Fields::new(Box::leak(Box::new(table.into_inner())), "", 0, FIELDS)?;
    let name = file.read("name", name)?;
    let title = file.text("title")?.or(name).unwrap_or("your provider");
    let scheme = Box::leak(Box::new(scheme::scheme(&file)?));
    let at = |name| file.read(name, place);
    let mut page = Page::__of_scheme(name.unwrap_or("own"), title, scheme);
    page.docs = file.text("docs")?.unwrap_or_default();
    page.event = at("event")?;
    page.id = at("id")?.or(scheme.signed_id());
    page.occurred_at = at("occurred-at")?;
    page.sent_at = at("sent-at")?;
    page.event_copy = at("event-copy")?;
    page.resource = file.read("resource", places)?.unwrap_or_default();
    Ok(Box::leak(Box::new(Entry::of_file(Box::leak(Box::new(page))))))
}

/// Reads the name, which stands in paths and names a type.
fn name(field: Field) -> Read<&'static str> {
    let name = field.text()?;
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if !name.starts_with(|first: char| first.is_ascii_lowercase()) || !name.split('-').all(is_word) {
        return Err(field.mistake("must be words of ASCII letters in lower case and digits, with - between them"));
    }
    if ENTRIES.iter().any(|entry| entry.page.name == name) {
        return Err(field.mistake("is that of a provider of countersign: choose another one"));
    }
    Ok(name)
}

fn places(field: Field) -> Read<&'static [Place]> {
    let places: Read<Vec<_>> = field.list()?.map(place).collect();
    Ok(places?.leak())
}

#[cfg(test)]
#[path = "scheme_file/tests.rs"]
mod tests;
