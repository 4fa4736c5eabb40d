#![doc = include_str!("../README.md")]

pub use countersign_core::{
    AllowedSources, Clock, Confirmation, DEFAULT_BODY_LIMIT, DEFAULT_BODY_TIMEOUT, DEFAULT_CONFIRMATION_TIMEOUT,
    DEFAULT_LOOKUP_TIMEOUT, DecodeError, DecodeErrorKind, Decoded, Delivery, DeliveryId, Event, ExtractionError,
    FoundSecrets, Identity, LocalDateTime, MatchedSecret, PeerAddr, Provider, RawJson, RequestHead, Retries, Scheme,
    Secret, SecretError, SecretErrorKind, SecretLookup, SecretMap, SecretMapFull, Secrets, SignedTime,
    SourceRangeError, SourceRangeErrorKind, Timestamp, Trust, UnconfirmedDelivery, Undetailed, UnknownEvent,
    UnverifiedDelivery, Verdict, Verification, Verifier, VerifyError, VerifyErrorKind, event, events, providers,
    without_parameter,
};

/// For axum: the layer and the extractor.
#[cfg(feature = "axum")]
pub mod axum {
    pub use countersign_tower::{
        ClaimService, NoDedupe, Problem, RejectionResponse, ResponseFuture, VerifyWebhook, VerifyWebhookService,
        Webhook, WebhookRejection,
    };
}

/// For every other tower service: the layer, and the way to the delivery it leaves in the request's extensions.
#[cfg(feature = "tower")]
pub mod tower {
    pub use countersign_tower::{
        ClaimService, NoDedupe, Problem, RejectionResponse, ResponseFuture, VerifyWebhook, VerifyWebhookService,
        Webhook, WebhookRejection,
    };
}

/// For actix-web: the middleware and the extractor.
#[cfg(feature = "actix")]
pub mod actix {
    pub use countersign_actix::{VerifyWebhook, VerifyWebhookMiddleware, Webhook, WebhookRejection};
}

/// Every delivery handled once, and none swallowed.
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
pub mod confirmation {
    pub use countersign_confirmation::{
        ApiError, ApiErrorKind, ApiSettingsError, ApiSettingsErrorKind, ScreenshotRunApi, ScreenshotRunApiBuilder,
        agrees,
    };
}

#[doc(hidden)]
pub use countersign_core::{__for_each_provider, __private};
