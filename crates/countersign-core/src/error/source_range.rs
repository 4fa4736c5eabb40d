//! Why a list of source addresses is none.

/// Why there are no [`AllowedSources`](crate::AllowedSources): something in the list is not a range
/// of addresses, the list is empty, or the header to read is none.
///
/// ```
/// let error = countersign_core::AllowedSources::new(["203.0.113.0/33"]).unwrap_err();
/// assert_eq!(error.to_string(), "\"203.0.113.0/33\" is not a range of addresses such as 203.0.113.0/24 or 2001:db8::/32");
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct SourceRangeError {
    kind: SourceRangeErrorKind,
    message: Box<str>,
}

/// What kind of failure a [`SourceRangeError`] is. More kinds may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SourceRangeErrorKind {
    /// No range was given.
    Empty,
    /// Something given is not a range of addresses.
    Malformed,
    /// The name given is not that of a header.
    Header,
}

impl SourceRangeError {
    /// What kind of failure this is.
    pub const fn kind(&self) -> SourceRangeErrorKind {
        self.kind
    }

    pub(crate) fn empty() -> Self {
        let message = "no source address is allowed: nothing could be received".into();
        Self { kind: SourceRangeErrorKind::Empty, message }
    }

    pub(crate) fn header(name: &str) -> Self {
        let message = format!("{name:?} is not the name of a header").into();
        Self { kind: SourceRangeErrorKind::Header, message }
    }

    pub(crate) fn malformed(range: &str) -> Self {
        let message = format!("{range:?} is not a range of addresses such as 203.0.113.0/24 or 2001:db8::/32");
        Self { kind: SourceRangeErrorKind::Malformed, message: message.into() }
    }
}
