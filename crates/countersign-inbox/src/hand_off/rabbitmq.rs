//! RabbitMQ: quorum queues.
//!
//! Each message is in one queue, with the headers of the [`Envelope`]. Its `message_id` is the key of
//! deduplication. RabbitMQ does not recognize duplicates: **consumers have to**, by `countersign-key`.
//!
//! ```no_run
//! use countersign_core::{Delivery, providers::Stripe, seal::SealKeys};
//! use countersign_inbox::hand_off::rabbitmq::{lapin::{self, Connection, ConnectionProperties, options::*}, read};
//! use futures_util::StreamExt;
//!
//! /// A message that is not acknowledged comes again, when the channel or the connection ends.
//! async fn consume(url: &str, keys: &SealKeys) -> Result<(), Box<dyn std::error::Error>> {
//!     let connection = Connection::connect(url, ConnectionProperties::default()).await?;
//!     let channel = connection.create_channel().await?;
//!     channel.basic_qos(16, BasicQosOptions::default()).await?;
//!     let (options, arguments) = (BasicConsumeOptions::default(), lapin::types::FieldTable::default());
//!     let mut messages = channel.basic_consume("webhooks".into(), "orders".into(), options, arguments).await?;
//!     while let Some(message) = messages.next().await {
//!         let message = message?;
//!         let delivery: Delivery<Stripe> = read(&message)?.open(keys)?;
//!         println!("{}", delivery.event_name());
//!         message.ack(BasicAckOptions::default()).await?;
//!     }
//!     Ok(())
//! }
//! ```

mod queue;
mod quiet;
mod settings;

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use countersign_core::seal::Sealed;
pub use lapin;
use lapin::{
    BasicProperties, Channel, Confirmation, Connection, ConnectionProperties,
    message::Delivery,
    options::{BasicPublishOptions, ConfirmSelectOptions},
    types::{AMQPValue, FieldTable, ShortString},
    uri::{AMQPScheme, AMQPUri},
};
use tokio::{sync::Semaphore, time::sleep};

use super::{Broker, Envelope, EnvelopeError, HEADERS_LIMIT, Published, link::Link, unavailable, unusable};
use crate::{
    error::{StoreError, StoreErrorKind},
    store::Answer,
};
pub use settings::Settings;

/// How often RabbitMQ and the client say that they are there, in seconds, unless the URL says it.
const HEARTBEAT: u16 = 10;

/// How long a queue that was just declared is not used. RabbitMQ writes to disk which queue a log belongs to a
/// second later: if it is killed before that, it begins a new log, and the messages are lost, although they were
/// confirmed.
const SETTLING: Duration = Duration::from_secs(2);

/// How many messages may wait for their confirmation, each on a channel: RabbitMQ takes 2,047 of them unless it is set
/// up otherwise. Others wait for their turn.
const MOST_UNANSWERED: usize = 128;

/// A quorum queue of RabbitMQ, 3.10 or later.
///
/// It connects again when the connection is lost, and checks the queue each time.
pub struct QuorumQueue {
    link: Link<Arc<Session>>,
    queue: ShortString,
    turns: Semaphore,
}

struct Session {
    connection: Connection,
    /// Those that wait for nothing. A channel has one message at a time: the client gives a returned message to
    /// whichever is confirmed next on its channel.
    idle: Mutex<Vec<Channel>>,
    /// Whether the queue was declared for this connection.
    is_new: bool,
}

impl QuorumQueue {
    /// Connects to the server at a URL such as `amqp://user:password@127.0.0.1:5672/%2f`, and checks the
    /// queue: it has to be a durable quorum queue with the arguments of the settings, and its dead-letter
    /// exchange has to exist. With other settings, RabbitMQ loses messages that it has confirmed. `amqps:`
    /// needs the feature `rabbitmq-tls`. The certificate is verified against the roots of the system.
    ///
    /// If your program sets its subscriber of `tracing` later, or logs with the `log` crate, filter with
    /// `lapin::returned_messages=off`: lapin logs a delivery whose queue is gone, with its body.
    ///
    /// # Errors
    ///
    /// Returns an error if the URL is invalid, if the server cannot be reached within 5 s, or if the queue
    /// is missing or not safe: the message says what to change.
    pub async fn connect(url: &str, settings: Settings) -> Result<Self, StoreError> {
        // The error may quote the URL, which may have a password.
        let mut uri: AMQPUri =
            url.parse().map_err(|_| unusable("the URL of RabbitMQ is not like `amqp://host:5672/%2f`".to_owned()))?;
        if uri.scheme == AMQPScheme::AMQPS {
            check_tls(cfg!(feature = "rabbitmq-tls"))?;
        }
        uri.query.heartbeat.get_or_insert(HEARTBEAT);
        settings.check()?;
        let queue = settings.queue()?;
        let settings = Arc::new(settings);
        let is_first = AtomicBool::new(true);
        let link = Link::new("RabbitMQ", move || {
            let (uri, settings) = (uri.clone(), Arc::clone(&settings));
            // Later, a queue that is gone is not replaced silently by an empty one.
            let may_declare = settings.declares && is_first.swap(false, Relaxed);
            async move { Ok(Arc::new(Session::open(uri, &settings, may_declare).await?)) }
        })
        .await?;
        if link.get().await?.connection.is_new {
            sleep(SETTLING).await;
        }
        Ok(Self { link, queue, turns: Semaphore::new(MOST_UNANSWERED) })
    }

    async fn put(&self, envelope: &Envelope) -> Result<Published, StoreError> {
        let closed = |_| unavailable("the hand-off has ended".to_owned());
        let _turn = self.turns.acquire().await.map_err(closed)?;
        let link = self.link.get().await?;
        let session = &link.connection;
        // It reads nothing then, and what is sent piles up.
        if session.connection.status().blocked() {
            let message = "RabbitMQ blocks publishers: it has too little memory or disk";
            return Err(StoreError::new(StoreErrorKind::Full, message));
        }
        let question = self.link.ask(&link);
        let failed = |error| unavailable("RabbitMQ did not confirm the delivery".to_owned()).with_source(error);
        let confirmation = session.publish(&self.queue, envelope).await.map_err(failed)?;
        question.answered();
        match confirmation {
            Confirmation::Ack(None) => Ok(Published::New),
            // The queue was deleted.
            Confirmation::Ack(Some(_)) => {
                self.link.lose(&link);
                Err(unavailable("RabbitMQ returned the delivery: there is no such queue any more".to_owned()))
            }
            Confirmation::Nack(_) => Err(StoreError::new(
                StoreErrorKind::Full,
                "RabbitMQ did not take the delivery: the queue is full, or fails",
            )),
            Confirmation::NotRequested => Err(unavailable("RabbitMQ was not asked for confirmations".to_owned())),
        }
    }
}

/// Without one of its features of TLS, lapin connects in plain text, and says nothing.
fn check_tls(has_tls: bool) -> Result<(), StoreError> {
    let message = "`amqps:` needs the feature `rabbitmq-tls` of `countersign-inbox`: without it, the password \
                   and the deliveries would be sent in plain text";
    if has_tls { Ok(()) } else { Err(unusable(message.to_owned())) }
}

impl Session {
    async fn open(uri: AMQPUri, settings: &Settings, may_declare: bool) -> Result<Self, StoreError> {
        let failed = |error| unavailable("cannot connect to RabbitMQ".to_owned()).with_source(error);
        let properties = ConnectionProperties::default().with_connection_name("countersign".into());
        let connection = quiet::connect(uri, properties).await.map_err(failed)?;
        let frame = usize::try_from(connection.configuration().frame_max()).unwrap_or(usize::MAX);
        // 0 is no limit. All headers are in one frame.
        let needed = HEADERS_LIMIT.saturating_add(4096);
        if frame != 0 && frame < needed {
            return Err(unusable(format!(
                "RabbitMQ takes frames of {frame} bytes, and the headers of a delivery may need {needed}: set `frame_max` to \
                 at least that, in its settings and in the URL"
            )));
        }
        let is_new = queue::check(&connection, settings, may_declare).await?;
        let session = Self { connection, idle: Mutex::default(), is_new };
        let first = session.channel().await.map_err(failed)?;
        session.rests(first);
        Ok(session)
    }

    /// A channel on which no message waits.
    async fn channel(&self) -> Result<Channel, lapin::Error> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(channel) = idle {
            return Ok(channel);
        }
        let channel = self.connection.create_channel().await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        Ok(channel)
    }

    fn rests(&self, channel: Channel) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(channel);
    }

    /// If it is given up, its channel is closed with it.
    async fn publish(&self, queue: &ShortString, envelope: &Envelope) -> Result<Confirmation, lapin::Error> {
        let mut headers = FieldTable::default();
        for (name, text) in envelope.headers() {
            headers.insert(name.into(), AMQPValue::LongString(text.into()));
        }
        let properties = BasicProperties::default()
            .with_delivery_mode(2) // It is persistent.
            .with_message_id(envelope.key().to_string().into())
            .with_headers(headers);
        // A message that is not mandatory vanishes if there is no queue, and is confirmed.
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let channel = self.channel().await?;
        let sent = channel.basic_publish("".into(), queue.clone(), options, envelope.body(), properties).await?;
        let confirmation = sent.await?;
        self.rests(channel);
        Ok(confirmation)
    }
}

impl Broker for QuorumQueue {
    fn publish(&self, envelope: Envelope) -> Answer<'_, Published> {
        Box::pin(async move { self.put(&envelope).await })
    }
}

impl fmt::Debug for QuorumQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QuorumQueue").field("queue", &self.queue.as_str()).field("link", &self.link).finish()
    }
}

/// Reads a message, for a consumer. Nothing is checked before [`Sealed::open`].
///
/// # Errors
///
/// Returns an error if the message is not a delivery that countersign published.
pub fn read(message: &Delivery) -> Result<Sealed, EnvelopeError> {
    let header = |name: &'static str| match message.properties.headers().as_ref()?.inner().get(name)? {
        AMQPValue::LongString(text) => Some(String::from_utf8_lossy(text.as_bytes()).into_owned()),
        _ => None,
    };
    Envelope::read(header, message.data.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_is_not_left_out_silently() {
        assert!(check_tls(true).is_ok());
        assert_eq!(
            check_tls(false).unwrap_err().to_string(),
            "`amqps:` needs the feature `rabbitmq-tls` of `countersign-inbox`: without it, the password and the deliveries \
             would be sent in plain text"
        );
    }
}
