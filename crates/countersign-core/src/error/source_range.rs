//! The error of invalid allowed sources.

/// The error of invalid [`AllowedSources`](crate::AllowedSources): a string is not an address
/// range, the list is empty, or the header's name is invalid.
///
/// ```
/// let error = countersign_core::AllowedSources::new(["203.0.113.0/33"]).unwrap_err();
/// assert_eq!(error.to_string(), "\"203.0.113.0/33\" is not an address range: use one such as 203.0.113.0/24 or 2001:db8::/32");
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct SourceRangeError {
    kind: SourceRangeErrorKind,
    message: Box<str>,
}

/// The kind of a [`SourceRangeError`]. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SourceRangeErrorKind {
    /// The list of ranges is empty.
    Empty,
    /// A string is not an address range.
    Malformed,
    /// The name is not a header name.
    Header,
}

impl SourceRangeError {
    /// Returns the kind of the error.
    pub const fn kind(&self) -> SourceRangeErrorKind {
        self.kind
    }

    pub(crate) fn empty() -> Self {
        let message = "the list of allowed sources is empty, so every delivery would be rejected: add a range".into();
        Self { kind: SourceRangeErrorKind::Empty, message }
    }

    pub(crate) fn header(name: &str) -> Self {
        let message = format!("{name:?} is not a header name: use one such as x-forwarded-for").into();
        Self { kind: SourceRangeErrorKind::Header, message }
    }

    pub(crate) fn malformed(range: &str) -> Self {
        let message = format!("{range:?} is not an address range: use one such as 203.0.113.0/24 or 2001:db8::/32");
        Self { kind: SourceRangeErrorKind::Malformed, message: message.into() }
    }
}
