//! What can go wrong, each with its kind: opaque, and with nothing of the request in it.

mod decode;
mod dedupe;
mod extraction;
mod secret;
mod secret_map;
mod source_range;
mod verify;

pub use decode::{DecodeError, DecodeErrorKind};
pub use dedupe::{DedupeError, DedupeErrorKind};
pub use extraction::ExtractionError;
pub use secret::{SecretError, SecretErrorKind};
pub use secret_map::SecretMapFull;
pub use source_range::{SourceRangeError, SourceRangeErrorKind};
pub use verify::{VerifyError, VerifyErrorKind};
