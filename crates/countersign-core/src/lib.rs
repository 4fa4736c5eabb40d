#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::arithmetic_side_effects))]

mod age;
mod body;
mod clock;
mod confirmation;
mod delivery;
mod error;
pub mod event;
mod head;
mod lookup;
mod once;
mod proof;
mod provider;
pub mod providers;
mod reuse;
mod scheme;
mod secret;
mod secret_map;
mod signature;
mod source;
mod time;
mod token;
mod trust;
mod verification;
mod verifier;
mod wait;

pub use age::SignedTime;
pub use clock::Clock;
pub use confirmation::{Confirmation, DEFAULT_CONFIRMATION_TIMEOUT, UnconfirmedDelivery, Verdict};
pub use delivery::{Decoded, Delivery, DeliveryId};
pub use error::{
    DecodeError, DecodeErrorKind, ExtractionError, SecretError, SecretErrorKind, SecretMapFull, SourceRangeError,
    SourceRangeErrorKind, VerifyError, VerifyErrorKind,
};
pub use event::{Event, RawJson, Undetailed, UnknownEvent};
pub use head::RequestHead;
pub use lookup::{DEFAULT_LOOKUP_TIMEOUT, FoundSecrets, SecretLookup, UnverifiedDelivery};
pub use provider::{Identity, Provider, Retries};
pub use scheme::Scheme;
pub use secret::{MatchedSecret, Secret, Secrets};
pub use secret_map::SecretMap;
pub use source::{AllowedSources, PeerAddr};
pub use time::{LocalDateTime, Timestamp};
pub use token::without_parameter;
pub use trust::Trust;
pub use verification::Verification;
pub use verifier::{DEFAULT_BODY_LIMIT, DEFAULT_BODY_TIMEOUT, Verifier};

pub mod dedupe {
    //! Handles each delivery once, and loses none.
    //!
    //! A delivery is *claimed* before its handler runs. It is *committed* if the handler succeeds, and *released* if it
    //! fails. A delivery whose handler failed is not a duplicate: its retry runs the handler again.
    pub use crate::error::{DedupeError, DedupeErrorKind};
    pub use crate::once::{
        Admission, Claim, ClaimStore, Counters, DELIVERY_HEADER, DUPLICATE, Dedupe, DeliveryKey, Lease, LeaseState,
        LeaseToken, Outcome, StoreResult, WhenUnavailable,
    };
}

#[doc(hidden)]
pub mod __private {
    //! What the macros of this crate expand to. Not public API.
    pub use crate::event::{Family, IdField, Payload, decode, id};
    pub use serde;
}
