//! The settings with which NATS loses nothing that it has acknowledged.

use std::time::Duration;

use async_nats::{
    Client,
    jetstream::{
        Context, ErrorCode,
        context::{CreateStreamError, CreateStreamErrorKind, GetStreamErrorKind},
        stream::{Config, DiscardPolicy, PersistenceMode, RetentionPolicy, StorageType},
    },
};

use super::{
    super::{unavailable, unusable},
    Settings,
};
use crate::error::StoreError;

/// What is needed of the stream's settings after the start.
pub(super) struct Checked {
    subjects: Vec<String>,
    window: Duration,
}

pub(super) async fn check(context: &Context, client: &Client, settings: &Settings) -> Result<Checked, StoreError> {
    let server = client.server_info();
    if !client.is_server_compatible(2, 10, 0) {
        return Err(unusable(format!("NATS has the version {}: install 2.10 or later", server.version)));
    }
    let config = config(context, settings).await?;
    if let Some(refusal) = refusal(&config, server.max_payload, settings) {
        return Err(unusable(refusal));
    }
    Ok(Checked { subjects: config.subjects, window: config.duplicate_window })
}

async fn config(context: &Context, settings: &Settings) -> Result<Config, StoreError> {
    let name = &settings.stream;
    let error = match context.get_stream(name).await {
        Ok(stream) => return Ok(stream.cached_info().config.clone()),
        Err(error) => error,
    };
    let is_missing = matches!(
        error.kind(),
        GetStreamErrorKind::JetStream(error) if error.error_code() == ErrorCode::STREAM_NOT_FOUND
    );
    match settings.replicas {
        Some(replicas) if is_missing => {
            let created = context.create_stream(settings.config(replicas)).await;
            let failed = |error: CreateStreamError| match error.kind() {
                CreateStreamErrorKind::JetStream(why)
                    if why.error_code() == ErrorCode::STREAM_REPLICAS_NOT_SUPPORTED =>
                {
                    unusable(format!(
                        "NATS is one server, which has no place for {replicas} replicas of the stream `{name}`: run 3 servers, \
                         or set `sync_interval: always` in the server's section `jetstream`, and then say so with \
                         `Settings::server_syncs_always` and `create_stream(1)`"
                    ))
                }
                _ => unavailable(format!("NATS did not create the stream `{name}`")).with_source(error),
            };
            Ok(created.map_err(failed)?.cached_info().config.clone())
        }
        None if is_missing => Err(unusable(format!(
            "NATS has no stream `{name}`: create it, or have it created with `Settings::create_stream`"
        ))),
        _ => Err(unavailable(format!("NATS did not show the stream `{name}`")).with_source(error)),
    }
}

/// What has to be changed, if anything has.
fn refusal(config: &Config, max_payload: usize, settings: &Settings) -> Option<String> {
    let (name, largest) = (&settings.stream, settings.largest());
    let limits = config.max_messages > 0 || config.max_bytes > 0;
    let is_new = config.discard == DiscardPolicy::New;
    let per_subject = config.max_messages_per_subject > 0 && !(is_new && config.discard_new_per_subject);
    let stream = |problem: &str| Some(format!("the stream `{name}` {problem}"));
    if config.storage != StorageType::File {
        stream("is in memory: with `storage: file`, it does not lose its messages when NATS stops")
    } else if config.num_replicas < 3 && !settings.syncs_always {
        stream(
            "has less than 3 replicas, and by default NATS loses acknowledged messages in a power cut: add replicas, or set \
             `sync_interval: always` in the server's section `jetstream`, and then say so with \
             `Settings::server_syncs_always`",
        )
    } else if config.persist_mode == Some(PersistenceMode::Async) {
        stream("acknowledges messages before they are stored: set `persist_mode: default`")
    } else if config.no_ack {
        stream("acknowledges nothing: set `no_ack: false`")
    } else if config.retention == RetentionPolicy::Interest {
        stream("drops messages that no consumer waits for: set the retention to `limits` or `workqueue`")
    } else if (limits && !is_new) || per_subject {
        stream(
            "deletes the oldest messages when it is full: set `discard: new`, and `discard_new_per_subject: true` if it has \
             a limit for each subject",
        )
    } else if max_payload < largest {
        Some(format!(
            "NATS takes messages of {max_payload} bytes, and a delivery may have {largest}: set `max_payload` of the server \
             to at least that, or a smaller limit with `Settings::with_body_limit` and the same in the layers"
        ))
    } else if usize::try_from(config.max_message_size).is_ok_and(|most| most > 0 && most < largest) {
        stream(&format!("has a limit for messages (`max_msg_size`): a delivery may have {largest} bytes"))
    } else {
        None
    }
}

impl Checked {
    /// Whether deliveries of the provider come into the stream, and repeated ones do not.
    pub(super) fn suits(
        &self,
        settings: &Settings,
        provider: &'static str,
        repeats: Duration,
    ) -> Result<(), StoreError> {
        let (name, subject) = (&settings.stream, settings.subject(provider));
        if !self.subjects.iter().any(|filter| takes(filter, &subject)) {
            return Err(unusable(format!(
                "the stream `{name}` does not take the subject `{subject}`: add it to the stream's subjects"
            )));
        }
        if self.window < repeats {
            let (window, repeats) = (self.window.as_secs(), repeats.as_secs());
            return Err(unusable(format!(
                "{provider} repeats deliveries for {repeats} s, and the stream `{name}` recognizes them for {window} s: set \
                 its `duplicate_window` to at least {repeats} s"
            )));
        }
        Ok(())
    }
}

/// Whether a stream with this filter takes a subject.
fn takes(filter: &str, subject: &str) -> bool {
    let (mut filter, mut subject) = (filter.split('.'), subject.split('.'));
    loop {
        match (filter.next(), subject.next()) {
            (Some(">"), Some(_)) | (None, None) => return true,
            (Some(token), Some(other)) if token == "*" || token == other => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_lose_are_refused() {
        let safe = || Config {
            name: "webhooks".to_owned(),
            num_replicas: 3,
            discard: DiscardPolicy::New,
            max_bytes: 1,
            ..Config::default()
        };
        let settings = Settings::new("webhooks", "webhooks.{provider}").with_body_limit(1000);
        let refused = |change: fn(&mut Config)| {
            let mut config = safe();
            change(&mut config);
            refusal(&config, 66_536, &settings)
        };
        assert_eq!(refused(|_| {}), None);
        for (change, expected) in [
            (
                (|config| config.storage = StorageType::Memory) as fn(&mut Config),
                "is in memory: with `storage: file`, it does not lose its messages when NATS stops",
            ),
            (
                |config| config.num_replicas = 1,
                "has less than 3 replicas, and by default NATS loses acknowledged messages in a power cut: add replicas, or \
                 set `sync_interval: always` in the server's section `jetstream`, and then say so with \
                 `Settings::server_syncs_always`",
            ),
            (
                |config| config.persist_mode = Some(PersistenceMode::Async),
                "acknowledges messages before they are stored: set `persist_mode: default`",
            ),
            (|config| config.no_ack = true, "acknowledges nothing: set `no_ack: false`"),
            (
                |config| config.retention = RetentionPolicy::Interest,
                "drops messages that no consumer waits for: set the retention to `limits` or `workqueue`",
            ),
            (
                |config| config.discard = DiscardPolicy::Old,
                "deletes the oldest messages when it is full: set `discard: new`, and `discard_new_per_subject: true` if it \
                 has a limit for each subject",
            ),
            (
                |config| config.max_messages_per_subject = 1,
                "deletes the oldest messages when it is full: set `discard: new`, and `discard_new_per_subject: true` if it \
                 has a limit for each subject",
            ),
            (
                |config| config.max_message_size = 1000,
                "has a limit for messages (`max_msg_size`): a delivery may have 66536 bytes",
            ),
        ] {
            assert_eq!(refused(change), Some(format!("the stream `webhooks` {expected}")));
        }
        let mut single = safe();
        single.num_replicas = 1;
        assert_eq!(refusal(&single, 66_536, &settings.clone().server_syncs_always()), None);
        assert_eq!(
            refusal(&safe(), 66_535, &settings).as_deref(),
            Some(
                "NATS takes messages of 66535 bytes, and a delivery may have 66536: set `max_payload` of the server to at \
                 least that, or a smaller limit with `Settings::with_body_limit` and the same in the layers"
            )
        );
    }

    #[test]
    fn a_stream_takes_the_subjects_of_its_filters() {
        for (filter, subject, is_taken) in [
            ("webhooks.*", "webhooks.stripe", true),
            ("webhooks.>", "webhooks.stripe", true),
            (">", "webhooks.stripe", true),
            ("webhooks.stripe", "webhooks.stripe", true),
            ("*.stripe", "webhooks.stripe", true),
            ("webhooks.github", "webhooks.stripe", false),
            ("webhooks", "webhooks.stripe", false),
            ("webhooks.*.*", "webhooks.stripe", false),
            ("webhooks.stripe.>", "webhooks.stripe", false),
        ] {
            assert_eq!(takes(filter, subject), is_taken, "{filter}");
        }
        let settings = Settings::new("webhooks", "webhooks.{provider}.new");
        assert_eq!(settings.subject("my own.provider*>"), "webhooks.my_own_provider__.new");
    }
}
