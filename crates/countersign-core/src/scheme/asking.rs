//! What a scheme says when it is asked.

use std::time::Duration;

use super::{Key, Kind, Place, Plain, Scheme, Wanted};

impl Scheme {
    /// Where the proof of one scheme may be.
    #[inline]
    pub(crate) const fn proof_places(&self) -> [Option<Place>; 2] {
        match &self.0 {
            Kind::Signed(signed) => signed.places,
            Kind::Token { place, .. } => [Some(*place), None],
            Kind::AnyOf(_) => [None, None],
        }
    }

    /// Returns every place that the proof is read from.
    #[inline]
    pub fn places(&self) -> impl Iterator<Item = Place> + use<> {
        let (own, others): (_, &'static [Scheme]) = match &self.0 {
            Kind::AnyOf(schemes) => ([None, None], schemes),
            Kind::Signed(_) | Kind::Token { .. } => (self.proof_places(), &[]),
        };
        own.into_iter().chain(others.iter().flat_map(Self::proof_places)).flatten()
    }

    /// Returns whether the proof covers the value at `place`. If it does, an attacker who recorded
    /// a delivery cannot change that value. A list covers what all of its schemes cover.
    #[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over a const")]
    pub const fn covers(&self, place: Place) -> bool {
        match &self.0 {
            Kind::Signed(signed) => signed.covers(&place),
            Kind::Token { .. } => false,
            Kind::AnyOf(schemes) => {
                let mut i = 0;
                while i < schemes.len() {
                    if !schemes[i].covers(place) {
                        return false;
                    }
                    i += 1;
                }
                true
            }
        }
    }

    /// Returns whether the value at `place` may identify a delivery: an attacker who recorded one
    /// cannot change it. The proof covers it, or the proof is a credential and the place is in the
    /// body. (An attacker who knows the credential can write any body.)
    pub const fn identifies(&self, place: Place) -> bool {
        self.covers(place) || (self.is_credential() && place.is_in_body())
    }

    /// Returns whether the proof covers the whole body. A list covers what all of its schemes
    /// cover.
    #[inline]
    #[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over a const")]
    pub const fn covers_body(&self) -> bool {
        match &self.0 {
            Kind::Signed(signed) => signed.covers_body,
            Kind::Token { .. } => false,
            // The weakest is the last.
            Kind::AnyOf(schemes) => schemes[schemes.len() - 1].covers_body(),
        }
    }

    /// Returns whether the proof is a credential that both sides know (a token, or a user's name and
    /// password), and not a signature. For a list, whether one of its schemes is.
    #[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over a const")]
    pub const fn is_credential(&self) -> bool {
        match &self.0 {
            Kind::Signed(_) => false,
            Kind::Token { .. } => true,
            Kind::AnyOf(schemes) => schemes[schemes.len() - 1].is_credential(),
        }
    }

    /// Returns whether the public URL of the endpoint is signed: then a verifier is created with it,
    /// by [`new_at`](crate::Verifier::new_at).
    #[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over a const")]
    pub const fn signs_url(&self) -> bool {
        match &self.0 {
            Kind::Signed(signed) => signed.has(Wanted::Url),
            Kind::Token { .. } => false,
            Kind::AnyOf(schemes) => {
                let mut i = 0;
                while i < schemes.len() {
                    if schemes[i].signs_url() {
                        return true;
                    }
                    i += 1;
                }
                false
            }
        }
    }

    /// Returns whether a time of sending is signed. For a list, whether one of its schemes signs
    /// one.
    #[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over a const")]
    pub const fn signs_time(&self) -> bool {
        match &self.0 {
            Kind::Signed(signed) => signed.time.is_some(),
            Kind::Token { .. } => false,
            Kind::AnyOf(schemes) => {
                let mut i = 0;
                while i < schemes.len() {
                    if schemes[i].signs_time() {
                        return true;
                    }
                    i += 1;
                }
                false
            }
        }
    }

    /// Returns the place of the delivery's ID, if the scheme signs one. For a list, `None`: each of
    /// its schemes may sign another.
    pub const fn signed_id(&self) -> Option<Place> {
        match &self.0 {
            Kind::Signed(signed) => signed.id,
            Kind::Token { .. } | Kind::AnyOf(_) => None,
        }
    }

    /// The schemes of a list; none for a single scheme.
    pub(crate) const fn listed(&self) -> &'static [Self] {
        match &self.0 {
            Kind::AnyOf(schemes) => schemes,
            Kind::Signed(_) | Kind::Token { .. } => &[],
        }
    }

    /// Returns the fixed text before the signature, such as `sha256=`; `None` if there is no
    /// signature. For a list, that of its first scheme.
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "const code over a const that is not empty")]
    pub const fn signature_prefix(&self) -> Option<&'static str> {
        match &self.0 {
            Kind::Signed(signed) => Some(signed.prefix),
            Kind::Token { .. } => None,
            Kind::AnyOf(schemes) => schemes[0].signature_prefix(),
        }
    }

    /// Returns what the short way needs, if the scheme takes it. For each delivery, this is a const.
    pub(crate) const fn as_plain(&self) -> Option<Plain> {
        match &self.0 {
            Kind::Signed(signed) if signed.is_plain() => Some(Plain { prefix: signed.prefix, coding: signed.coding }),
            _ => None,
        }
    }

    #[expect(clippy::indexing_slicing, reason = "const code over a const that is not empty")]
    pub(crate) const fn has_public_key(&self) -> bool {
        match &self.0 {
            Kind::Signed(signed) => signed.algorithm.has_public_key(),
            Kind::Token { .. } => false,
            // All of its schemes, or none.
            Kind::AnyOf(schemes) => schemes[0].has_public_key(),
        }
    }

    /// How much of a delivery the proof of one scheme covers.
    pub(super) const fn trust_rank(&self) -> u8 {
        match &self.0 {
            Kind::Signed(signed) if signed.covers_body => 2,
            Kind::Signed(_) => 1,
            Kind::Token { .. } | Kind::AnyOf(_) => 0,
        }
    }

    /// Returns the form of the key, if the scheme has a signature. For a list, that of its first
    /// scheme.
    pub const fn key(&self) -> Option<Key> {
        match self.first_signed() {
            Some(signed) => Some(signed.key),
            None => None,
        }
    }

    /// Returns how far the signed time may be from the clock; `None` if any time is accepted, or
    /// none is signed. For a list, that of its first scheme.
    pub const fn tolerance(&self) -> Option<Duration> {
        match self.first_signed() {
            Some(signed) => signed.tolerance,
            None => None,
        }
    }
}
