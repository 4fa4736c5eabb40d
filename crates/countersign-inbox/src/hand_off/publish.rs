//! Publishes deliveries before they are answered.

use std::{fmt, marker::PhantomData, time::Duration};

use countersign_core::{
    Delivery,
    adapter::{Answer, Received},
    dedupe::DeliveryKey,
    provider::Provider,
    seal::{SealError, Sealed},
};

use super::{Envelope, HandOff, Published};
use crate::{
    error::StoreError,
    taking::{answer_within, key_or_random, not_sealed, timeout_for},
};

/// A handler that publishes the deliveries of `P`: see [`HandOff::publish`].
///
/// | answer | when |
/// |---|---|
/// | 200 `countersign-delivery: stored` | the broker has confirmed the delivery |
/// | 200 `countersign-delivery: duplicate` | the broker has confirmed an equal one before |
/// | 503 with `Retry-After` | the broker is down, too slow, full, or does not confirm |
/// | 500 | no `VerifyWebhook` for `P` ran before, or it has no `with_dedupe` |
///
/// The layer commits the delivery after a 200 and releases it after a 503. A genuine body that cannot be
/// read is published, too: the consumer decides.
pub struct Publish<P> {
    hand_off: HandOff,
    timeout: Duration,
    provider: PhantomData<fn() -> P>,
}

impl<P: Provider> Publish<P> {
    pub(super) fn new(hand_off: HandOff) -> Self {
        Self { timeout: timeout_for::<P>(hand_off.publish_timeout), hand_off, provider: PhantomData }
    }

    /// Publishes a verified delivery: for a handler that does more than that, or for a framework without an
    /// adapter. When this returns `Ok`, answer with a 2xx. Claim the delivery before, with
    /// [`Dedupe`](countersign_core::dedupe::Dedupe): nothing checks it here.
    ///
    /// # Errors
    ///
    /// Returns an error if the broker is not known to have the delivery: answer with 503, so that the
    /// provider retries. (It may have it nevertheless.)
    pub async fn accept(&self, delivery: &Delivery<P>) -> Result<Published, StoreError> {
        let key = delivery.claimed_key().or_else(|| delivery.key("", ""));
        self.put(key, |key| delivery.seal(&self.hand_off.keys, key, self.hand_off.clock.now())).await
    }

    /// Publishes a delivery that an adapter received, also if its body cannot be read, and answers.
    pub async fn answer(&self, received: Option<&Received<P>>) -> Answer {
        let (received, key) = match Received::extract_claimed(received) {
            Ok(claimed) => claimed,
            Err(error) => return error.answer(),
        };
        match self.put(key, |key| received.seal(&self.hand_off.keys, key, self.hand_off.clock.now())).await {
            Ok(Published::New) => Answer::stored::<P>(),
            Ok(Published::Duplicate) => Answer::duplicate::<P>(),
            Err(error) => Answer::not_stored::<P>(error),
        }
    }

    async fn put(
        &self,
        key: Option<DeliveryKey>,
        seal: impl FnOnce(DeliveryKey) -> Result<Sealed, SealError>,
    ) -> Result<Published, StoreError> {
        let sealed = seal(key_or_random(key)?).map_err(not_sealed)?;
        let envelope = Envelope::new(sealed)?;
        let published = answer_within(self.timeout, "broker", self.hand_off.broker.publish(envelope)).await?;
        if published == Published::Duplicate {
            tracing::info!(
                target: "countersign", provider = P::NAME, reason = "duplicate", status = 200,
                "an equal webhook delivery was published before"
            );
        }
        Ok(published)
    }
}

impl<P> Clone for Publish<P> {
    fn clone(&self) -> Self {
        Self { hand_off: self.hand_off.clone(), timeout: self.timeout, provider: PhantomData }
    }
}

impl<P: Provider> fmt::Debug for Publish<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publish").field("provider", &P::NAME).field("timeout", &self.timeout).finish_non_exhaustive()
    }
}
