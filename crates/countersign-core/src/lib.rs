#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::arithmetic_side_effects))]

mod body;
mod delivery;
mod error;
pub mod event;
mod head;
mod provider;
pub mod providers;
mod reuse;
mod scheme;
mod secret;
mod signature;
mod time;
mod token;
mod verifier;

pub use delivery::{Decoded, Delivery, DeliveryId, Trust};
pub use error::{
    DecodeError, DecodeErrorKind, ExtractionError, SecretError, SecretErrorKind, VerifyError, VerifyErrorKind,
};
pub use event::{Event, RawJson, Undetailed, UnknownEvent};
pub use head::RequestHead;
pub use provider::{Identity, Provider, Retries};
pub use scheme::Scheme;
pub use secret::{MatchedSecret, Secret, Secrets};
pub use time::{LocalDateTime, Timestamp};
pub use token::without_parameter;
pub use verifier::{DEFAULT_BODY_LIMIT, DEFAULT_BODY_TIMEOUT, Verification, Verifier};

#[doc(hidden)]
pub mod __private {
    //! What the macros of this crate expand to. Not public API.
    pub use crate::event::{Family, IdField, Payload, decode, id};
    pub use serde;
}
