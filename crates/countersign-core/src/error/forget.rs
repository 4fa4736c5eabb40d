//! The error of a delivery that cannot be forgotten.

use std::{error::Error, fmt};

/// The error of a [`Dedupe`](crate::dedupe::Dedupe) that cannot forget a delivery.
#[derive(Debug)]
pub struct ForgetError(Option<Box<dyn Error + Send + Sync>>);

/// The kind of a [`ForgetError`]. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ForgetErrorKind {
    /// The store does not implement [`ClaimStore::forget`](crate::dedupe::ClaimStore::forget).
    NotSupported,
    /// The store cannot answer.
    StoreUnavailable,
}

impl ForgetError {
    /// Returns the kind of this error.
    pub const fn kind(&self) -> ForgetErrorKind {
        if self.0.is_some() { ForgetErrorKind::StoreUnavailable } else { ForgetErrorKind::NotSupported }
    }

    pub(crate) const fn not_supported() -> Self {
        Self(None)
    }

    /// What a store returned: its own error, or that of the default implementation.
    pub(crate) fn of_store(error: Box<dyn Error + Send + Sync>) -> Self {
        error.downcast().map_or_else(|error| Self(Some(error)), |error| *error)
    }
}

impl fmt::Display for ForgetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind() {
            ForgetErrorKind::NotSupported => {
                "the deduplication store cannot forget a delivery: implement `ClaimStore::forget` for it"
            }
            ForgetErrorKind::StoreUnavailable => "the deduplication store could not forget the delivery: try again",
        })
    }
}

impl Error for ForgetError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.as_deref().map(|error| error as _)
    }
}
