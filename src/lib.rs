// The links of the README lead to GitHub; here they lead to items. (Of two definitions, the first counts.)
#![doc = include_str!("links.md")]
#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub use countersign_core::{
    AllowedSources, AnyEvent, BodyLengths, Clock, Confirmation, DecodeError, DecodeErrorKind, Deferred, Delivery,
    DeliveryId, Event, ExtractionError, ExtractionErrorKind, Form, Immediate, IntoSecrets, Json, JudgedSource,
    LocalDateTime, MatchedSecret, MethodShape, PartlyDocumented, PeerAddr, ProviderEvent, PublicUrl, RawJson,
    Rejection, RejectionDetail, RejectionKind, Rfc3339, Secret, SecretError, SecretErrorKind, SecretLookup, SecretMap,
    SecretMapFull, Secrets, SentAt, SettingError, SettingErrorKind, SourceOrigin, SourceRangeError,
    SourceRangeErrorKind, Trust, UnconfirmedDelivery, UnknownEvent, UnverifiedDelivery, ValueShape, Verdict,
    Verification, Verified, Verifier, adapter, events, provider, providers,
};

pub mod guide;

/// The layer and the extractor for axum.
#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
pub mod axum {
    pub use countersign_tower::{
        NoDedupe, Problem, RejectionResponse, ResponseFuture, VerifyWebhook, VerifyWebhookService, Webhook,
        WebhookRejection,
    };
}

/// The layer for any other tower service. It puts the verified delivery into the extensions of the
/// request: [`Webhook::from_extensions`](tower::Webhook::from_extensions) takes it from there.
#[cfg(feature = "tower")]
#[cfg_attr(docsrs, doc(cfg(feature = "tower")))]
pub mod tower {
    pub use countersign_tower::{
        NoDedupe, Problem, RejectionResponse, ResponseFuture, VerifyWebhook, VerifyWebhookService, Webhook,
        WebhookRejection,
    };
}

/// The middleware and the extractor for actix-web.
#[cfg(feature = "actix")]
#[cfg_attr(docsrs, doc(cfg(feature = "actix")))]
pub mod actix {
    pub use countersign_actix::{VerifyWebhook, VerifyWebhookMiddleware, Webhook, WebhookRejection};
}

/// Deduplication: handles each delivery once, and loses none if its handler fails. The
/// [guide](crate::guide::dedupe) says how.
pub mod dedupe {
    pub use countersign_core::dedupe::{
        Admission, Claim, ClaimStore, Counters, DELIVERY_HEADER, DUPLICATE, Dedupe, DedupeError, DedupeErrorKind,
        DeliveryKey, ForgetError, ForgetErrorKind, Forgotten, Lease, LeaseState, LeaseToken, Outcome, StoreIdentity,
        StoreResult, WhenUnavailable,
    };
    #[cfg(feature = "dedupe")]
    pub use countersign_dedupe::MemoryStore;
    #[cfg(feature = "dedupe-contract")]
    pub use countersign_dedupe::contract;
    #[cfg(feature = "redis")]
    pub use countersign_dedupe::{RedisStore, RedisStoreError};
}

/// The durable inbox: deliveries are stored before their 2xx, and handled by a worker. The
/// [guide](crate::guide::inbox) says how.
#[cfg(any(feature = "inbox", feature = "inbox-contract", feature = "inbox-encryption", feature = "inbox-postgres"))]
#[cfg_attr(docsrs, doc(cfg(any(feature = "inbox", feature = "inbox-postgres"))))]
pub mod inbox {
    pub use countersign_core::seal::{Contents, SealError, SealErrorKind, SealKeys, Sealed, SealedColumns};
    #[cfg(feature = "inbox-postgres")]
    #[cfg_attr(docsrs, doc(cfg(feature = "inbox-postgres")))]
    pub use countersign_inbox::postgres;
    #[cfg(feature = "inbox")]
    #[cfg_attr(docsrs, doc(cfg(feature = "inbox")))]
    pub use countersign_inbox::sqlite;
    pub use countersign_inbox::{
        Backoff, Counters, End, Handler, Inbox, IntoEnd, Received, ReceivedAny, Store, StoreError, StoreErrorKind,
        store,
    };

    #[cfg(feature = "inbox-contract")]
    #[cfg_attr(docsrs, doc(cfg(feature = "inbox-contract")))]
    pub use countersign_inbox::contract;
}

/// Hand-off to a broker: deliveries are published, and confirmed by the broker, before their 2xx. The
/// [guide](crate::guide::hand_off) says how.
#[cfg(feature = "hand-off")]
#[cfg_attr(docsrs, doc(cfg(feature = "hand-off")))]
pub mod hand_off {
    pub use countersign_core::seal::{Contents, SealError, SealErrorKind, SealKeys, Sealed, SealedColumns};
    #[cfg(feature = "nats")]
    pub use countersign_inbox::hand_off::nats;
    #[cfg(feature = "rabbitmq")]
    pub use countersign_inbox::hand_off::rabbitmq;
    #[cfg(feature = "redis")]
    pub use countersign_inbox::hand_off::redis;
    pub use countersign_inbox::{
        StoreError, StoreErrorKind,
        hand_off::{Broker, Envelope, EnvelopeError, EnvelopeErrorKind, HEADERS_LIMIT, HandOff, Publish, Published},
        store::Answer,
    };
}

/// Clients that confirm deliveries with the provider's API, for a provider that does not sign:
/// ScreenshotRun.
#[cfg(feature = "confirmation")]
#[cfg_attr(docsrs, doc(cfg(feature = "confirmation")))]
pub mod confirmation {
    pub use countersign_confirmation::{
        ApiError, ApiErrorKind, ApiSettingsError, ApiSettingsErrorKind, ScreenshotRunApi, ScreenshotRunApiBuilder,
    };
}

#[doc(hidden)]
pub use countersign_core::{__for_each_provider, __for_each_typed_provider, __private};

/// The apps on the pages of providers, which need the adapters.
#[cfg(doctest)]
mod apps {
    #[doc = include_str!("../crates/countersign-core/src/providers/slack.md")]
    mod slack {}
    #[doc = include_str!("../crates/countersign-core/src/providers/meta.md")]
    mod meta {}
}
