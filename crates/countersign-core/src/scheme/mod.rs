//! How a provider proves its deliveries, as const data.
//!
//! Only this module and `proof` know the kinds of schemes. All other code asks: [`Scheme::places`],
//! [`Scheme::covers`], [`Scheme::conceal`], [`Scheme::grammar`].

mod conceal;
mod describe;
mod place;

pub use describe::Grammar;
pub use place::Place;

pub(crate) use conceal::{is_spelling_of, pairs};

/// The scheme by which a provider proves its deliveries.
///
/// A scheme is data, not code. The verifier, the documentation and every tool read the same const,
/// so they cannot disagree. A provider's page contains no cryptography. More kinds of schemes may
/// be added.
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
pub(crate) enum Kind {
    /// HMAC-SHA256 of the raw request body, as 64 hex digits behind a fixed prefix, in one header.
    HmacSha256 { header: &'static str, prefix: &'static str },
    /// A secret token in the query of the endpoint's URL. Nothing is signed.
    UrlToken { parameter: &'static str },
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
        // For its check of the name.
        let _ = Place::header(header);
        Self(Kind::HmacSha256 { header, prefix })
    }

    /// Creates a scheme with a secret token in the query parameter `parameter` of the endpoint's
    /// URL. Nothing is signed.
    ///
    /// An attacker who learns the URL can forge deliveries, and a modified body is not detected.
    ///
    /// # Panics
    ///
    /// Panics if `parameter` is empty or has a character other than ASCII letters, digits, `-` and
    /// `_`. (Such a name could be spelled in several ways in a URL.) In a const, that is a compile
    /// error: define schemes as consts.
    pub const fn url_token(parameter: &'static str) -> Self {
        let _ = Place::query(parameter);
        Self(Kind::UrlToken { parameter })
    }

    /// Returns every place that the proof is read from.
    #[inline]
    pub fn places(&self) -> impl Iterator<Item = Place> + use<> {
        std::iter::once(match self.0 {
            Kind::HmacSha256 { header, .. } => Place::checked_header(header),
            Kind::UrlToken { parameter } => Place::checked_query(parameter),
        })
    }

    /// Returns whether the proof covers the value at `place`. If it does, an attacker who recorded
    /// a delivery cannot change that value.
    pub const fn covers(&self, place: Place) -> bool {
        self.covers_body() && place.is_in_body()
    }

    /// Returns whether the proof covers every byte of the body.
    #[inline]
    pub const fn covers_body(&self) -> bool {
        match self.0 {
            Kind::HmacSha256 { .. } => true,
            Kind::UrlToken { .. } => false,
        }
    }

    /// Returns the fixed text before the signature, such as `sha256=`; `None` if there is no
    /// signature.
    #[inline]
    pub const fn signature_prefix(&self) -> Option<&'static str> {
        match self.0 {
            Kind::HmacSha256 { prefix, .. } => Some(prefix),
            Kind::UrlToken { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNED: Scheme = Scheme::hmac_sha256("x-acme-signature", "v1=");
    const TOKEN: Scheme = Scheme::url_token("token");

    #[test]
    fn a_signature_covers_the_body_and_nothing_else() {
        const { assert!(SIGNED.covers(Place::json("data.id")) && SIGNED.covers_body()) };
        const { assert!(!SIGNED.covers(Place::header("x-acme-id")) && !SIGNED.covers(Place::query("id"))) };
        const { assert!(!SIGNED.covers(Place::header("x-acme-signature"))) };
    }

    #[test]
    fn a_token_covers_nothing() {
        const { assert!(!TOKEN.covers(Place::json("data.id")) && !TOKEN.covers_body()) };
        const { assert!(!TOKEN.covers(Place::header("x-acme-id")) && !TOKEN.covers(Place::query("token"))) };
    }

    #[test]
    fn a_scheme_says_where_its_proof_is() {
        assert_eq!(SIGNED.places().collect::<Vec<_>>(), [Place::header("x-acme-signature")]);
        assert_eq!(TOKEN.places().collect::<Vec<_>>(), [Place::query("token")]);
        assert_eq!((SIGNED.signature_prefix(), TOKEN.signature_prefix()), (Some("v1="), None));
    }
}
