//! Schemes with a signature: the builder, and what does not compile.

use std::time::Duration;

use super::{
    Kind, Scheme,
    algorithm::{Algorithm, Coding, Unit},
    check,
    key::Key,
    part::Part,
    place::Place,
};

/// The tolerance of a signed time unless the page sets another.
const TOLERANCE: Duration = Duration::from_secs(5 * 60);

/// A scheme with a signature that does not say yet what is signed: see [`Scheme::signed`].
/// [`over`](Self::over) completes it. (Its fields are for the command line, which edits schemes.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "`over` completes the scheme"]
pub struct Signed {
    #[doc(hidden)]
    pub algorithm: Algorithm,
    #[doc(hidden)]
    pub key: Key,
    #[doc(hidden)]
    pub places: [Option<Place>; 2],
    #[doc(hidden)]
    pub prefix: &'static str,
    #[doc(hidden)]
    pub coding: Coding,
    #[doc(hidden)]
    pub id: Option<Place>,
    #[doc(hidden)]
    pub time: Option<(Place, Unit)>,
    #[doc(hidden)]
    pub tolerance: Option<Duration>,
    #[doc(hidden)]
    pub parts: &'static [Part],
    #[doc(hidden)]
    pub digest: Option<&'static str>,
    #[doc(hidden)]
    pub has_port_variants: bool,
    /// Whether the signature covers every byte of the body, or all of it in another form. It is read for
    /// each delivery, and computed once.
    pub(crate) covers_body: bool,
    /// Whether the proof or what it covers is read from the body: then the body is hashed once it is
    /// complete. Computed once, too.
    pub(crate) needs_body: bool,
    /// Whether a value stands beside the time in the signed text, and no fixed text between them.
    pub(crate) has_value_beside_time: bool,
}

impl Scheme {
    /// Begins a scheme with a signature by `algorithm` at `place`, written in `coding`.
    /// [`Signed::over`] completes it.
    ///
    /// Where several signatures can be at the place, any of them may match, and at most 8 are
    /// tried.
    ///
    /// ```
    /// use countersign_core::provider::{Scheme, grammar::*};
    ///
    /// // Acme-Signature: t=1614265330,v1=…
    /// const ACME: Scheme = Scheme::signed(HmacSha256, member("acme-signature", "=,", "v1"), Hex)
    ///     .time(member("acme-signature", "=,", "t"), Unit::Seconds)
    ///     .tolerance(minutes(5))
    ///     .over(&[Time, Text("."), Body]);
    ///
    /// // Reports a bad scheme at `cargo check`.
    /// const _: Scheme = ACME;
    /// ```
    ///
    /// A scheme that makes no sense does not compile, and the message says what to change:
    ///
    /// ```compile_fail,E0080
    /// # use countersign_core::provider::{Scheme, grammar::*};
    /// const BAD: Scheme = Scheme::signed(HmacSha256, header("x-acme-signature"), Hex).over(&[Time, Body]);
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the feature of `algorithm` is off. In a const, that is a compile error.
    pub const fn signed(algorithm: Algorithm, place: Place, coding: Coding) -> Signed {
        algorithm.check_feature();
        Signed {
            algorithm,
            key: algorithm.usual_key(),
            places: [Some(place), None],
            prefix: "",
            coding,
            id: None,
            time: None,
            tolerance: None,
            parts: &[],
            digest: None,
            has_port_variants: false,
            covers_body: false,
            needs_body: false,
            has_value_beside_time: false,
        }
    }
}

impl Signed {
    /// Sets the fixed text before the signature, such as `sha256=` (default: none).
    pub const fn prefix(mut self, prefix: &'static str) -> Self {
        self.prefix = prefix;
        self
    }

    /// Sets the form of the key (default: [`Key::Verbatim`] for HMAC; for a public key, see
    /// [`Key`]).
    pub const fn key(mut self, key: Key) -> Self {
        self.key = key;
        self
    }

    /// Adds a second place at which the provider may send a signature, such as a second header
    /// during a rotation. Either may be missing.
    pub const fn or_at(mut self, place: Place) -> Self {
        self.places[1] = Some(place);
        self
    }

    /// Sets the place of the delivery's ID. It has to be signed, as [`Part::Id`].
    pub const fn id(mut self, place: Place) -> Self {
        self.id = Some(place);
        self
    }

    /// Sets the place of the time of sending. It has to be signed: as [`Part::Time`], or in a body
    /// that is signed.
    ///
    /// A delivery is rejected if its time is missing, malformed, or differs from the clock by more
    /// than the [tolerance](Self::tolerance).
    pub const fn time(mut self, place: Place, unit: Unit) -> Self {
        self.time = Some((place, unit));
        self.tolerance = Some(TOLERANCE);
        self
    }

    /// Sets how far the time may be from the clock, in the past and in the future (default: 5 min).
    /// Call it after [`time`](Self::time). A verifier can have another tolerance:
    /// [`with_time_tolerance`](crate::Verifier::with_time_tolerance).
    ///
    /// # Panics
    ///
    /// Panics if there is no time. In a const, that is a compile error.
    pub const fn tolerance(mut self, tolerance: Duration) -> Self {
        assert!(self.time.is_some(), "a tolerance needs a time: add `.time(place, unit)` before it");
        self.tolerance = Some(tolerance);
        self
    }

    /// Accepts any time: for a provider that does not sign a new time for each retry.
    ///
    /// # Panics
    ///
    /// Panics if there is no time. In a const, that is a compile error.
    pub const fn any_time(mut self) -> Self {
        assert!(self.time.is_some(), "`any_time` needs a time: add `.time(place, unit)` before it");
        self.tolerance = None;
        self
    }

    /// Accepts a signature of the URL with or without the standard port (`:443` for https, `:80` for
    /// http): the provider signs one or the other.
    pub const fn with_or_without_port(mut self) -> Self {
        self.has_port_variants = true;
        self
    }

    /// Sets a query parameter that the provider appends to the signed URL if the body is not a form:
    /// the SHA-256 digest of the body, in hex. The digest has to match, and
    /// [`Part::SortedForm`] is then empty.
    pub const fn body_digest(mut self, parameter: &'static str) -> Self {
        // For its check of the name.
        let _ = Place::query(parameter);
        self.digest = Some(parameter);
        self
    }

    /// Completes the scheme with what is signed: the parts, in order.
    ///
    /// # Panics
    ///
    /// Panics if the scheme makes no sense. In a const, that is a compile error: define schemes as
    /// consts.
    pub const fn over(mut self, parts: &'static [Part]) -> Scheme {
        self.parts = parts;
        check::reject(check::signed(&self));
        Scheme(Kind::Signed(self.completed()))
    }
}
