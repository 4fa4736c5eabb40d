//! The errors: each is opaque, has a kind, and contains no data of the request.

mod decode;
mod dedupe;
mod detail;
mod forget;
mod judged_source;
mod lengths;
mod rejection;
mod seal;
mod secret;
mod secret_map;
mod setting;
mod sign;
mod source_range;

pub use decode::{DecodeError, DecodeErrorKind};
pub use dedupe::{DedupeError, DedupeErrorKind};
pub(crate) use detail::Allowed;
pub use detail::{MethodShape, RejectionDetail, ValueShape};
pub use forget::{ForgetError, ForgetErrorKind};
pub use judged_source::{JudgedSource, SourceOrigin};
pub use lengths::BodyLengths;
pub(crate) use rejection::Cause;
pub use rejection::{Rejection, RejectionKind};
pub use seal::{SealError, SealErrorKind};
pub use secret::{SecretError, SecretErrorKind};
pub use secret_map::SecretMapFull;
pub use setting::{SettingError, SettingErrorKind};
pub use sign::{SignError, SignErrorKind};
pub use source_range::{SourceRangeError, SourceRangeErrorKind};
