//! What tools that send deliveries ask a scheme.

use super::{
    Kind, Part, Scheme, Unit,
    coverage::Wanted,
    place::{Kind as PlaceKind, Pick, Place},
    signed::Signed,
};

impl Scheme {
    /// Returns the scheme that [`sign`](Self::sign) uses: of a list the first, which is the
    /// strongest, and otherwise the scheme itself.
    #[expect(clippy::indexing_slicing, reason = "const code over a const that is not empty")]
    pub const fn first(&self) -> &Self {
        match &self.0 {
            Kind::AnyOf(schemes) => &schemes[0],
            Kind::Signed(_) | Kind::Token { .. } => self,
        }
    }

    pub(super) const fn first_signed(&self) -> Option<&Signed> {
        match &self.first().0 {
            Kind::Signed(signed) => Some(signed),
            Kind::Token { .. } | Kind::AnyOf(_) => None,
        }
    }

    /// Returns the place and the form of the signed time of sending, if a time is signed. For a
    /// list, that of its first scheme.
    pub const fn signed_time(&self) -> Option<(Place, Unit)> {
        match self.first_signed() {
            Some(signed) => signed.time,
            None => None,
        }
    }

    /// Returns whether the signed time of sending has to be near the clock. For a list, whether its
    /// first scheme demands it.
    pub const fn has_tolerance(&self) -> bool {
        match self.first_signed() {
            Some(signed) => signed.tolerance.is_some(),
            None => false,
        }
    }

    /// Returns the places whose values are signed one by one, and are required. For a list, those of
    /// its first scheme.
    pub fn signed_fields(&self) -> impl Iterator<Item = Place> + use<> {
        let parts = self.first_signed().map_or(&[][..], |signed| signed.parts);
        parts.iter().filter_map(|part| if let Part::Field(place) = part { Some(*place) } else { None })
    }

    /// Returns whether the body is a form: the scheme signs its fields, or the proof is one of them.
    /// For a list, that of its first scheme.
    pub fn takes_form(&self) -> bool {
        self.first_signed().is_some_and(|signed| signed.has(Wanted::SortedForm))
            || self.first().places().chain(self.signed_fields()).any(|place| place.as_form().is_some())
            || self.json_field().is_some()
    }

    /// Returns the form field that has the JSON of a delivery, if the proof is in JSON in a
    /// [form field](Place::json_in_form). For a list, that of its first scheme.
    pub const fn json_field(&self) -> Option<&'static str> {
        match self.first().proof_places() {
            [Some(place), _] => match place.as_json_in_form() {
                Some((name, _)) => Some(name),
                None => None,
            },
            _ => None,
        }
    }

    /// Returns whether a delivery may have several proofs, of which one has to be right, as during a
    /// rotation. For a list, whether its first scheme allows that.
    pub fn allows_several_proofs(&self) -> bool {
        let is_signed = self.first_signed().is_some();
        self.first().places().next().is_some_and(|place| match place.0 {
            PlaceKind::Headers(_) | PlaceKind::Numbered(_) | PlaceKind::FormList { .. } => true,
            // Behind the one at its position, another is not read.
            PlaceKind::Member { pick, .. } => is_signed || matches!(pick, Pick::At(_)),
            _ => false,
        })
    }
}
