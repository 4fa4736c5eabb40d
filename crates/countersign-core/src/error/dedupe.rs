//! The error of deduplication settings that do not suit a provider.

use std::time::Duration;

/// The error of a [`Dedupe`](crate::dedupe::Dedupe) with settings that make no sense, or do not suit
/// a provider's retries.
///
/// With such settings a delivery could be handled twice or never, or a killed process could block
/// the provider's last attempt.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DedupeError {
    kind: DedupeErrorKind,
    message: Box<str>,
}

/// The kind of a [`DedupeError`]. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DedupeErrorKind {
    /// The retention is shorter than the provider's retry window.
    RetentionTooShort,
    /// The lease of a killed process could last until after the provider's last attempt.
    LeaseTooLong,
    /// A duration is 0, or shorter than is useful.
    TooShort,
    /// A duration is longer than 100 years.
    TooLong,
}

impl DedupeError {
    /// Returns the kind of the error.
    pub const fn kind(&self) -> DedupeErrorKind {
        self.kind
    }

    /// `setting` is the end of the name of its setter.
    pub(crate) fn too_short(setting: &str, duration: Duration, shortest: Duration) -> Self {
        let message = format!("{duration:?} is too short: set at least {shortest:?} with `Dedupe::with_{setting}`");
        Self { kind: DedupeErrorKind::TooShort, message: message.into() }
    }

    /// `setting` is the end of the name of its setter.
    pub(crate) fn too_long(setting: &str) -> Self {
        let message =
            format!("a duration of more than 100 years cannot be counted: set less with `Dedupe::with_{setting}`");
        Self { kind: DedupeErrorKind::TooLong, message: message.into() }
    }

    pub(crate) fn retention_too_short(title: &str, span: Duration, retention: Duration) -> Self {
        let message = format!(
            "{title} may retry a delivery for {} s, but the retention is {} s, so that a late retry would be handled again: \
             set a longer retention with `Dedupe::with_retention`",
            span.as_secs(),
            retention.as_secs()
        );
        Self { kind: DedupeErrorKind::RetentionTooShort, message: message.into() }
    }

    pub(crate) fn lease_too_long(title: &str, delay: Duration, lease: Duration) -> Self {
        let message = format!(
            "{title} makes its last attempt {} s after the previous one, but the lease of a killed process lasts for {} s: \
             set a shorter lease with `Dedupe::with_lease`",
            delay.as_secs(),
            lease.as_secs()
        );
        Self { kind: DedupeErrorKind::LeaseTooLong, message: message.into() }
    }
}
