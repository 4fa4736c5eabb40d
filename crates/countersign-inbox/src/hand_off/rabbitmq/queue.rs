//! The settings with which RabbitMQ loses nothing that it has confirmed.

use lapin::{
    Connection, Error, ErrorKind, ExchangeKind,
    options::{ExchangeDeclareOptions, QueueDeclareOptions},
    protocol::{AMQPErrorKind, AMQPSoftError},
    types::FieldTable,
};

use super::{
    super::{unavailable, unusable},
    Settings,
};
use crate::error::StoreError;

/// Returns whether the queue was declared now.
pub(super) async fn check(connection: &Connection, settings: &Settings, may_declare: bool) -> Result<bool, StoreError> {
    let failed = |error| unavailable("RabbitMQ did not show the queue".to_owned()).with_source(error);
    // A channel ends with an error.
    let channel = connection.create_channel().await.map_err(failed)?;
    let queue = settings.queue()?;
    if let Some(exchange) = settings.exchange()? {
        let options = ExchangeDeclareOptions { passive: true, ..ExchangeDeclareOptions::default() };
        let (kind, arguments) = (ExchangeKind::Fanout, FieldTable::default());
        channel.exchange_declare(exchange.clone(), kind, options, arguments).await.map_err(|error| {
            match soft(&error) {
                Some((AMQPSoftError::NOTFOUND, _)) => unusable(format!(
                    "RabbitMQ has no exchange `{exchange}` for dead letters: declare it, and bind a queue to it"
                )),
                _ => failed(error),
            }
        })?;
    }
    let options = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::durable() };
    let is_new = match channel.queue_declare(queue.clone(), options, FieldTable::default()).await {
        Ok(_) => false,
        Err(error) => match soft(&error) {
            Some((AMQPSoftError::NOTFOUND, _)) if may_declare => true,
            Some((AMQPSoftError::NOTFOUND, _)) => {
                return Err(unusable(format!(
                    "RabbitMQ has no queue `{queue}`: declare it, or have it declared at the start with \
                     `Settings::declare_queue`"
                )));
            }
            _ => return Err(failed(error)),
        },
    };
    let channel = if is_new { connection.create_channel().await.map_err(failed)? } else { channel };
    // Of a queue that is there, it compares the arguments.
    let declared = channel.queue_declare(queue.clone(), QueueDeclareOptions::durable(), settings.arguments()?).await;
    declared.map_err(|error| match soft(&error) {
        Some((AMQPSoftError::PRECONDITIONFAILED, why)) => unusable(format!(
            "the queue `{queue}` of RabbitMQ is another one than `Settings` says: {why}. Declare it as a durable quorum \
             queue with the arguments of `Settings`"
        )),
        _ => failed(error),
    })?;
    let _ = channel.close(200, "OK".into()).await;
    Ok(is_new)
}

/// What RabbitMQ refused, and in which words.
fn soft(error: &Error) -> Option<(AMQPSoftError, String)> {
    match error.kind() {
        ErrorKind::ProtocolError(error) => match error.kind() {
            AMQPErrorKind::Soft(kind) => Some((kind.clone(), error.get_message().to_string())),
            AMQPErrorKind::Hard(_) => None,
        },
        _ => None,
    }
}
