//! How a receiver must answer a delivery that was tampered with.

use countersign_core::provider::Provider;

use crate::tampering::Tampering;

/// How a receiver must answer a delivery that was tampered with. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Expected {
    /// It must reject it with this status.
    Rejected(u16),
    /// It must reject it with this status if it sets a maximum age of events, and accept it
    /// otherwise.
    RejectedIfAged(u16),
    /// It must accept it.
    Accepted,
    /// It must accept it, and with deduplication must not handle it again. Test events are an
    /// exception: they are never duplicates.
    AcceptedOnce,
    /// It cannot tell it from a genuine one, because the provider's proof does not cover the body.
    /// The answer depends on the handler.
    NotProtected,
}

impl Tampering {
    /// Returns how a receiver with a body limit of 1 MiB must answer it, if `P` is the provider.
    pub fn expected<P: Provider>(self) -> Expected {
        match self {
            Self::FlippedBody | Self::Reserialised if !P::SCHEME.covers_body() => Expected::NotProtected,
            Self::Oversized => Expected::Rejected(413),
            Self::UnknownEvent => Expected::Accepted,
            Self::Duplicate => Expected::AcceptedOnce,
            Self::Stale => Expected::RejectedIfAged(401),
            Self::FlippedBody
            | Self::FlippedTag
            | Self::TruncatedTag
            | Self::MissingProof
            | Self::DoubledProof
            | Self::WrongPrefix
            | Self::RetiredSecret
            | Self::OtherProvider
            | Self::Reserialised => Expected::Rejected(401),
        }
    }
}
