//! Whether a verifier has to wait for an answer, as types.

/// A [`Verifier`](crate::Verifier) that needs no answer to decide.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::exhaustive_enums, reason = "a marker without values")]
pub enum Immediate {}

/// A [`Verifier`](crate::Verifier) that waits for a look-up or a confirmation.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::exhaustive_enums, reason = "a marker without values")]
pub enum Deferred {}
