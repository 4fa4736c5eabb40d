//! Trust: how strongly a delivery was verified.

use crate::scheme::Scheme;

/// The trust in a delivery: how strongly it was verified. More kinds may be added.
///
/// ```
/// use countersign_core::Trust;
///
/// assert!(Trust::Signed.covers_body());
/// assert!(!Trust::Confirmed.covers_body());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Trust {
    /// A token (or a name and password) matched, and the provider does not sign. An attacker who
    /// knows the token may have sent the delivery.
    TokenOnly,
    /// A signature matched, but it does not cover the whole body. An attacker who recorded a
    /// delivery can send the same signature with a different body.
    Unbound,
    /// The token or signature matched, and the provider's API confirmed the event. The event is the
    /// one that the API returned; the raw body is only as trustworthy as the proof.
    Confirmed,
    /// The body's signature matched: every byte of the body comes from the provider. (Of a form that
    /// is signed in sorted form, as Twilio's: its names and values. With a confirmation in addition,
    /// the event is the confirmed one.)
    Signed,
}

impl Trust {
    /// Returns the trust of a verified delivery.
    #[inline]
    pub(crate) const fn of(scheme: &Scheme) -> Self {
        if scheme.covers_body() {
            Self::Signed
        } else if scheme.is_credential() {
            Self::TokenOnly
        } else {
            Self::Unbound
        }
    }

    /// Returns whether the provider's proof covers every byte of the raw body.
    pub const fn covers_body(self) -> bool {
        matches!(self, Self::Signed)
    }

    // `Ord` would be public, and adding a kind would change the meaning of users' comparisons.
    #[inline]
    const fn rank(self) -> u8 {
        match self {
            Self::TokenOnly => 0,
            Self::Unbound => 1,
            Self::Confirmed => 2,
            Self::Signed => 3,
        }
    }

    #[inline]
    pub(crate) fn is_below(self, minimum: Self) -> bool {
        self.rank() < minimum.rank()
    }

    #[inline]
    pub(crate) fn max(self, other: Self) -> Self {
        if self.is_below(other) { other } else { self }
    }
}
