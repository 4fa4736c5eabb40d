//! How a receiver must answer a delivery that was tampered with.

use countersign_core::provider::{Page, Place, Provider, Scheme};

use crate::tampering::Tampering;

/// The answer that a receiver must give to a tampered delivery. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Expected {
    /// It must reject the delivery with this status.
    Rejected(u16),
    /// It must reject the delivery with this status if it sets a maximum age of events (or for
    /// [`StaleTime`](Tampering::StaleTime) a tolerance of the signed time), and accept it otherwise.
    RejectedIfAged(u16),
    /// It must accept the delivery.
    Accepted,
    /// It must accept the delivery, and with deduplication must not handle it again. A delivery
    /// without an identity is an exception, such as a test event: it is never a duplicate.
    AcceptedOnce,
    /// It cannot distinguish the delivery from a genuine one, because the provider's proof does not
    /// cover the body. The answer depends on the handler.
    NotProtected,
}

impl Tampering {
    /// Returns the answer that a receiver of `P`'s deliveries with a body limit of 1 MiB must give.
    pub fn expected<P: Provider>(self) -> Expected {
        self.expected_of(const { &Page::of::<P>() })
    }

    /// Returns the answer that a receiver of deliveries of the provider of `page` must give, like
    /// [`expected`](Self::expected).
    pub fn expected_of(self, page: &Page) -> Expected {
        let scheme = page.scheme;
        match self {
            Self::FlippedBody | Self::Reserialised if !protects_body(scheme) => Expected::NotProtected,
            Self::Oversized => Expected::Rejected(413),
            Self::UnknownEvent => Expected::Accepted,
            Self::DoubledProof if scheme.allows_several_proofs() => Expected::Accepted,
            Self::Duplicate => Expected::AcceptedOnce,
            Self::Stale => Expected::RejectedIfAged(401),
            Self::StaleTime if !scheme.has_tolerance() => Expected::RejectedIfAged(401),
            Self::FlippedBody
            | Self::FlippedTag
            | Self::TruncatedTag
            | Self::MissingProof
            | Self::DoubledProof
            | Self::WrongPrefix
            | Self::RetiredSecret
            | Self::OtherProvider
            | Self::Reserialised
            | Self::StaleTime
            | Self::WrongTime
            | Self::SwappedId
            | Self::OtherUrl => Expected::Rejected(401),
        }
    }
}

/// Whether the proof that the kit makes covers what a receiver reads of a body, even a field that no
/// page knows.
pub(crate) fn protects_body(scheme: &Scheme) -> bool {
    let first = scheme.first();
    first.covers_body() || first.covers(Place::json("countersign"))
}
