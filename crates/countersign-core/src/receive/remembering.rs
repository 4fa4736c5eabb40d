//! Deduplication of a verified delivery by hand: without an adapter, or after the fact.

use std::{future::Future, time::Duration};

use super::delivery::Delivery;
use crate::{
    error::ForgetError,
    once::{Admission, Dedupe, DeliveryKey, Forgotten},
    provider::Provider,
};

impl Dedupe {
    /// Claims a verified delivery. `sleep` returns a future that completes after a duration, like
    /// `tokio::time::sleep`.
    pub async fn admit<P: Provider, S: Future<Output = ()>>(
        &self,
        delivery: &Delivery<P>,
        sleep: impl Fn(Duration) -> S,
    ) -> Admission {
        self.claim::<P, _>(delivery.delivery_id(), delivery.matched_secret(), sleep).await
    }

    /// Returns the key under which the store remembers a delivery; `None` for the provider's test
    /// events, which are not remembered.
    ///
    /// It depends on the secrets that the delivery was verified with: give the verifier those of
    /// the endpoint, previous ones included.
    pub fn key<P: Provider>(&self, delivery: &Delivery<P>) -> Option<DeliveryKey> {
        delivery.delivery_id().and_then(|id| self.key_of(P::NAME, delivery.matched_secret(), &id))
    }

    /// Forgets a handled delivery, so that it is handled again if it is sent again. Call it, for
    /// example, after a bug in the handler that answered with a 2xx, before the provider resends
    /// the delivery.
    ///
    /// Verify the captured request again to get the delivery, with the secrets of the endpoint,
    /// previous ones included, and without an age limit. A delivery that is being handled is not
    /// forgotten.
    ///
    /// ```
    /// use countersign_core::{Verifier, dedupe::{Dedupe, Forgotten}, providers::Zeodyn};
    ///
    /// async fn once_more(
    ///     verifier: &Verifier<Zeodyn>,
    ///     dedupe: &Dedupe,
    ///     captured: http::Request<Vec<u8>>,
    /// ) -> Result<Forgotten, Box<dyn std::error::Error>> {
    ///     let (head, body) = captured.into_parts();
    ///     let delivery = verifier.verify(&head, body)?;
    ///     Ok(dedupe.forget(&delivery).await?)
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the store cannot answer, or does not support it.
    pub async fn forget<P: Provider>(&self, delivery: &Delivery<P>) -> Result<Forgotten, ForgetError> {
        let id = delivery.delivery_id();
        match id.as_ref().zip(self.key(delivery)) {
            Some((id, key)) => self.forget_key(P::NAME, id, key).await,
            None => Ok(Forgotten::NotFound),
        }
    }
}
