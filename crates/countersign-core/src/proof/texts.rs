//! Texts at places, for what is done with a verified delivery.

use super::{
    source::{Found, Source, one},
    template::BodyValues,
};
use crate::scheme::Place;

/// Reads the one text at a place in the head.
pub(crate) fn text_in_head(source: &dyn Source, place: &Place) -> Option<String> {
    match one(source, place) {
        Found::One(text) => String::from_utf8(text.into_owned()).ok(),
        Found::Missing | Found::Malformed => None,
    }
}

/// Reads the texts at places in a body, in one pass. A body that can be read in two ways has none.
pub(crate) fn texts_in_body(places: &[Place], body: &[u8]) -> Vec<Option<String>> {
    if places.is_empty() {
        return Vec::new();
    }
    let values = BodyValues::read(places.iter().copied(), body).unwrap_or_default();
    let text = |place| values.get(place).and_then(|text| std::str::from_utf8(text).ok()).map(str::to_owned);
    places.iter().map(text).collect()
}
