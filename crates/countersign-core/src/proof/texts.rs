//! Texts at places, for what is done with a verified delivery.

use std::borrow::Cow;

use super::{
    reading::Single,
    source::{Found, Source, one_in},
    template::BodyValues,
};
use crate::scheme::Place;

/// Reads the one value at a place in the head, whose line was found before if it is in one.
pub(crate) fn value_in_head<'a>(line: Single<'a>, source: &'a dyn Source, place: &Place) -> Option<Cow<'a, [u8]>> {
    match one_in(line, source, place) {
        Found::One(value) => Some(value),
        Found::Missing | Found::Malformed => None,
    }
}

/// Reads the texts at places in a body, in one pass. What can be read in two ways has none.
pub(crate) fn texts_in_body(places: &[Place], body: &[u8]) -> Vec<Option<String>> {
    if places.is_empty() {
        return Vec::new();
    }
    let all = BodyValues::read(places.iter().copied(), body);
    let text = |place: &Place| {
        let alone;
        let values = match &all {
            Some(values) => values,
            // Another place than this one is wrong. An attacker may have written it, and this one is signed.
            None => {
                alone = BodyValues::read(std::iter::once(*place), body)?;
                &alone
            }
        };
        values.get(place).and_then(|text| std::str::from_utf8(text).ok()).map(str::to_owned)
    };
    places.iter().map(text).collect()
}
