//! How a provider proves its deliveries, as const data.
//!
//! Only this module and `proof` know the kinds of schemes. All other code asks: [`Scheme::places`],
//! [`Scheme::covers`], [`Scheme::conceal`], [`Scheme::grammar`].

mod algorithm;
mod asking;
mod check;
mod conceal;
mod describe;
pub mod grammar;
mod key;
mod part;
mod place;
mod signed;
mod text;
mod tools;

pub use algorithm::{Algorithm, Coding, Unit};
pub use describe::{Grammar, SignedText};
pub use key::Key;
pub use part::Part;
pub use place::Place;
pub use signed::Signed;

pub(crate) use asking::number_of;
pub(crate) use conceal::{is_spelling_of, pairs};
pub(crate) use place::{Kind as PlaceKind, Pick};
pub(crate) use signed::Wanted;

/// What the short way needs of a plain scheme: see [`Signed::is_plain`].
#[derive(Clone, Copy)]
pub(crate) struct Plain {
    pub(crate) prefix: &'static str,
    pub(crate) coding: Coding,
}

/// The scheme by which a provider proves its deliveries.
///
/// A scheme is data, not code. The verifier, the documentation and every tool read the same const,
/// so they cannot disagree. A provider's page contains no cryptography. More kinds of schemes may
/// be added.
///
/// * [`signed`](Self::signed): a signature of the body and of other parts.
/// * [`hmac_sha256`](Self::hmac_sha256): its most common form, in one line.
/// * [`token`](Self::token), [`basic`](Self::basic), [`url_token`](Self::url_token): a shared
///   credential. Nothing is signed.
/// * [`any_of`](Self::any_of): a list of these.
///
/// ```
/// use countersign_core::provider::{Place, Scheme};
///
/// const ACME: Scheme = Scheme::hmac_sha256("x-acme-signature", "sha256=");
/// assert_eq!(ACME.to_string(), "`x-acme-signature: sha256=` + hex HMAC-SHA256 of the body");
/// assert!(ACME.covers(Place::json("order_id")));
/// assert!(!ACME.covers(Place::header("x-acme-event")));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scheme(pub(crate) Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "consts, which are read and not moved")]
pub(crate) enum Kind {
    /// A signature.
    Signed(Signed),
    /// A secret at a place. Nothing is signed.
    Token { place: Place, is_basic: bool },
    /// Any of these, the strongest first.
    AnyOf(&'static [Scheme]),
}

impl Scheme {
    /// Creates a scheme with the HMAC-SHA256 of the raw body in `header`: `prefix`, then exactly 64
    /// hex digits in either case.
    ///
    /// # Panics
    ///
    /// Panics if `header` is not a lower-case header name. In a const, that is a compile error:
    /// define schemes as consts.
    pub const fn hmac_sha256(header: &'static str, prefix: &'static str) -> Self {
        Self::signed(Algorithm::HmacSha256, Place::header(header), Coding::Hex).prefix(prefix).over(&[Part::Body])
    }

    /// Creates a scheme with a secret token at `place`. Nothing is signed.
    ///
    /// An attacker who learns the token can forge deliveries, and a modified body is not detected.
    ///
    /// ```
    /// use countersign_core::provider::{Scheme, grammar::*};
    ///
    /// const ACME: Scheme = Scheme::token(header("x-acme-token"));
    /// const BEARER: Scheme = Scheme::token(authorization("Bearer"));
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if several values can be at `place`. In a const, that is a compile error.
    pub const fn token(place: Place) -> Self {
        assert!(place.is_single(), "a token is one value: name a place that has one, such as `header(…)`");
        Self(Kind::Token { place, is_basic: false })
    }

    /// Creates a scheme with HTTP basic authentication. The secret is the user's name and the
    /// password, with `:` between them. Nothing is signed.
    pub const fn basic() -> Self {
        Self(Kind::Token { place: Place::authorization("Basic"), is_basic: true })
    }

    /// Creates a scheme with a secret token in the query parameter `parameter` of the endpoint's
    /// URL. Nothing is signed.
    ///
    /// An attacker who learns the URL can forge deliveries, and a modified body is not detected.
    ///
    /// # Panics
    ///
    /// Panics if `parameter` is empty or has a character other than ASCII letters, digits, `-`, `_`
    /// and `.`. (Such a name could be spelled in several ways in a URL.) In a const, that is a
    /// compile error: define schemes as consts.
    pub const fn url_token(parameter: &'static str) -> Self {
        Self::token(Place::query(parameter))
    }

    /// Creates a scheme that accepts any of `schemes`, the strongest first.
    ///
    /// A delivery is verified by the first scheme of which it has a proof, right or wrong: a weaker
    /// one is tried only if the delivery has no proof of a stronger one. The
    /// [trust](crate::Delivery::trust) is that of the scheme that matched. **If you list a token,
    /// you accept a token**: an attacker who knows it leaves the signature out.
    ///
    /// Each secret has to be a key for at least one of the schemes, and counts for every scheme that
    /// it is a key for. So an attacker who learns a token may also be able to sign with it: beside a
    /// token, a high trust does not show that the token is safe.
    ///
    /// # Panics
    ///
    /// Panics if the list makes no sense. In a const, that is a compile error: define schemes as
    /// consts.
    pub const fn any_of(schemes: &'static [Scheme]) -> Self {
        check::list(schemes);
        Self(Kind::AnyOf(schemes))
    }

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

    pub(crate) const fn has_public_key(&self) -> bool {
        matches!(&self.0, Kind::Signed(signed) if signed.algorithm.has_public_key())
    }

    /// How much of a delivery the proof of one scheme covers.
    const fn trust_rank(&self) -> u8 {
        match &self.0 {
            Kind::Signed(signed) if signed.covers_body => 2,
            Kind::Signed(_) => 1,
            Kind::Token { .. } | Kind::AnyOf(_) => 0,
        }
    }
}

#[cfg(test)]
#[path = "scheme_tests.rs"]
mod tests;
