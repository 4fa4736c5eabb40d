#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(test, allow(clippy::arithmetic_side_effects, clippy::expect_used, clippy::unwrap_used))]

mod clock;
mod error;
mod event;
mod fingerprint;
mod form;
mod handshake;
mod multipart;
mod once;
mod page;
mod proof;
pub mod provider;
mod provider_rows;
pub mod providers;
mod receive;
mod retries;
mod reuse;
mod scheme;
mod secret;
mod secret_map;
mod secret_shape;
mod secrets;
mod trust;
mod url;
mod wait;

pub use clock::Clock;
pub use error::{
    BodyLengths, DecodeError, DecodeErrorKind, JudgedSource, MethodShape, Rejection, RejectionDetail, RejectionKind,
    SecretError, SecretErrorKind, SecretMapFull, SettingError, SettingErrorKind, SourceOrigin, SourceRangeError,
    SourceRangeErrorKind, ValueShape,
};
pub use event::{
    AnyEvent, Event, Form, Json, LocalDateTime, PartlyDocumented, ProviderEvent, RawJson, Rfc3339, UnknownEvent,
};
pub use once::DeliveryId;
pub use receive::{
    AllowedSources, Confirmation, Deferred, Delivery, ExtractionError, ExtractionErrorKind, Immediate, PeerAddr,
    SecretLookup, SentAt, UnconfirmedDelivery, UnverifiedDelivery, Verdict, Verification, Verified, Verifier,
};
pub use secret::{IntoSecrets, MatchedSecret, Secret, Secrets};
pub use secret_map::SecretMap;
pub use trust::Trust;
pub use url::PublicUrl;

pub mod dedupe {
    //! Deduplication: each delivery is handled once, and none is lost.
    //!
    //! A delivery is *claimed* before its handler runs. It is *committed* if the handler succeeds,
    //! and *released* if it fails. A delivery whose handler failed is not a duplicate: its retry
    //! runs the handler again.
    pub use crate::error::{DedupeError, DedupeErrorKind, ForgetError, ForgetErrorKind};
    pub use crate::once::{
        Admission, Claim, ClaimStore, Counters, DELIVERY_HEADER, DUPLICATE, Dedupe, DeliveryKey, Forgotten, Lease,
        LeaseState, LeaseToken, Outcome, STORED, StoreIdentity, StoreResult, WhenUnavailable,
    };
}

pub mod seal {
    //! Deliveries that leave the process and come back: rows of a database, messages of a broker.
    //!
    //! A value of [`Delivery`](crate::Delivery) was verified, also if it comes out of a database:
    //! [`Sealed::open`] is the only way back.
    pub use crate::error::{SealError, SealErrorKind};
    pub use crate::once::{Contents, SealKeys, Sealed, SealedColumns};
}

pub mod adapter {
    //! Types for an adapter to another framework.
    //!
    //! An adapter has four jobs. The [`Receiver`] decides everything else.
    //!
    //! * It gives a view of the request's head ([`RequestHead`]).
    //! * It passes the frames of the body to [`Receiving`]: see [`decide`](Receiving::decide).
    //! * It converts an [`Answer`] into a response.
    //! * It puts the [`Received`] delivery into the request's extensions, and has an extractor for
    //!   it.
    pub use crate::receive::{
        Answer, DEFAULT_BODY_LIMIT, Deciding, Finish, Next, PollFrame, Received, Receiver, Receiving, RequestHead,
        Unreadable, Why,
    };

    #[doc(hidden)]
    pub use crate::receive::Settings;
}

#[doc(hidden)]
pub mod __private {
    //! What the macros of this crate expand to, and what its program shares. Not public API.
    pub use crate::event::{Family, IdField, Payload, decode, decode_message, id_in};
    pub use crate::proof::is_encoded;
    pub use crate::receive::{ReadAs, RunTimeTerms, RunTimeVerified, verify_at_run_time};
    pub use crate::scheme::{Pick, PlaceKind};
    pub use crate::secret_shape::{Oddity, oddities, trimmed, unquoted, without_name};
    pub use serde;
}
