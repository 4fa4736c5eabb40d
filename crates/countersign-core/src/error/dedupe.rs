//! Why settings of deduplication do not suit a provider.

use std::time::Duration;

/// Why a [`Dedupe`](crate::dedupe::Dedupe) does not suit a provider: deliveries would be handled twice, or a killed process
/// would keep one from its last attempt.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DedupeError {
    kind: DedupeErrorKind,
    message: Box<str>,
}

/// What kind of failure a [`DedupeError`] is. More kinds may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DedupeErrorKind {
    /// What was handled would be forgotten while the provider may still repeat it.
    RetentionTooShort,
    /// What a killed process had claimed would still be claimed at the provider's last attempt.
    LeaseTooLong,
}

impl DedupeError {
    /// What kind of failure this is.
    pub const fn kind(&self) -> DedupeErrorKind {
        self.kind
    }

    pub(crate) fn retention_too_short(title: &str, span: Duration, retention: Duration) -> Self {
        let message = format!(
            "{title} may repeat a delivery for {} s, and what was handled would be forgotten after {} s: give `Dedupe` a \
             longer retention",
            span.as_secs(),
            retention.as_secs()
        );
        Self { kind: DedupeErrorKind::RetentionTooShort, message: message.into() }
    }

    pub(crate) fn lease_too_long(title: &str, delay: Duration, lease: Duration) -> Self {
        let message = format!(
            "{title} makes its last attempt {} s after the one before, and what a killed process had claimed would be \
             claimed for {} s: give `Dedupe` a shorter lease",
            delay.as_secs(),
            lease.as_secs()
        );
        Self { kind: DedupeErrorKind::LeaseTooLong, message: message.into() }
    }
}
