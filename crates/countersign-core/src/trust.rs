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
    /// The URL's token matched, and the provider does not sign. An attacker who knows the URL may
    /// have sent the delivery.
    TokenOnly,
    /// The URL's token matched, and the provider's API confirmed the event. The event is the one
    /// that the API returned; the raw body is only as trustworthy as the token.
    Confirmed,
    /// The body's signature matched: every byte of the body comes from the provider. (With a
    /// confirmation in addition, the event is the confirmed one.)
    Signed,
}

impl Trust {
    /// Returns the trust of a verified delivery.
    #[inline]
    pub(crate) const fn of(scheme: Scheme) -> Self {
        if scheme.covers_body() { Self::Signed } else { Self::TokenOnly }
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
            Self::Confirmed => 1,
            Self::Signed => 2,
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
