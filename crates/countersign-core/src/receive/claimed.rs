//! Whether a layer deduplicates a delivery, for a handler that passes it on.

use std::sync::Arc;

use super::{
    delivery::Delivery,
    extraction::{ExtractionError, Reason, Received},
};
use crate::{once::DeliveryKey, provider::Provider};

impl<P: Provider> Received<P> {
    /// Notes that a layer deduplicates the delivery.
    pub(super) fn admit(&mut self, key: Option<DeliveryKey>) {
        // Nothing else has it yet.
        match self {
            Self::Read(delivery) => Arc::get_mut(delivery).map(|delivery| delivery.verified_mut().admit(key)),
            Self::Unreadable(unreadable) => Arc::get_mut(unreadable).map(|unreadable| unreadable.verified.admit(key)),
        };
    }

    /// Returns the delivery and the key under which a layer claimed it, for a handler that passes the
    /// delivery on and has no memory of its own. The key is `None` if the delivery is never a duplicate, such
    /// as a test event. A mistake is logged, with the provider's name.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no delivery, or if no layer deduplicates it.
    pub fn extract_claimed(received: Option<&Self>) -> Result<(&Self, Option<DeliveryKey>), ExtractionError> {
        let Some(received) = received else {
            return Self::extract(None).map(|_| unreachable!("there is no delivery"));
        };
        let verified = match received {
            Self::Read(delivery) => delivery.verified(),
            Self::Unreadable(unreadable) => unreadable.verified(),
        };
        verified.admitted().map(|key| (received, key)).ok_or_else(|| {
            let error = ExtractionError(Reason::NotClaimed(P::TITLE));
            tracing::error!(
                target: "countersign", provider = P::NAME, reason = "not_claimed", status = 500, "{error}"
            );
            error
        })
    }
}

impl<P: Provider> Delivery<P> {
    /// Returns the key under which a layer claimed the delivery. `None` if no layer did, or if the delivery is
    /// never a duplicate, such as a test event.
    pub fn claimed_key(&self) -> Option<DeliveryKey> {
        self.verified().admitted().flatten()
    }
}
