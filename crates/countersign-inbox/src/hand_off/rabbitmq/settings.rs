//! The settings of a quorum queue.

use lapin::types::{AMQPValue, FieldTable, ShortString};

use super::super::unusable;
use crate::error::StoreError;

/// The settings of a [`QuorumQueue`](super::QuorumQueue): with which arguments the queue is, or was,
/// declared.
///
/// They are `x-queue-type: quorum` and `x-overflow: reject-publish`, those that are set here, and for a
/// dead-letter exchange also `x-dead-letter-strategy: at-least-once`.
#[derive(Clone, Debug)]
pub struct Settings {
    queue: String,
    pub(super) declares: bool,
    dead_letters: DeadLetters,
    arguments: Vec<(String, AMQPValue)>,
}

#[derive(Clone, Debug)]
enum DeadLetters {
    Unsaid,
    None,
    To(String),
}

impl Settings {
    /// Creates the settings of a queue that exists. Deliveries of all providers may share it.
    pub fn new(queue: impl Into<String>) -> Self {
        Self { queue: queue.into(), declares: false, dead_letters: DeadLetters::Unsaid, arguments: Vec::new() }
    }

    /// Declares the queue at the start, unless it exists. A queue that was just declared is used after 2 s: a
    /// RabbitMQ that is killed before that loses it.
    #[must_use]
    pub fn declare_queue(mut self) -> Self {
        self.declares = true;
        self
    }

    /// Names the exchange of dead letters, `x-dead-letter-exchange`: where RabbitMQ puts a message that
    /// consumers rejected, or that failed as often as `x-delivery-limit` says (20 times since RabbitMQ 4). It
    /// has to exist, and a queue has to be bound to it.
    #[must_use]
    pub fn with_dead_letter_exchange(mut self, exchange: impl Into<String>) -> Self {
        self.dead_letters = DeadLetters::To(exchange.into());
        self
    }

    /// Says that **messages may be dropped** that consumers rejected, or that failed as often as
    /// `x-delivery-limit` says.
    #[must_use]
    pub fn without_dead_letters(mut self) -> Self {
        self.dead_letters = DeadLetters::None;
        self
    }

    /// Adds another argument of the queue, such as `x-delivery-limit` or `x-max-length`.
    #[must_use]
    pub fn with_argument(mut self, name: impl Into<String>, value: AMQPValue) -> Self {
        self.arguments.push((name.into(), value));
        self
    }

    pub(super) fn check(&self) -> Result<(), StoreError> {
        for name in ["x-queue-type", "x-overflow", "x-dead-letter-exchange", "x-dead-letter-strategy"] {
            if self.arguments.iter().any(|(other, _)| other == name) {
                return Err(unusable(format!(
                    "`{name}` is not for `Settings::with_argument`: `Settings` says how it has to be"
                )));
            }
        }
        if let DeadLetters::Unsaid = self.dead_letters {
            return Err(unusable(
                "the queue has no dead-letter exchange, and RabbitMQ drops messages that fail too often: set one with \
                 `Settings::with_dead_letter_exchange`, or say that they may be dropped with \
                 `Settings::without_dead_letters`"
                    .to_owned(),
            ));
        }
        Ok(())
    }

    pub(super) fn queue(&self) -> Result<ShortString, StoreError> {
        short(&self.queue)
    }

    pub(super) fn exchange(&self) -> Result<Option<ShortString>, StoreError> {
        match &self.dead_letters {
            DeadLetters::To(exchange) => short(exchange).map(Some),
            DeadLetters::None | DeadLetters::Unsaid => Ok(None),
        }
    }

    pub(super) fn arguments(&self) -> Result<FieldTable, StoreError> {
        let mut table = FieldTable::default();
        let text = |text: &str| AMQPValue::LongString(text.into());
        table.insert("x-queue-type".into(), text("quorum"));
        table.insert("x-overflow".into(), text("reject-publish"));
        if let DeadLetters::To(exchange) = &self.dead_letters {
            table.insert("x-dead-letter-exchange".into(), text(exchange));
            table.insert("x-dead-letter-strategy".into(), text("at-least-once"));
        }
        for (name, value) in &self.arguments {
            table.insert(short(name)?, value.clone());
        }
        Ok(table)
    }
}

fn short(text: &str) -> Result<ShortString, StoreError> {
    ShortString::try_new(text).map_err(|_| unusable(format!("`{text}` is longer than 255 bytes, the most in RabbitMQ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_or_said_twice_is_refused() {
        let text = |settings: Settings| settings.check().unwrap_err().to_string();
        assert_eq!(
            text(Settings::new("webhooks")),
            "the queue has no dead-letter exchange, and RabbitMQ drops messages that fail too often: set one with \
             `Settings::with_dead_letter_exchange`, or say that they may be dropped with `Settings::without_dead_letters`"
        );
        assert_eq!(
            text(Settings::new("webhooks").with_argument("x-overflow", AMQPValue::LongString("drop-head".into()))),
            "`x-overflow` is not for `Settings::with_argument`: `Settings` says how it has to be"
        );
        assert_eq!(
            Settings::new("w".repeat(256)).queue().unwrap_err().to_string(),
            format!("`{}` is longer than 255 bytes, the most in RabbitMQ", "w".repeat(256))
        );
    }
}
