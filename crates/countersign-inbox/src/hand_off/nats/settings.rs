//! The settings of a stream of NATS.

use std::time::Duration;

use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};
use countersign_core::adapter::DEFAULT_BODY_LIMIT;

use super::super::HEADERS_LIMIT;

/// What stands for the provider's short name in a subject.
const PROVIDER: &str = "{provider}";

/// The settings of a [`JetStream`](super::JetStream).
#[derive(Clone, Debug)]
pub struct Settings {
    pub(super) stream: String,
    subject: String,
    pub(super) body_limit: usize,
    pub(super) syncs_always: bool,
    /// How many replicas a stream has that is created.
    pub(super) replicas: Option<usize>,
    pub(super) window: Duration,
}

impl Settings {
    /// Creates the settings of a stream that exists. In `subject`, `{provider}` stands for the provider's
    /// short name: `webhooks.{provider}`.
    pub fn new(stream: impl Into<String>, subject: impl Into<String>) -> Self {
        Self {
            stream: stream.into(),
            subject: subject.into(),
            body_limit: DEFAULT_BODY_LIMIT,
            syncs_always: false,
            replicas: None,
            window: Duration::from_secs(3 * 24 * 60 * 60),
        }
    }

    /// Creates the stream, unless it exists: in files, with this many replicas, a window of 3 days for
    /// duplicates, no limits, and the retention `workqueue`, which removes a message once it is
    /// acknowledged. (A server that restarts forgets the keys of messages that were removed.)
    #[must_use]
    pub fn create_stream(mut self, replicas: usize) -> Self {
        self.replicas = Some(replicas);
        self
    }

    /// Says that all servers have `sync_interval: always` in their section `jetstream`, so that a stream with less
    /// than 3 replicas is safe. A client cannot read that setting. By default NATS acknowledges a message
    /// up to 2 minutes before it flushes it: if that is so, **acknowledged deliveries are lost** in a power
    /// cut.
    #[must_use]
    pub fn server_syncs_always(mut self) -> Self {
        self.syncs_always = true;
        self
    }

    /// Sets the largest body that the layers accept (default: 1 MiB, which is the layers' default). The
    /// server's `max_payload` has to be 64 KiB larger.
    #[must_use]
    pub fn with_body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// The size of the largest message.
    pub(super) fn largest(&self) -> usize {
        self.body_limit.saturating_add(HEADERS_LIMIT)
    }

    pub(super) fn subject(&self, provider: &str) -> String {
        let token = |letter: char| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '_' };
        self.subject.replace(PROVIDER, &provider.chars().map(token).collect::<String>())
    }

    pub(super) fn config(&self, replicas: usize) -> Config {
        Config {
            name: self.stream.clone(),
            subjects: vec![self.subject.replace(PROVIDER, "*")],
            storage: StorageType::File,
            num_replicas: replicas,
            retention: RetentionPolicy::WorkQueue,
            discard: DiscardPolicy::New,
            duplicate_window: self.window,
            ..Config::default()
        }
    }
}
