//! The signed text, part by part.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use super::{
    form, json,
    source::{Found, Source, one, query},
};
use crate::scheme::{Part, Place, PlaceKind, Signed, Wanted};

/// What a scheme reads of the body: the values at its places, in one pass.
#[derive(Default)]
pub(super) struct BodyValues<'a> {
    values: Vec<(Place, Option<Cow<'a, [u8]>>)>,
}

impl<'a> BodyValues<'a> {
    /// Reads every place in the body that the scheme names. `None` if the body is not JSON, or has a
    /// value twice.
    pub(super) fn read(places: impl Iterator<Item = Place>, body: &'a [u8]) -> Option<Self> {
        let (mut values, mut in_json) = (Vec::new(), Vec::new());
        for place in places {
            match place.0 {
                PlaceKind::Form(name) | PlaceKind::FormList { name, .. } => {
                    values.push((place, form::one(body, name).ok()?))
                }
                PlaceKind::Json(path) => in_json.push(path),
                _ => {}
            }
        }
        if !in_json.is_empty() {
            let mut found = vec![None; in_json.len()];
            json::read(body, &in_json, &mut found)?;
            let into_bytes = |text: Cow<'a, str>| match text {
                Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                Cow::Owned(text) => Cow::Owned(text.into_bytes()),
            };
            let in_json = in_json.into_iter().map(Place::json).zip(found);
            values.extend(in_json.map(|(place, value)| (place, value.map(into_bytes))));
        }
        Some(Self { values })
    }

    pub(super) fn get(&self, place: &Place) -> Option<&[u8]> {
        let (_, value) = self.values.iter().find(|(known, _)| known == place)?;
        value.as_deref()
    }
}

/// What the parts of a signed text are made from.
#[derive(Clone, Copy)]
pub(super) struct Template<'a> {
    pub(super) signed: &'a Signed,
    pub(super) source: &'a dyn Source,
    pub(super) values: &'a BodyValues<'a>,
    pub(super) url: Option<&'a str>,
    /// The time and the ID in the head, if they were read before.
    pub(super) time: Option<&'a [u8]>,
    pub(super) id: Option<&'a [u8]>,
}

/// How often a body's pieces are visited is up to the template.
pub(super) type Body<'a> = dyn Fn(&mut dyn FnMut(&[u8])) + 'a;

impl Template<'_> {
    /// Writes the parts before the body.
    pub(super) fn before(&self, write: &mut dyn FnMut(&[u8])) {
        let parts = self.signed.parts.iter().take_while(|part| !matches!(part, Part::Body));
        parts.for_each(|part| self.part(part, &|_| {}, write));
    }

    /// Writes the parts behind the body.
    pub(super) fn after(&self, write: &mut dyn FnMut(&[u8])) {
        let parts = self.signed.parts.iter().skip_while(|part| !matches!(part, Part::Body)).skip(1);
        parts.for_each(|part| self.part(part, &|_| {}, write));
    }

    /// Writes all parts.
    pub(super) fn all(&self, body: &Body<'_>, write: &mut dyn FnMut(&[u8])) {
        self.signed.parts.iter().for_each(|part| self.part(part, body, write));
    }

    fn part(&self, part: &Part, body: &Body<'_>, write: &mut dyn FnMut(&[u8])) {
        match part {
            Part::Text(text) => write(text.as_bytes()),
            Part::Time => match self.time {
                Some(time) => write(time),
                None => self.write_at(self.signed.time.map(|(place, _)| place), write),
            },
            Part::Id => match self.id {
                Some(id) => write(id),
                None => self.write_at(self.signed.id, write),
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
            Part::Body => body(write),
            Part::BodySha256 => {
                let mut hash = Sha256::new();
                body(&mut |piece| hash.update(piece));
                write(const_hex::encode(hash.finalize()).as_bytes());
            }
            // A body whose digest is in the URL is not a form.
            Part::SortedForm if self.digest().is_some() => {}
            Part::SortedForm => form::sorted(&joined(body), write),
            Part::Field(place) => self.write_at(Some(*place), write),
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
    pub(super) fn has_right_digest(&self, body: &Body<'_>) -> bool {
        let Some((_, digest)) = self.digest() else { return true };
        let mut hash = Sha256::new();
        body(&mut |piece| hash.update(piece));
        let mut given = [0; 32];
        super::encoding::decode(&digest, crate::scheme::Coding::Hex, &mut given)
            .is_some_and(|given| given == hash.finalize().as_slice())
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

pub(super) fn joined(body: &Body<'_>) -> Vec<u8> {
    let mut whole = Vec::new();
    body(&mut |piece| whole.extend_from_slice(piece));
    whole
}

/// Every place in the body that a scheme reads.
pub(super) fn places_in_body(signed: &Signed) -> impl Iterator<Item = Place> {
    let time = signed.time.map(|(place, _)| place).filter(|_| signed.has(Wanted::Time));
    let own = signed.places.into_iter().chain([signed.id, time]).flatten();
    own.chain(signed.parts.iter().filter_map(Part::place)).filter(Place::is_in_body)
}
