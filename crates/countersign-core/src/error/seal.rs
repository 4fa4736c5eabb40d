//! The error of a delivery that cannot be sealed or opened.

use super::DecodeError;

/// The error of a sealed delivery that cannot be opened, or of a key that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{kind}")]
pub struct SealError {
    kind: SealErrorKind,
    source: Option<DecodeError>,
}

/// The kind of a [`SealError`]. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum SealErrorKind {
    /// The key is too short.
    #[error("a key of an inbox has at least 16 bytes: use 32 random ones, such as those of `openssl rand -hex 32`")]
    ShortKey,
    /// None of the keys made the seal.
    #[error("the delivery was sealed with a key that is not given: add it as a previous one")]
    UnknownKey,
    /// The seal does not match: the delivery was written or changed by somebody without the key, or it
    /// belongs to another namespace.
    #[error("the seal does not match: the stored delivery was changed, or it is of another namespace")]
    Forged,
    /// The delivery was sealed for another provider.
    #[error("the stored delivery is of another provider")]
    OtherProvider,
    /// The body was purged. The delivery cannot be handled again.
    #[error("the body of the stored delivery was purged")]
    Purged,
    /// The delivery was sealed by a newer version of countersign.
    #[error("the delivery was sealed by a newer version of countersign: upgrade this one")]
    UnknownVersion,
    /// The delivery is encrypted, and the program was built without the feature `encryption`.
    #[error("the stored delivery is encrypted: build the program with countersign's feature `inbox-encryption`")]
    Encrypted,
    /// The delivery could not be encrypted, since the operating system has no random numbers.
    #[error("the delivery could not be encrypted: the system has no random numbers")]
    NotEncrypted,
    /// The body cannot be read as an event of the provider.
    #[error("the body of the stored delivery cannot be read")]
    Undecodable,
}

impl SealError {
    /// Returns the kind of the error.
    pub const fn kind(&self) -> SealErrorKind {
        self.kind
    }
}

impl From<SealErrorKind> for SealError {
    fn from(kind: SealErrorKind) -> Self {
        Self { kind, source: None }
    }
}

impl From<DecodeError> for SealError {
    fn from(error: DecodeError) -> Self {
        Self { kind: SealErrorKind::Undecodable, source: Some(error) }
    }
}
