//! Forgetting a handled delivery, so that it can be handled again.

use super::{Dedupe, DeliveryId, DeliveryKey, StoreResult};
use crate::error::ForgetError;

/// The answer of a store that was asked to forget a delivery. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Forgotten {
    /// The delivery was remembered as handled, and is forgotten now. It is handled if it is sent
    /// again.
    Removed,
    /// The store did not know the delivery, or no longer.
    NotFound,
    /// The delivery is being handled, so nothing changed. If its handler succeeds, it is
    /// remembered.
    InFlight,
}

impl Dedupe {
    /// Forgets a delivery in the store.
    pub(crate) async fn forget_key(
        &self,
        provider: &'static str,
        id: &DeliveryId,
        key: DeliveryKey,
    ) -> Result<Forgotten, ForgetError> {
        let forgotten: StoreResult<Forgotten> = self.0.store.forget(key).await;
        let forgotten = forgotten.map_err(ForgetError::of_store)?;
        tracing::info!(
            target: "countersign", provider, delivery_id = %id.for_log(), ?forgotten, "asked to forget a delivery"
        );
        Ok(forgotten)
    }
}
