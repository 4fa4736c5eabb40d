//! The errors: each is opaque, has a kind, and contains no data of the request.

mod decode;
mod dedupe;
mod rejection;
mod secret;
mod secret_map;
mod sign;
mod source_range;

pub use decode::{DecodeError, DecodeErrorKind};
pub use dedupe::{DedupeError, DedupeErrorKind};
pub(crate) use rejection::Cause;
pub use rejection::{Rejection, RejectionKind};
pub use secret::{SecretError, SecretErrorKind};
pub use secret_map::SecretMapFull;
pub use sign::{SignError, SignErrorKind};
pub use source_range::{SourceRangeError, SourceRangeErrorKind};
