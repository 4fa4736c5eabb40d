//! How a provider proves its deliveries, as const data.
//!
//! Only this module and `proof` know the kinds of schemes. All other code asks: [`Scheme::places`],
//! [`Scheme::covers`], [`Scheme::conceal`], [`Scheme::grammar`].

mod algorithm;
mod apart;
mod asking;
mod check;
mod conceal;
mod coverage;
mod describe;
mod edit;
pub mod grammar;
mod key;
mod part;
mod place;
mod places;
mod signed;
pub(crate) mod text;
mod tools;

pub use algorithm::{Algorithm, Coding, Unit};
pub use describe::{Grammar, SignedText};
pub use key::Key;
pub use part::Part;
pub use place::Place;
pub use signed::Signed;

pub(crate) use conceal::{is_spelling_of, pairs};
pub(crate) use coverage::Wanted;
pub use place::{Kind as PlaceKind, Pick};
pub(crate) use places::number_of;

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
        check::reject(check::token(&place));
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
        check::reject(check::list(schemes));
        Self(Kind::AnyOf(schemes))
    }
}

#[cfg(test)]
#[path = "scheme_tests.rs"]
mod tests;
