//! The signed text, part by part.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use super::{
    form::sorted,
    inspected::Texts,
    json,
    source::{Found, Source, one, query},
};
use crate::{
    form::{one as one_field, one_in_either},
    scheme::{Part, Place, PlaceKind, Signed, Wanted},
};

/// What a scheme reads of the body: the values at its places, in one pass.
#[derive(Default)]
pub(super) struct BodyValues<'a> {
    values: Vec<(Place, Value<'a>)>,
}

type Value<'a> = Option<Cow<'a, [u8]>>;

impl<'a> BodyValues<'a> {
    /// Reads every place in the body that the scheme names. `None` if the body is not JSON, or has a
    /// value twice.
    pub(super) fn read(places: impl Iterator<Item = Place>, body: &'a [u8]) -> Option<Self> {
        let (mut values, mut in_json, mut in_form) = (Vec::new(), Vec::new(), Vec::new());
        for place in places {
            match place.0 {
                PlaceKind::Form(name) | PlaceKind::FormList { name, .. } => {
                    values.push((place, one_field(body, name).ok()?))
                }
                PlaceKind::Json(path) => in_json.push(path),
                PlaceKind::JsonInForm { name, path } => in_form.push((name, path)),
                _ => {}
            }
        }
        if !in_json.is_empty() {
            let found = in_json_of(body, &in_json)?;
            values.extend(in_json.into_iter().map(Place::json).zip(found));
        }
        // Nearly always one field.
        while let Some(&(name, _)) = in_form.first() {
            let (wanted, others): (Vec<_>, _) = in_form.into_iter().partition(|(other, _)| *other == name);
            let paths: Vec<_> = wanted.iter().map(|(_, path)| *path).collect();
            let found = match one_in_either(body, name).ok()? {
                None => vec![None; paths.len()],
                Some(Cow::Borrowed(json)) => in_json_of(json, &paths)?,
                Some(Cow::Owned(json)) => in_json_of(&json, &paths)?.into_iter().map(owned).collect(),
            };
            values.extend(paths.into_iter().map(|path| Place::json_in_form(name, path)).zip(found));
            in_form = others;
        }
        Some(Self { values })
    }

    pub(super) fn get(&self, place: &Place) -> Option<&[u8]> {
        let (_, value) = self.values.iter().find(|(known, _)| known == place)?;
        value.as_deref()
    }
}

/// Reads values at paths in JSON.
fn in_json_of<'a>(json: &'a [u8], paths: &[&'static str]) -> Option<Vec<Value<'a>>> {
    let mut found = vec![None; paths.len()];
    json::read(json, paths, &mut found)?;
    let into_bytes = |text: Cow<'a, str>| match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    };
    Some(found.into_iter().map(|value| value.map(into_bytes)).collect())
}

fn owned<'a>(value: Value<'_>) -> Value<'a> {
    value.map(|value| Cow::Owned(value.into_owned()))
}

/// What the parts of a signed text are made from.
#[derive(Clone, Copy)]
pub(super) struct Template<'a> {
    pub(super) signed: &'a Signed,
    pub(super) source: &'a dyn Source,
    pub(super) values: &'a BodyValues<'a>,
    pub(super) url: Option<&'a str>,
    /// What was read before.
    pub(super) texts: &'a Texts<'a>,
}

/// Gathers short pieces: each write to a hash costs about 20 ns, however short it is.
struct Gathered<'w> {
    bytes: [u8; 128],
    length: usize,
    write: &'w mut dyn FnMut(&[u8]),
}

impl Gathered<'_> {
    #[inline]
    fn add(&mut self, piece: &[u8]) {
        let end = self.length.saturating_add(piece.len());
        if let Some(room) = self.bytes.get_mut(self.length..end) {
            room.copy_from_slice(piece);
            self.length = end;
        } else {
            self.flush();
            (self.write)(piece);
        }
    }

    fn flush(&mut self) {
        let gathered = self.bytes.get(..self.length).unwrap_or_default();
        if !gathered.is_empty() {
            (self.write)(gathered);
        }
        self.length = 0;
    }
}

impl Template<'_> {
    /// Writes the parts before the body.
    pub(super) fn before(&self, write: &mut dyn FnMut(&[u8])) {
        let parts = self.signed.parts.iter().take_while(|part| !matches!(part, Part::Body));
        parts.for_each(|part| self.part(part, &[], &mut *write));
    }

    /// Writes the parts behind the body.
    pub(super) fn after(&self, write: &mut dyn FnMut(&[u8])) {
        let parts = self.signed.parts.iter().skip_while(|part| !matches!(part, Part::Body)).skip(1);
        parts.for_each(|part| self.part(part, &[], &mut *write));
    }

    /// Writes all parts.
    pub(super) fn all(&self, body: &[u8], write: &mut dyn FnMut(&[u8])) {
        let mut pieces = Gathered { bytes: [0; 128], length: 0, write };
        self.signed.parts.iter().for_each(|part| self.part(part, body, |piece| pieces.add(piece)));
        pieces.flush();
    }

    #[inline]
    fn part(&self, part: &Part, body: &[u8], mut write: impl FnMut(&[u8])) {
        match part {
            Part::Text(text) => write(text.as_bytes()),
            Part::Time => match &self.texts.time {
                Some(time) => write(time),
                None => self.write_at(self.signed.time.map(|(place, _)| place), &mut write),
            },
            Part::Id => match &self.texts.id {
                Some(id) => write(id),
                None => self.write_at(self.signed.id, &mut write),
            },
            Part::Method => write(self.source.method().as_bytes()),
            Part::Url => {
                write(self.url.unwrap_or_default().as_bytes());
                if let Some((name, digest)) = self.digest() {
                    let has_query = self.url.is_some_and(|url| url.contains('?'));
                    [if has_query { "&" } else { "?" }, name, "="].into_iter().for_each(|text| write(text.as_bytes()));
                    write(&digest);
                }
            }
            Part::Body => write(body),
            Part::BodySha256 => write(const_hex::encode(Sha256::digest(body)).as_bytes()),
            // A body whose digest is in the URL is not a form.
            Part::SortedForm if self.digest().is_some() => {}
            Part::SortedForm => sorted(body, &mut write),
            Part::Field(place) => self.write_at(Some(*place), &mut write),
            Part::Optional(before, place, after) => {
                if let Some(value) = self.value(place) {
                    [before.as_bytes(), &value, after.as_bytes()].into_iter().for_each(write);
                }
            }
        }
    }

    fn write_at(&self, place: Option<Place>, write: &mut dyn FnMut(&[u8])) {
        if let Some(value) = place.and_then(|place| self.value(&place)) {
            write(&value);
        }
    }

    /// The one value at a place. Whether it has to be there was checked before.
    pub(super) fn value(&self, place: &Place) -> Option<Cow<'_, [u8]>> {
        if place.is_in_body() {
            return self.values.get(place).map(Cow::Borrowed);
        }
        match one(self.source, place) {
            Found::One(value) => Some(value),
            Found::Missing | Found::Malformed => None,
        }
    }

    /// The digest of the body that the provider appended to the URL.
    fn digest(&self) -> Option<(&'static str, Cow<'_, [u8]>)> {
        let name = self.signed.digest?;
        match query(self.source.query(), name) {
            Found::One(value) => Some((name, value)),
            Found::Missing | Found::Malformed => None,
        }
    }

    /// Whether the sorted form of the body is signed.
    pub(super) fn has_sorted_form(&self) -> bool {
        self.signed.has(Wanted::SortedForm) && self.digest().is_none()
    }

    /// Whether the digest in the URL, if there is one, is that of the body.
    pub(super) fn has_right_digest(&self, body: &[u8]) -> bool {
        let Some((_, digest)) = self.digest() else { return true };
        let mut given = [0; 32];
        super::encoding::decode(&digest, crate::scheme::Coding::Hex, &mut given)
            .is_some_and(|given| given == Sha256::digest(body).as_slice())
    }
}

/// Whether the digest in the URL, if there is one, is written as it must be.
pub(super) fn has_well_formed_digest(signed: &Signed, source: &dyn Source) -> bool {
    match signed.digest.map(|name| query(source.query(), name)) {
        None | Some(Found::Missing) => true,
        Some(Found::One(digest)) => digest.len() == 64 && digest.iter().all(u8::is_ascii_hexdigit),
        Some(Found::Malformed) => false,
    }
}

/// Every place in the body that a scheme reads.
pub(super) fn places_in_body(signed: &Signed) -> impl Iterator<Item = Place> {
    let time = signed.time.map(|(place, _)| place).filter(|_| signed.has(Wanted::Time));
    let own = signed.places.into_iter().chain([signed.id, time]).flatten();
    own.chain(signed.parts.iter().filter_map(Part::place)).filter(Place::is_in_body)
}
