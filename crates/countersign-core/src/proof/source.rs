//! What a scheme reads of a request's head.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::reading::{Lines, Single};
use crate::scheme::{Pick, Place, PlaceKind, Scheme, Signed, is_spelling_of, number_of, pairs};

/// The head of a request, for code that is compiled once for all frameworks.
pub(crate) trait Source {
    fn method(&self) -> &str;

    fn query(&self) -> Option<&str>;

    /// Returns the one line of the header `name`.
    fn header<'a>(&'a self, name: &str) -> Single<'a>;

    /// Visits every header line.
    fn each_header<'a>(&'a self, visit: &mut dyn FnMut(&'a str, &'a [u8]));
}

/// A value that must be there once.
pub(super) enum Found<'a> {
    Missing,
    One(Cow<'a, [u8]>),
    /// Repeated, or not written as it must be.
    Malformed,
}

impl<'a> Found<'a> {
    pub(super) fn or<E>(self, missing: E, malformed: E) -> Result<Cow<'a, [u8]>, E> {
        match self {
            Self::One(value) => Ok(value),
            Self::Missing => Err(missing),
            Self::Malformed => Err(malformed),
        }
    }
}

impl<'a> From<Single<'a>> for Found<'a> {
    fn from(single: Single<'a>) -> Self {
        match single {
            Single::Missing => Self::Missing,
            Single::One(value) => Self::One(value.into()),
            Single::Repeated => Self::Malformed,
        }
    }
}

/// Finds the lines of a scheme that were not read with the others.
pub(super) fn lines_of<'a>(source: &'a dyn Source, scheme: &Scheme) -> Lines<Single<'a>> {
    let names = Lines::of(scheme);
    let [first, second] = names.signatures.map(|name| line(source, name));
    let (time, id) = (line(source, names.time), line(source, names.id));
    Lines { signatures: [first, second], time, id, ..Lines::default() }
}

fn line<'a>(source: &'a dyn Source, header: Option<&str>) -> Single<'a> {
    header.map_or(Single::Missing, |header| source.header(header))
}

/// Reads the one value at a place in the head.
pub(super) fn one<'a>(source: &'a dyn Source, place: &Place) -> Found<'a> {
    match place.0 {
        PlaceKind::Query(parameter) => query(source.query(), parameter),
        PlaceKind::Json(_) | PlaceKind::Form(_) => Found::Missing,
        PlaceKind::FormList { .. } | PlaceKind::JsonInForm { .. } => Found::Missing,
        PlaceKind::Headers(_) | PlaceKind::Numbered(_) => {
            let mut values = Single::Missing;
            each(source, place, &mut |value| values.add(value));
            values.into()
        }
        PlaceKind::Header(_) | PlaceKind::Member { .. } | PlaceKind::Authorization(_) => {
            in_line(line(source, place.as_header()), place)
        }
    }
}

/// Reads the one value at a place in the head, whose line was found before if it is in one.
pub(super) fn one_in<'a>(line: Single<'a>, source: &'a dyn Source, place: &Place) -> Found<'a> {
    match Lines::name(Some(*place)) {
        Some(_) => in_line(line, place),
        None => one(source, place),
    }
}

/// Reads the one value at a place in the line of its header.
fn in_line<'a>(line: Single<'a>, place: &Place) -> Found<'a> {
    match line {
        Single::One(line) => {
            let mut values = Single::Missing;
            within(line, place, &mut |value| values.add(value));
            values.into()
        }
        // A header that must not be repeated has no values if it is.
        Single::Missing | Single::Repeated => line.into(),
    }
}

/// Visits every value at a place in the headers.
pub(super) fn each<'a>(source: &'a dyn Source, place: &Place, visit: &mut dyn FnMut(&'a [u8])) {
    match place.0 {
        PlaceKind::Headers(name) => source.each_header(&mut |found, value| {
            if found.eq_ignore_ascii_case(name) {
                // Proxies may join the lines of a header.
                value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii).for_each(&mut *visit);
            }
        }),
        PlaceKind::Numbered(prefix) => source.each_header(&mut |found, value| {
            if number_of(found, prefix).is_some() {
                visit(value);
            }
        }),
        _ => {
            if let Some(Single::One(value)) = place.as_header().map(|name| source.header(name)) {
                within(value, place, visit);
            }
        }
    }
}

/// Visits every value at a place in the one line of its header.
pub(super) fn within<'a>(line: &'a [u8], place: &Place, visit: &mut dyn FnMut(&'a [u8])) {
    match place.0 {
        PlaceKind::Authorization(word) => {
            if let Some((found, rest)) = line.split_at_checked(word.len())
                && found.eq_ignore_ascii_case(word.as_bytes())
                && let [b' ', credentials @ ..] = rest
            {
                visit(credentials.trim_ascii_start());
            }
        }
        PlaceKind::Member { assign, separator, pick, .. } => members(line, assign, separator, pick, visit),
        PlaceKind::FormList { assign, separator, .. } => members(line, assign, separator, Pick::AnyKey, visit),
        _ => visit(line),
    }
}

/// Visits the members of a list. Blanks around a member are skipped.
fn members<'a>(list: &'a [u8], assign: u8, separator: u8, pick: Pick, visit: &mut dyn FnMut(&'a [u8])) {
    for (position, member) in (0_u8..=u8::MAX).zip(split(list, separator)) {
        let mut member = member.trim_ascii();
        // Where blanks separate members, some senders write a comma as well: `v1,…, v1,…`.
        if separator == b' '
            && let [start @ .., last] = member
            && *last == assign
            && start.contains(&assign)
        {
            member = start;
        }
        let value = match pick {
            Pick::Key(key) => without_prefix(member, key.as_bytes()).and_then(|rest| without_prefix(rest, &[assign])),
            Pick::AnyKey => {
                member.iter().position(|&byte| byte == assign).and_then(|at| member.get(at.saturating_add(1)..))
            }
            Pick::At(wanted) => (position == wanted).then_some(member),
            Pick::From(first) => (position >= first).then_some(member),
        };
        if let Some(value) = value {
            visit(value);
        }
    }
}

/// Removes a prefix. Byte by byte: a call of `memcmp` for a few bytes takes longer.
pub(super) fn without_prefix<'a>(text: &'a [u8], prefix: &[u8]) -> Option<&'a [u8]> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.iter().eq(prefix).then_some(rest)
}

/// Splits like `[u8]::split`, which looks for the end of a signature byte by byte.
fn split(list: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(list);
    std::iter::from_fn(move || {
        let list = rest?;
        let end = memchr::memchr(separator, list);
        rest = end.and_then(|end| list.get(end.saturating_add(1)..));
        list.get(..end.unwrap_or(list.len()))
    })
}

/// Reads the one `parameter` of `query`, percent-decoded; `+` is a plus.
pub(super) fn query<'a>(query: Option<&'a str>, parameter: &str) -> Found<'a> {
    match undecoded(query, parameter) {
        Ok(value) => value.map_or(Found::Missing, |value| Found::One(percent_decode_str(value).into())),
        Err(()) => Found::Malformed,
    }
}

/// The same as HTML forms are decoded: a plus is a space, as many senders write it.
pub(super) fn query_of_form<'a>(query: Option<&'a str>, parameter: &str) -> Found<'a> {
    match undecoded(query, parameter) {
        Ok(Some(value)) if value.contains('+') => {
            Found::One(Cow::Owned(percent_decode_str(&value.replace('+', " ")).collect()))
        }
        _ => self::query(query, parameter),
    }
}

/// The one value as it is written.
fn undecoded<'a>(query: Option<&'a str>, parameter: &str) -> Result<Option<&'a str>, ()> {
    let mut found = None;
    for pair in pairs(query.unwrap_or_default()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if is_spelling_of(name, parameter) {
            // An escaped spelling is another name to us, and may be the same name to a proxy in front.
            if found.is_some() || name != parameter {
                return Err(());
            }
            found = Some(value);
        }
    }
    Ok(found)
}

/// Whether there is anything where the proof of a scheme would be in the head.
pub(super) fn has_proof(source: &dyn Source, scheme: &Scheme) -> bool {
    scheme.proof_places().iter().flatten().any(|place| match place.0 {
        PlaceKind::Query(parameter) => !matches!(query(source.query(), parameter), Found::Missing),
        PlaceKind::Header(name) => !matches!(source.header(name), Single::Missing),
        _ => {
            let mut is_there = false;
            each(source, place, &mut |_| is_there = true);
            is_there || place.as_header().is_some_and(|name| matches!(source.header(name), Single::Repeated))
        }
    })
}

/// What a scheme reads of a head, kept until the body is complete.
pub(crate) struct KeptHead {
    method: Box<str>,
    query: Option<Box<str>>,
    headers: Vec<(Box<str>, Box<[u8]>)>,
}

impl KeptHead {
    pub(crate) fn new(method: &str, query: Option<&str>) -> Self {
        Self { method: method.into(), query: query.map(Into::into), headers: Vec::new() }
    }

    pub(super) fn add(&mut self, name: &str, value: &[u8]) {
        self.headers.push((name.into(), value.into()));
    }

    pub(super) fn of(source: &dyn Source, signed: &Signed) -> Self {
        let time = signed.time.map(|(place, _)| place);
        let own = signed.places.into_iter().chain([signed.id, time]).flatten();
        let places = own.chain(signed.parts.iter().filter_map(|part| part.place()));
        Self::at(source, places, signed.digest.is_some())
    }

    /// Keeps the values at `places`, and the whole query if one of them is in it, or if `reads_query`.
    pub(super) fn at(source: &dyn Source, places: impl Iterator<Item = Place> + Clone, reads_query: bool) -> Self {
        let reads_query = reads_query || places.clone().any(|place| place.as_query().is_some());
        let mut kept = Self::new(source.method(), source.query().filter(|_| reads_query));
        source.each_header(&mut |name, value| {
            if places.clone().any(|place| place.is_in_header(name)) {
                kept.add(name, value);
            }
        });
        kept
    }
}

impl Source for KeptHead {
    fn method(&self) -> &str {
        &self.method
    }

    fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    fn header<'a>(&'a self, name: &str) -> Single<'a> {
        let mut found = Single::Missing;
        for (line, value) in &self.headers {
            if line.eq_ignore_ascii_case(name) {
                found.add(value);
            }
        }
        found
    }

    fn each_header<'a>(&'a self, visit: &mut dyn FnMut(&'a str, &'a [u8])) {
        for (name, value) in &self.headers {
            visit(name, value);
        }
    }
}

#[cfg(test)]
#[path = "source_tests.rs"]
mod tests;
