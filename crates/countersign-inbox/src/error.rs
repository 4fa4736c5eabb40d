//! The errors of an inbox.

use std::error::Error;

/// The error of a store that cannot do what it is asked for.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct StoreError {
    kind: StoreErrorKind,
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// The kind of a [`StoreError`]. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// The store fails now, and may answer later: its disk is full or cannot be written, or another
    /// process keeps it busy.
    Unavailable,
    /// The store has as many open deliveries, or as many bytes, as it may have.
    Full,
    /// The store cannot be opened as it is: the message says what to change.
    Unusable,
}

impl StoreError {
    /// Creates an error.
    pub fn new(kind: StoreErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), source: None }
    }

    /// Sets the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Returns the kind of the error.
    pub const fn kind(&self) -> StoreErrorKind {
        self.kind
    }
}
