//! NATS JetStream.
//!
//! Each message is on the subject of its provider, such as `webhooks.stripe`, with the headers of the
//! [`Envelope`]. Its `Nats-Msg-Id` is the key of deduplication.
//!
//! ```no_run
//! use countersign_core::{Delivery, providers::Stripe, seal::SealKeys};
//! use countersign_inbox::hand_off::nats::{async_nats::{self, jetstream}, read};
//! use futures_util::StreamExt;
//!
//! /// A durable consumer: a message that is not acknowledged comes again.
//! async fn consume(url: &str, keys: &SealKeys) -> Result<(), async_nats::Error> {
//!     let context = jetstream::new(async_nats::connect(url).await?);
//!     let settings = jetstream::consumer::pull::Config {
//!         durable_name: Some("orders".to_owned()),
//!         filter_subject: "webhooks.stripe".to_owned(),
//!         ..Default::default()
//!     };
//!     let consumer = context.get_stream("webhooks").await?.get_or_create_consumer("orders", settings).await?;
//!     let mut messages = consumer.messages().await?;
//!     while let Some(message) = messages.next().await {
//!         let message = message?;
//!         let delivery: Delivery<Stripe> = read(&message)?.open(keys)?;
//!         println!("{}", delivery.event_name());
//!         message.double_ack().await?;
//!     }
//!     Ok(())
//! }
//! ```

mod checks;
mod settings;

use std::{fmt, time::Duration};

pub use async_nats;
use async_nats::{
    Client, ConnectOptions, HeaderMap, Message,
    connection::State,
    jetstream::{Context, context::PublishErrorKind, message::PublishMessage},
};
use countersign_core::seal::Sealed;

use super::{Broker, Envelope, EnvelopeError, Published, unavailable};
use crate::{
    error::{StoreError, StoreErrorKind},
    store::Answer,
};
use checks::Checked;
pub use settings::Settings;

/// How often the client asks whether the server is there: it notices after two silent intervals.
const PING: Duration = Duration::from_secs(2);

/// The longest time between two attempts to connect again.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// How many messages may wait for the connection.
const WAITING: usize = 64;

/// A stream of NATS JetStream, 2.10 or later.
///
/// The client connects again by itself when the connection is lost.
pub struct JetStream {
    context: Context,
    client: Client,
    settings: Settings,
    checked: Checked,
}

impl JetStream {
    /// Connects to the server at a URL such as `nats://127.0.0.1:4222`, and checks the stream: see
    /// [`on`](Self::on).
    ///
    /// # Errors
    ///
    /// Returns an error if the server cannot be reached within 5 s, or like [`on`](Self::on).
    pub async fn connect(url: &str, settings: Settings) -> Result<Self, StoreError> {
        let options = ConnectOptions::new().name("countersign").ping_interval(PING).client_capacity(WAITING);
        let options = options.reconnect_delay_callback(|attempts| {
            Duration::from_millis(100).saturating_mul(u32::try_from(attempts).unwrap_or(u32::MAX)).min(LONGEST_PAUSE)
        });
        let client = options.connect(url).await.map_err(|error| {
            let message = "cannot connect to NATS".to_owned();
            unavailable(message).with_source(error)
        })?;
        Self::on(async_nats::jetstream::new(client), settings).await
    }

    /// Uses a connection that you made: with credentials, with TLS, or in a domain. Then checks the stream
    /// and the server: the stream has to be in files, on at least 3 servers (or on servers that
    /// [sync](Settings::server_syncs_always) each message), must not discard old messages for new ones, and has
    /// to take messages of the largest body. With other settings, it loses deliveries that it has
    /// acknowledged, or rejects them.
    ///
    /// # Errors
    ///
    /// Returns an error if the server does not answer, if the stream is missing, or if its settings are
    /// not safe: the message says which to change.
    pub async fn on(context: Context, settings: Settings) -> Result<Self, StoreError> {
        let client = context.client();
        let checked = checks::check(&context, &client, &settings).await?;
        Ok(Self { context, client, settings, checked })
    }

    async fn put(&self, envelope: Envelope) -> Result<Published, StoreError> {
        // The client would keep it, and publish it when nobody waits any more.
        if self.client.connection_state() != State::Connected {
            return Err(unavailable("NATS is not connected".to_owned()));
        }
        let mut headers = HeaderMap::new();
        envelope.headers().for_each(|(name, text)| headers.insert(name, text));
        let message = PublishMessage::build()
            .headers(headers)
            .payload(envelope.body().clone())
            .message_id(envelope.key().to_string())
            // A subject may lead to another stream by now.
            .expected_stream(&self.settings.stream);
        let subject = self.settings.subject(envelope.provider());
        let failed = |error: async_nats::error::Error<PublishErrorKind>| {
            let kind = match error.kind() {
                PublishErrorKind::MaxPayloadExceeded => StoreErrorKind::Full,
                _ => StoreErrorKind::Unavailable,
            };
            StoreError::new(kind, "NATS did not confirm the delivery").with_source(error)
        };
        // The first one sends, the second one is the acknowledgement.
        let acknowledged = self.context.send_publish(subject, message).await.map_err(failed)?.await.map_err(failed)?;
        Ok(if acknowledged.duplicate { Published::Duplicate } else { Published::New })
    }
}

impl Broker for JetStream {
    fn publish(&self, envelope: Envelope) -> Answer<'_, Published> {
        Box::pin(self.put(envelope))
    }

    fn check(&self, provider: &'static str, repeats: Duration) -> Result<(), StoreError> {
        self.checked.suits(&self.settings, provider, repeats)
    }
}

impl fmt::Debug for JetStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JetStream").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// Reads a message, for a consumer. Nothing is checked before [`Sealed::open`].
///
/// # Errors
///
/// Returns an error if the message is not a delivery that countersign published.
pub fn read(message: &Message) -> Result<Sealed, EnvelopeError> {
    let header = |name| message.headers.as_ref()?.get(name).map(|value| value.as_str().to_owned());
    Envelope::read(header, message.payload.clone())
}
