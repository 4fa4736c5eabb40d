//! The lengths of a body that was rejected.

use std::fmt;

/// The lengths of a body that was too large, did not arrive in time, or ended early. All are in
/// bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyLengths {
    problem: Problem,
    received: u64,
    declared: Option<u64>,
    limit: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Problem {
    Declared,
    TooLarge,
    OuterLimit,
    Timeout,
    Incomplete,
}

impl BodyLengths {
    pub(crate) fn too_large_as_declared(declared: u64, limit: usize) -> Self {
        Self { problem: Problem::Declared, received: 0, declared: Some(declared), limit: Some(count(limit)) }
    }

    /// `received` includes the frame that exceeded the limit.
    pub(crate) fn too_large(received: usize, declared: Option<u64>, limit: usize) -> Self {
        Self { problem: Problem::TooLarge, received: count(received), declared, limit: Some(count(limit)) }
    }

    pub(crate) fn over_outer_limit(received: usize, declared: Option<u64>) -> Self {
        Self { problem: Problem::OuterLimit, received: count(received), declared, limit: None }
    }

    pub(crate) fn timed_out(received: usize, declared: Option<u64>) -> Self {
        Self { problem: Problem::Timeout, received: count(received), declared, limit: None }
    }

    pub(crate) fn incomplete(received: usize, declared: Option<u64>) -> Self {
        Self { problem: Problem::Incomplete, received: count(received), declared, limit: None }
    }

    /// Returns the number of bytes that were received before the body was rejected.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// Returns the `Content-Length`, if there is one. A length that fits no integer is
    /// [`u64::MAX`].
    pub fn declared(&self) -> Option<u64> {
        self.declared
    }

    /// Returns the limit that was exceeded; `None` if it is the limit of an outer layer, or if no
    /// limit was exceeded.
    pub fn limit(&self) -> Option<u64> {
        self.limit
    }
}

fn count(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

impl fmt::Display for BodyLengths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { problem, received, declared, limit } = *self;
        match (problem, declared) {
            (Problem::Declared, _) => write!(
                f,
                "{} bytes were declared, and the limit is {} bytes",
                declared.unwrap_or_default(),
                limit.unwrap_or_default()
            ),
            (Problem::TooLarge, _) => {
                write!(f, "at least {received} bytes were sent, and the limit is {} bytes", limit.unwrap_or_default())
            }
            (Problem::OuterLimit, _) => {
                write!(f, "a layer outside has a lower limit, which was exceeded after {received} bytes")
            }
            // Some servers give such a body no end.
            (Problem::Timeout, Some(declared)) if received >= declared => write!(
                f,
                "all {declared} bytes that were declared were received, but the server did not end the body: the \
                 request may have an `Upgrade` header that a proxy added"
            ),
            (Problem::Timeout | Problem::Incomplete, Some(declared)) => {
                write!(f, "{received} of the {declared} bytes that were declared were received")
            }
            (Problem::Timeout | Problem::Incomplete, None) => {
                write!(f, "{received} bytes were received, and no length was declared")
            }
        }
    }
}
