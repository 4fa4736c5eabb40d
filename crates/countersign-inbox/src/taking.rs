//! What an inbox and a hand-off have in common when they take a delivery.

use std::time::Duration;

use countersign_core::{dedupe::DeliveryKey, provider::Provider, seal::SealError};

use crate::{
    error::{StoreError, StoreErrorKind},
    store::Answer,
};

/// The time that storing may take: `most`, and less if `P` does not wait for that long.
pub(crate) fn timeout_for<P: Provider>(most: Duration) -> Duration {
    // The rest is for the network and for the answer itself.
    let waits = P::RETRIES.deadline.map(|deadline| deadline.mul_f64(0.6));
    waits.map_or(most, |waits| waits.min(most))
}

/// A delivery without a key, such as a test event, is never a duplicate.
pub(crate) fn key_or_random(key: Option<DeliveryKey>) -> Result<DeliveryKey, StoreError> {
    let random = || {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map(|()| bytes.into()).map_err(|error| {
            StoreError::new(StoreErrorKind::Unavailable, "the system has no random numbers").with_source(error)
        })
    };
    key.map_or_else(random, Ok)
}

pub(crate) fn not_sealed(error: SealError) -> StoreError {
    StoreError::new(StoreErrorKind::Unavailable, "the delivery could not be sealed").with_source(error)
}

pub(crate) async fn answer_within<T>(timeout: Duration, who: &str, answer: Answer<'_, T>) -> Result<T, StoreError> {
    tokio::time::timeout(timeout, answer).await.unwrap_or_else(|_| {
        let why = format!("the {who} did not answer within {} ms", timeout.as_millis());
        Err(StoreError::new(StoreErrorKind::Unavailable, why))
    })
}
