#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(test, allow(clippy::arithmetic_side_effects, clippy::expect_used, clippy::unwrap_used))]

mod clock;
mod error;
mod event;
mod once;
mod proof;
pub mod provider;
pub mod providers;
mod receive;
mod retries;
mod reuse;
mod scheme;
mod secret;
mod secret_map;
mod trust;
mod wait;

pub use clock::Clock;
pub use error::{
    DecodeError, DecodeErrorKind, Rejection, RejectionKind, SecretError, SecretErrorKind, SecretMapFull,
    SourceRangeError, SourceRangeErrorKind,
};
pub use event::{Event, LocalDateTime, PartlyDocumented, RawJson, Rfc3339, UnknownEvent};
pub use once::DeliveryId;
pub use receive::{
    AllowedSources, Confirmation, Deferred, Delivery, Immediate, PeerAddr, SecretLookup, SentAt, UnconfirmedDelivery,
    UnverifiedDelivery, Verdict, Verification, Verified, Verifier,
};
pub use secret::{IntoSecrets, MatchedSecret, Secret, Secrets};
pub use secret_map::SecretMap;
pub use trust::Trust;

pub mod dedupe {
    //! Handles each delivery once, and loses none.
    //!
    //! A delivery is *claimed* before its handler runs. It is *committed* if the handler succeeds,
    //! and *released* if it fails. A delivery whose handler failed is not a duplicate: its retry
    //! runs the handler again.
    pub use crate::error::{DedupeError, DedupeErrorKind};
    pub use crate::once::{
        Admission, Claim, ClaimStore, Counters, DELIVERY_HEADER, DUPLICATE, Dedupe, DeliveryKey, Lease, LeaseState,
        LeaseToken, Outcome, StoreResult, WhenUnavailable,
    };
}

pub mod adapter {
    //! The door for those who write an adapter for another framework.
    //!
    //! An adapter has four jobs: a view of the head ([`RequestHead`]), a pump of frames
    //! ([`Receiving`]), [`Answer`] to response, and an extractor of what it left with the request
    //! ([`Received`]). Everything else is decided by the [`Receiver`].
    pub use crate::receive::{
        Answer, DEFAULT_BODY_LIMIT, ExtractionError, ExtractionErrorKind, Finish, Next, Received, Receiver, Receiving,
        RequestHead, Unreadable, Why,
    };

    #[doc(hidden)]
    pub use crate::receive::Settings;
}

#[doc(hidden)]
pub mod __private {
    //! What the macros of this crate expand to. Not public API.
    pub use crate::event::{Family, IdField, Payload, decode, id};
    pub use serde;
}
