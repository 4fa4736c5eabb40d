#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub use countersign_core::{
    AllowedSources, Clock, Confirmation, DecodeError, DecodeErrorKind, Deferred, Delivery, DeliveryId, Event,
    Immediate, IntoSecrets, LocalDateTime, MatchedSecret, PartlyDocumented, PeerAddr, RawJson, Rejection,
    RejectionKind, Rfc3339, Secret, SecretError, SecretErrorKind, SecretLookup, SecretMap, SecretMapFull, Secrets,
    SentAt, SourceRangeError, SourceRangeErrorKind, Trust, UnconfirmedDelivery, UnknownEvent, UnverifiedDelivery,
    Verdict, Verification, Verified, Verifier, adapter, events, provider, providers,
};

/// For axum: the layer and the extractor.
#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
pub mod axum {
    pub use countersign_tower::{
        NoDedupe, Problem, RejectionResponse, ResponseFuture, VerifyWebhook, VerifyWebhookService, Webhook,
        WebhookRejection,
    };
}

/// For every other tower service: the layer, and the way to the delivery it leaves in the request's extensions.
#[cfg(feature = "tower")]
#[cfg_attr(docsrs, doc(cfg(feature = "tower")))]
pub mod tower {
    pub use countersign_tower::{
        NoDedupe, Problem, RejectionResponse, ResponseFuture, VerifyWebhook, VerifyWebhookService, Webhook,
        WebhookRejection,
    };
}

/// For actix-web: the middleware and the extractor.
#[cfg(feature = "actix")]
#[cfg_attr(docsrs, doc(cfg(feature = "actix")))]
pub mod actix {
    pub use countersign_actix::{VerifyWebhook, VerifyWebhookMiddleware, Webhook, WebhookRejection};
}

/// Handles each delivery once, and loses none.
pub mod dedupe {
    pub use countersign_core::dedupe::{
        Admission, Claim, ClaimStore, Counters, DELIVERY_HEADER, DUPLICATE, Dedupe, DedupeError, DedupeErrorKind,
        DeliveryKey, Lease, LeaseState, LeaseToken, Outcome, StoreResult, WhenUnavailable,
    };
    #[cfg(feature = "dedupe")]
    pub use countersign_dedupe::MemoryStore;
    #[cfg(feature = "dedupe-contract")]
    pub use countersign_dedupe::contract;
    #[cfg(feature = "redis")]
    pub use countersign_dedupe::{RedisStore, RedisStoreError};
}

/// For the provider that signs nothing: its deliveries confirmed by its own API.
#[cfg(feature = "confirmation")]
#[cfg_attr(docsrs, doc(cfg(feature = "confirmation")))]
pub mod confirmation {
    pub use countersign_confirmation::{
        ApiError, ApiErrorKind, ApiSettingsError, ApiSettingsErrorKind, ScreenshotRunApi, ScreenshotRunApiBuilder,
    };
}

#[doc(hidden)]
pub use countersign_core::{__for_each_provider, __private};
