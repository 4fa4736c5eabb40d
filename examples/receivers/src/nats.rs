//! Hand-off to NATS JetStream, and a consumer in the same process.

use std::{env, error::Error, future::Future, pin::pin, time::Duration};

use countersign::{
    Delivery, ProviderEvent, Secret,
    dedupe::Dedupe,
    hand_off::{
        HandOff, SealKeys, Sealed,
        nats::{
            JetStream, Settings,
            async_nats::{
                self,
                jetstream::{
                    self, AckKind, Context, Message,
                    consumer::pull::{Config, Stream},
                },
            },
            read,
        },
    },
    provider::Provider,
    providers::{GeoScored, ScreenScore, ScreenshotCenter, ScreenshotRun, Zeodyn},
};
use futures_util::StreamExt;
use tokio::{
    task::JoinSet,
    time::{interval, sleep, timeout},
};

const STREAM: &str = "webhooks";
const CONSUMER: &str = "receivers";

/// How many messages are handled at the same time.
const CONCURRENCY: usize = 16;

/// After what time a delivery that failed comes again, and a lost server is looked for.
const PAUSE: Duration = Duration::from_secs(1);

/// A stream of NATS.
#[derive(Clone)]
pub struct Nats {
    pub hand_off: HandOff,
    pub dedupe: Dedupe,
    context: Context,
    keys: SealKeys,
    /// What is not acknowledged within this time comes again, here or in another process.
    wait: Duration,
}

impl Nats {
    /// Connects to NATS, and creates the stream unless it is there: with three replicas, or with one if
    /// `COUNTERSIGN_NATS_SYNCS_ALWAYS` is 1, which says that the server has `sync_interval: always`.
    pub async fn connect(url: &str) -> Result<Self, Box<dyn Error>> {
        let keys = SealKeys::new(Secret::from_env("COUNTERSIGN_INBOX_KEY")?)?;
        let settings = Settings::new(STREAM, "webhooks.{provider}");
        let settings = match env::var("COUNTERSIGN_NATS_SYNCS_ALWAYS").as_deref() {
            Ok("1") => settings.create_stream(1).server_syncs_always(),
            _ => settings.create_stream(3),
        };
        let broker = JetStream::connect(url, settings).await?;
        let context = jetstream::new(async_nats::connect(url).await?);
        let hand_off = HandOff::new(broker, keys.clone());
        Ok(Self { hand_off, dedupe: crate::dedupe().await?, context, keys, wait: crate::lease()?.max(PAUSE) })
    }

    /// Prints each delivery, then acknowledges it. When it is stopped, it waits up to `grace` for those that it has begun.
    pub async fn consume(self, grace: Duration, stopped: impl Future<Output = ()>) {
        let mut stopped = pin!(stopped);
        let mut running = JoinSet::new();
        tokio::select! {
            () = &mut stopped => {}
            never = self.take(&mut running) => match never {},
        }
        if timeout(grace, async { while running.join_next().await.is_some() {} }).await.is_err() {
            tracing::warn!("stopped while deliveries were handled: they come again");
        }
    }

    async fn take(&self, running: &mut JoinSet<()>) -> std::convert::Infallible {
        loop {
            match self.messages().await {
                Ok(mut messages) => {
                    while let Some(message) = messages.next().await {
                        match message {
                            Ok(message) => _ = running.spawn(handle(self.keys.clone(), message, self.wait)),
                            Err(error) => {
                                tracing::warn!(%error, "NATS delivers nothing");
                                break;
                            }
                        }
                        while running.len() >= CONCURRENCY {
                            _ = running.join_next().await;
                        }
                    }
                }
                Err(error) => tracing::warn!(error, "NATS delivers nothing"),
            }
            sleep(PAUSE).await;
        }
    }

    async fn messages(&self) -> Result<Stream, async_nats::Error> {
        let config = Config { durable_name: Some(CONSUMER.to_owned()), ack_wait: self.wait, ..Config::default() };
        let consumer = self.context.get_stream(STREAM).await?.create_consumer(config).await?;
        Ok(consumer.stream().max_messages_per_batch(CONCURRENCY).heartbeat(PAUSE).messages().await?)
    }
}

/// What becomes of a message.
enum Done {
    Printed,
    Failed,
    /// Forged, or not readable: it never becomes better.
    Never,
}

async fn handle(keys: SealKeys, message: Message, wait: Duration) {
    let mut beat = interval(wait.div_f64(3.0));
    let printing = match read(&message) {
        // A task of its own catches a panic.
        Ok(sealed) => tokio::spawn(async move { print_any(&sealed, &keys).await }),
        Err(error) => {
            tracing::error!(%error, "a message is no delivery");
            return answer(&message, AckKind::Term).await;
        }
    };
    let mut printing = pin!(printing);
    loop {
        tokio::select! {
            _ = beat.tick() => answer(&message, AckKind::Progress).await,
            done = &mut printing => return match done.unwrap_or(Done::Failed) {
                // The server has heard of it: nobody prints it again.
                Done::Printed => if let Err(error) = message.double_ack().await {
                    tracing::warn!(error, "a printed delivery was not acknowledged: it comes again");
                },
                Done::Failed => answer(&message, AckKind::Nak(Some(PAUSE))).await,
                Done::Never => answer(&message, AckKind::Term).await,
            },
        }
    }
}

async fn answer(message: &Message, kind: AckKind) {
    if let Err(error) = message.ack_with(kind).await {
        tracing::warn!(error, "NATS was not told of a delivery: it comes again");
    }
}

async fn print_any(sealed: &Sealed, keys: &SealKeys) -> Done {
    match sealed.columns().provider.as_str() {
        <ScreenScore as Provider>::NAME => print::<ScreenScore>(sealed, keys).await,
        <ScreenshotCenter as Provider>::NAME => print::<ScreenshotCenter>(sealed, keys).await,
        <ScreenshotRun as Provider>::NAME => print::<ScreenshotRun>(sealed, keys).await,
        <Zeodyn as Provider>::NAME => print::<Zeodyn>(sealed, keys).await,
        <GeoScored as Provider>::NAME => print::<GeoScored>(sealed, keys).await,
        provider => {
            tracing::error!(provider, "a delivery of another provider");
            Done::Never
        }
    }
}

async fn print<P: Provider>(sealed: &Sealed, keys: &SealKeys) -> Done {
    let delivery: Delivery<P> = match sealed.open(keys) {
        Ok(delivery) => delivery,
        Err(error) => {
            tracing::error!(provider = P::NAME, %error, "a delivery cannot be opened");
            return Done::Never;
        }
    };
    crate::wait_for_tests(delivery.resource_id()).await;
    match crate::print_line(P::NAME, delivery.event().name(), delivery.resource_id()) {
        Ok(()) => Done::Printed,
        Err(error) => {
            tracing::error!(provider = P::NAME, %error, "cannot print a delivery");
            Done::Failed
        }
    }
}
