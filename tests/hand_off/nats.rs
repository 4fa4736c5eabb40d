//! NATS with `sync_interval: always`, which Debian's 2.9.10 does not know.

use std::time::Duration;

use countersign::{
    hand_off::{
        Broker, HandOff, Sealed,
        nats::{
            JetStream, Settings,
            async_nats::{
                self, Client,
                jetstream::{
                    self,
                    consumer::{AckPolicy, pull},
                    stream::{Config, DiscardPolicy, RetentionPolicy, StorageType},
                },
            },
            read,
        },
    },
    providers::{Vercel, Zeodyn},
};
use countersign_test_support::{nats, program::Program};
use futures_util::{StreamExt, TryStreamExt};

use crate::{
    server::Server,
    site::{Answer, Site, keys, until},
};

pub(crate) struct Nats(Program);

impl Nats {
    pub(crate) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.0.port)
    }

    pub(crate) async fn client(&self) -> Client {
        let mut client = None;
        // It accepts connections before its streams are there.
        until("JetStream answers", async || {
            client = async_nats::connect(self.url()).await.ok();
            match &client {
                Some(client) => jetstream::new(client.clone()).stream_names().try_next().await.is_ok(),
                None => false,
            }
        })
        .await;
        client.unwrap()
    }

    async fn create(&self, name: &str, change: impl FnOnce(&mut Config)) {
        let mut config = Config {
            name: name.to_owned(),
            subjects: vec![format!("{name}.*")],
            num_replicas: 1,
            storage: StorageType::File,
            duplicate_window: Duration::from_secs(86_400),
            discard: DiscardPolicy::New,
            ..Config::default()
        };
        change(&mut config);
        let context = jetstream::new(self.client().await);
        let _ = context.delete_stream(name).await;
        context.create_stream(config).await.unwrap();
    }
}

fn settings(queue: &str) -> Settings {
    Settings::new(queue, format!("{queue}.{{provider}}")).server_syncs_always()
}

impl Server for Nats {
    const NAME: &'static str = "nats";
    const PROGRAM: &'static str = "nats-server";
    const IS_EVERYWHERE: bool = false;
    const KNOWS_DUPLICATES: bool = true;

    fn start() -> Self {
        Self(Program::unstarted())
    }

    fn ensure_up(&mut self) {
        nats::ensure_up(&mut self.0);
    }

    fn kill(&mut self) {
        self.0.kill();
    }

    fn pause(&mut self) {
        self.0.pause();
    }

    fn go_on(&mut self) {
        self.0.go_on();
    }

    fn port(&self) -> u16 {
        self.0.port
    }

    async fn broker_at(&self, queue: &str, port: u16) -> impl Broker {
        self.client().await;
        JetStream::connect(&format!("nats://127.0.0.1:{port}"), settings(queue).create_stream(1)).await.unwrap()
    }

    async fn small(&self, queue: &str) -> impl Broker {
        self.create(queue, |config| (config.max_messages, config.retention) = (1, RetentionPolicy::WorkQueue)).await;
        JetStream::connect(&self.url(), settings(queue)).await.unwrap()
    }

    async fn consume(&self, queue: &str) -> Vec<Sealed> {
        let stream = jetstream::new(self.client().await).get_stream(queue).await.unwrap();
        let settings = pull::Config {
            durable_name: Some("orders".to_owned()),
            ack_policy: AckPolicy::Explicit,
            ..pull::Config::default()
        };
        let consumer = stream.get_or_create_consumer("orders", settings).await.unwrap();
        let mut found = Vec::new();
        loop {
            let mut messages = consumer.fetch().max_messages(1000).messages().await.unwrap();
            let before = found.len();
            while let Some(message) = messages.next().await {
                let message = message.unwrap();
                found.push(read(&message).unwrap());
                message.double_ack().await.unwrap();
            }
            if found.len() == before {
                return found;
            }
        }
    }
}

/// With their texts, word for word. The others are in `nats/checks.rs`.
pub(crate) async fn settings_that_lose_are_refused(server: &mut Nats, queue: &str) {
    server.client().await;
    let unsaid = || Settings::new(queue, format!("{queue}.{{provider}}"));
    let refused = async |settings: Settings| {
        let error = JetStream::connect(&server.url(), settings).await.unwrap_err();
        error.to_string()
    };
    assert_eq!(
        refused(settings(queue)).await,
        format!("NATS has no stream `{queue}`: create it, or have it created with `Settings::create_stream`")
    );
    // As it is by default.
    assert_eq!(
        refused(unsaid().create_stream(1)).await,
        format!(
            "the stream `{queue}` has less than 3 replicas, and by default NATS loses acknowledged messages in a power cut: \
             add replicas, or set `sync_interval: always` in the server's section `jetstream`, and then say so with \
             `Settings::server_syncs_always`"
        )
    );
    server.create(queue, |config| config.storage = StorageType::Memory).await;
    assert_eq!(
        refused(settings(queue)).await,
        format!(
            "the stream `{queue}` is in memory: with `storage: file`, it does not lose its messages when NATS stops"
        )
    );
    server.create(queue, |config| config.retention = RetentionPolicy::Interest).await;
    assert_eq!(
        refused(settings(queue)).await,
        format!(
            "the stream `{queue}` drops messages that no consumer waits for: set the retention to `limits` or `workqueue`"
        )
    );
    server.create(queue, |config| config.no_ack = true).await;
    assert_eq!(
        refused(settings(queue)).await,
        format!("the stream `{queue}` acknowledges nothing: set `no_ack: false`")
    );
    server.create(queue, |config| (config.max_bytes, config.discard) = (1_000_000, DiscardPolicy::Old)).await;
    assert_eq!(
        refused(settings(queue)).await,
        format!(
            "the stream `{queue}` deletes the oldest messages when it is full: set `discard: new`, and \
             `discard_new_per_subject: true` if it has a limit for each subject"
        )
    );
    server.create(queue, |_| {}).await;
    assert_eq!(
        refused(settings(queue).with_body_limit(2_097_152)).await,
        "NATS takes messages of 2097152 bytes, and a delivery may have 2162688: set `max_payload` of the server to at least \
         that, or a smaller limit with `Settings::with_body_limit` and the same in the layers"
    );
    server
        .create(queue, |config| {
            config.duplicate_window = Duration::from_secs(120);
            config.subjects = vec![format!("{queue}.vercel")];
        })
        .await;
    let hand_off = HandOff::new(JetStream::connect(&server.url(), settings(queue)).await.unwrap(), keys());
    assert_eq!(
        hand_off.try_publish::<Vercel>().unwrap_err().to_string(),
        format!(
            "vercel repeats deliveries for 86400 s, and the stream `{queue}` recognizes them for 120 s: set its \
             `duplicate_window` to at least 86400 s"
        )
    );
    assert_eq!(
        hand_off.try_publish::<Zeodyn>().unwrap_err().to_string(),
        format!("the stream `{queue}` does not take the subject `{queue}.zeodyn`: add it to the stream's subjects")
    );
}

pub(crate) async fn a_stream_is_created_if_asked(server: &mut Nats, queue: &str) {
    let site = Site::new(server.broker(queue).await);
    assert_eq!(site.send("1").await, Answer::ok("stored"));
    let context = jetstream::new(server.client().await);
    let config = context.get_stream(queue).await.unwrap().cached_info().config.clone();
    assert_eq!((config.storage, config.retention), (StorageType::File, RetentionPolicy::WorkQueue));
    assert_eq!((config.discard, config.duplicate_window.as_secs()), (DiscardPolicy::New, 3 * 86_400));
    // A stream that is deleted meanwhile is not replaced silently.
    context.delete_stream(queue).await.unwrap();
    assert_eq!(site.send("2").await, Answer::unavailable());
}
