//! Marker types: whether a verifier has to wait for an answer.

/// Marks a [`Verifier`](crate::Verifier) that decides without waiting.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::exhaustive_enums, reason = "a marker without values")]
pub enum Immediate {}

/// Marks a [`Verifier`](crate::Verifier) that waits for a look-up or a confirmation.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::exhaustive_enums, reason = "a marker without values")]
pub enum Deferred {}
