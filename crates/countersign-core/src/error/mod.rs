//! What can go wrong, each with its kind: opaque, and with nothing of the request in it.

mod decode;
mod extraction;
mod secret;
mod verify;

pub use decode::{DecodeError, DecodeErrorKind};
pub use extraction::ExtractionError;
pub use secret::{SecretError, SecretErrorKind};
pub use verify::{VerifyError, VerifyErrorKind};
