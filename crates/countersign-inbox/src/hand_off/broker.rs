//! What a hand-off asks of a broker.

use std::time::Duration;

use super::Envelope;
use crate::{error::StoreError, store::Answer};

/// A broker that takes messages. Implement it for one that countersign does not know.
///
/// ```
/// use countersign_inbox::{StoreError, StoreErrorKind, store::Answer};
/// use countersign_inbox::hand_off::{Broker, Envelope, Published};
///
/// # struct Client;
/// # impl Client {
/// #     async fn send(&self, key: &str, headers: Vec<(String, String)>, body: &[u8]) -> std::io::Result<()> { Ok(()) }
/// # }
/// struct Kafka(Client);
///
/// impl Broker for Kafka {
///     fn publish(&self, envelope: Envelope) -> Answer<'_, Published> {
///         Box::pin(async move {
///             let headers = envelope.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
///             // Returns once all replicas have confirmed it (`acks=all`).
///             match self.0.send(&envelope.key().to_string(), headers, envelope.body()).await {
///                 Ok(()) => Ok(Published::New),
///                 Err(error) => {
///                     let message = "the broker did not confirm the delivery";
///                     Err(StoreError::new(StoreErrorKind::Unavailable, message).with_source(error))
///                 }
///             }
///         })
///     }
/// }
/// ```
pub trait Broker: Send + Sync + 'static {
    /// Publishes a delivery. When it answers, the broker has confirmed that the delivery is durable. If that
    /// is not known, it is an error: the provider retries.
    fn publish(&self, envelope: Envelope) -> Answer<'_, Published>;

    /// Checks, when an endpoint is set up, whether the broker can take the deliveries of the provider with
    /// this short name, which repeats them for `repeats` (default: it can).
    ///
    /// # Errors
    ///
    /// Returns an error whose message says what to change.
    fn check(&self, _provider: &'static str, _repeats: Duration) -> Result<(), StoreError> {
        Ok(())
    }
}

/// What a broker did with a delivery. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Published {
    /// It is published now.
    New,
    /// One with its key was published before. This one was not.
    Duplicate,
}
