//! What the head of a capture has at a place.

use countersign_core::{
    __private::{Pick, PlaceKind},
    adapter::RequestHead,
    provider::{Part, Place, Scheme},
};

use super::coding;
use crate::capture::Captured;

/// No more values are looked at.
const MOST: usize = 64;

/// Returns the values at the scheme's own places in the head, undecoded.
pub(super) fn own_values(captured: &Captured, scheme: &Scheme) -> Vec<Vec<u8>> {
    scheme.places().flat_map(|place| values_at(captured, place)).take(MOST).collect()
}

/// Returns the values at a place in the head, undecoded.
pub(super) fn values_at(captured: &Captured, place: Place) -> Vec<Vec<u8>> {
    if let Some(name) = place.as_query() {
        let is_it = |found: &str| coding::from_percent(found.as_bytes(), false) == name.as_bytes();
        return pairs(captured).filter(|(found, _)| is_it(found)).map(|(_, value)| value.into()).collect();
    }
    captured.headers().filter(|(name, _)| place.is_in_header(name)).map(|(_, value)| value.to_vec()).collect()
}

/// Whether the head has something at the place.
pub(super) fn is_there(captured: &Captured, place: Place) -> bool {
    !values_at(captured, place).is_empty()
}

/// The places whose values are signed if they are there.
pub(super) fn optional(scheme: &Scheme) -> impl Iterator<Item = Place> + use<> {
    let parts = scheme.__signed().map_or(&[][..], |signed| signed.parts);
    parts.iter().filter_map(|part| if let Part::Optional(_, place, _) = part { Some(*place) } else { None })
}

/// Whether several headers can have it.
pub(super) fn may_repeat(place: Place) -> bool {
    matches!(place.__kind(), PlaceKind::Headers(_) | PlaceKind::Numbered(_))
}

/// The place, for a sentence about one value.
pub(super) fn described(place: Place) -> String {
    match place.__kind() {
        PlaceKind::Numbered(prefix) => format!("a header such as `{prefix}1`"),
        PlaceKind::Member { header, pick: Pick::From(position), .. } => {
            format!("item {position} in the header `{header}`")
        }
        _ => place.to_string(),
    }
}

/// The header to write the proof to.
pub(super) fn header_of(place: Place) -> Option<String> {
    match place.__kind() {
        PlaceKind::Numbered(prefix) => Some(format!("{prefix}1")),
        _ => place.as_header().map(str::to_owned),
    }
}

/// Returns the names and the values of the query.
pub(super) fn pairs(captured: &Captured) -> impl Iterator<Item = (&str, &str)> {
    captured.query().unwrap_or_default().split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}
