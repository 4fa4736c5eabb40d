//! Hands deliveries off to a broker that the team runs: NATS JetStream, RabbitMQ, Redis Streams.
//!
//! A delivery is published, and confirmed by the broker, before its 2xx. What the broker then does with
//! it (retries, dead letters, consumers) is the broker's. The message is the [`Envelope`]: the body as it
//! came, and all else that is known of the delivery as headers, sealed. A consumer in Rust makes a
//! [`Delivery`](countersign_core::Delivery) of it again; one in another language reads the body.

mod broker;
mod envelope;
#[cfg(any(feature = "rabbitmq", feature = "redis"))]
mod link;
#[cfg(feature = "nats")]
#[cfg_attr(docsrs, doc(cfg(feature = "nats")))]
pub mod nats;
mod publish;
#[cfg(feature = "rabbitmq")]
#[cfg_attr(docsrs, doc(cfg(feature = "rabbitmq")))]
pub mod rabbitmq;
#[cfg(feature = "redis")]
#[cfg_attr(docsrs, doc(cfg(feature = "redis")))]
pub mod redis;
mod text;

use std::{fmt, sync::Arc, time::Duration};

use countersign_core::{Clock, provider::Provider, seal::SealKeys};

use crate::error::StoreError;
#[cfg(any(feature = "nats", feature = "rabbitmq", feature = "redis"))]
use crate::error::StoreErrorKind;
pub use broker::{Broker, Published};
pub use envelope::{Envelope, EnvelopeError, EnvelopeErrorKind, HEADERS_LIMIT};
pub use publish::Publish;

/// Publishes deliveries to a broker before they are answered.
///
/// It needs [`with_dedupe`](countersign_core::dedupe) in front: the layer claims a delivery, the broker
/// confirms it, the layer commits it. A delivery that no layer claimed is answered with 500.
///
/// ```no_run
/// use countersign_core::{Secret, seal::SealKeys};
/// use countersign_inbox::hand_off::{Broker, HandOff};
///
/// # fn example(broker: impl Broker) -> Result<(), Box<dyn std::error::Error>> {
/// let keys = SealKeys::new(Secret::from_env("COUNTERSIGN_INBOX_KEY")?)?;
/// let hand_off = HandOff::new(broker, keys);
/// // axum: post(hand_off.publish::<Stripe>()).layer(VerifyWebhook::stripe(secret).with_dedupe(store))
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct HandOff {
    broker: Arc<dyn Broker>,
    keys: SealKeys,
    publish_timeout: Duration,
    clock: Clock,
}

impl HandOff {
    /// Creates a hand-off to `broker`. `keys` seal its messages: give the same ones to the consumers.
    pub fn new(broker: impl Broker, keys: SealKeys) -> Self {
        let (broker, publish_timeout) = (Arc::new(broker), Duration::from_secs(1));
        Self { broker, keys, publish_timeout, clock: Clock::system() }
    }

    /// Sets how long the broker may take to confirm a delivery (default: 1 s, or 60 % of the time that the
    /// provider waits if that is shorter). A delivery that is not confirmed in time is answered with 503.
    #[must_use]
    pub fn with_publish_timeout(mut self, timeout: Duration) -> Self {
        self.publish_timeout = timeout;
        self
    }

    /// Sets the clock, for tests (default: the system's).
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Returns the handler of axum and actix-web that publishes the deliveries of `P`.
    ///
    /// # Panics
    ///
    /// Panics if the broker is not set up for `P`: for example, if it recognizes duplicates for less time
    /// than `P` repeats deliveries. The message names the setting.
    #[must_use]
    #[track_caller]
    pub fn publish<P: Provider>(&self) -> Publish<P> {
        match self.try_publish() {
            Ok(publish) => publish,
            #[expect(clippy::panic, reason = "documented; at start-up, never on a request")]
            Err(error) => panic!("{error}"),
        }
    }

    /// Returns the handler like [`publish`](Self::publish).
    ///
    /// # Errors
    ///
    /// Returns an error if the broker is not set up for `P`.
    pub fn try_publish<P: Provider>(&self) -> Result<Publish<P>, StoreError> {
        self.broker.check(P::NAME, P::RETRIES.total().unwrap_or_default())?;
        Ok(Publish::new(self.clone()))
    }
}

impl fmt::Debug for HandOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandOff").field("publish_timeout", &self.publish_timeout).finish_non_exhaustive()
    }
}

/// The broker may answer later.
#[cfg(any(feature = "nats", feature = "rabbitmq", feature = "redis"))]
fn unavailable(message: String) -> StoreError {
    StoreError::new(StoreErrorKind::Unavailable, message)
}

/// The broker cannot be used as it is set up.
#[cfg(any(feature = "nats", feature = "rabbitmq", feature = "redis"))]
fn unusable(message: String) -> StoreError {
    StoreError::new(StoreErrorKind::Unusable, message)
}
