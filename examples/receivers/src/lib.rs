//! The parts that the two full receivers share: their settings, and the line that they print.

#![allow(
    missing_docs,
    clippy::exhaustive_enums,
    clippy::exhaustive_structs,
    clippy::missing_errors_doc,
    reason = "only for the two receivers"
)]

mod nats;

use std::{
    collections::HashSet,
    env,
    error::Error,
    future::Future,
    io::{IsTerminal, Write},
    net::SocketAddr,
    pin::pin,
    sync::{LazyLock, Mutex, PoisonError},
    time::Duration,
};

use countersign::{
    Secret, SecretErrorKind, Secrets,
    dedupe::{Dedupe, MemoryStore, RedisStore},
    inbox::{Inbox, Received},
    provider::Provider,
    providers::{GeoScored, ScreenScore, ScreenshotCenter, ScreenshotRun, Zeodyn},
};
use serde::Serialize;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::oneshot,
    task::JoinHandle,
    time::{sleep, timeout},
};
use tracing_subscriber::EnvFilter;

pub use nats::Nats;

/// How long deliveries in flight may take after SIGTERM. Process managers usually kill a process after 10 s or later.
const GRACE: Duration = Duration::from_secs(9);

/// How long the store may take to release the deliveries whose handlers were stopped, and their senders to be answered.
const RELEASE: Duration = Duration::from_secs(1);

/// The settings of a receiver.
pub struct Settings {
    pub address: SocketAddr,
    pub screenscore: Secrets,
    pub screenshotcenter: Secrets,
    pub screenshotrun: Secrets,
    pub zeodyn: Secrets,
    pub geoscored: Secrets,
    pub grace: Duration,
}

impl Settings {
    /// Reads the settings from the environment. A missing or empty secret is an error.
    pub fn from_env() -> Result<Self, Box<dyn Error>> {
        let address = env::var("COUNTERSIGN_ADDR").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
        Ok(Self {
            address: address.parse().map_err(|error| format!("COUNTERSIGN_ADDR is not an address: {error}"))?,
            screenscore: secrets("SCREENSCORE_WEBHOOK_SECRET")?,
            screenshotcenter: secrets("SCREENSHOTCENTER_WEBHOOK_SECRET")?,
            screenshotrun: secrets("SCREENSHOTRUN_WEBHOOK_TOKEN")?,
            zeodyn: secrets("ZEODYN_WEBHOOK_SECRET")?,
            geoscored: secrets("GEOSCORED_WEBHOOK_SECRET")?,
            grace: grace()?,
        })
    }
}

/// Reads how many seconds deliveries in flight may take after SIGTERM from `COUNTERSIGN_GRACE` (default: 9).
fn grace() -> Result<Duration, Box<dyn Error>> {
    seconds("COUNTERSIGN_GRACE", GRACE)
}

fn seconds(name: &str, default: Duration) -> Result<Duration, Box<dyn Error>> {
    match env::var(name) {
        Ok(seconds) => match seconds.parse() {
            Ok(seconds) => Ok(Duration::from_secs(seconds)),
            Err(error) => Err(format!("{name} is not a number of seconds: {error}").into()),
        },
        Err(env::VarError::NotPresent) => Ok(default),
        Err(error) => Err(format!("{name}: {error}").into()),
    }
}

/// Waits for SIGTERM.
pub async fn terminated() -> std::io::Result<()> {
    signal(SignalKind::terminate())?.recv().await;
    tracing::info!("stopping");
    Ok(())
}

/// Waits up to `grace` until the server has stopped and no handler runs: also none whose sender hung up, so that it has no
/// connection. Then stops the handlers that still run, and releases their deliveries, so that their retries run elsewhere.
pub async fn ends_within(grace: Duration, server: impl Future<Output = ()>, dedupe: &Dedupe) {
    let mut ended = pin!(async {
        server.await;
        dedupe.idle().await;
    });
    if timeout(grace, &mut ended).await.is_ok() {
        return;
    }
    let handlers = dedupe.running();
    tracing::warn!(handlers, "stopped while connections were open or handlers ran");
    if handlers > 0 {
        let released = async {
            dedupe.stop().await;
            ended.await;
        };
        _ = timeout(RELEASE, released).await;
    }
}

/// Creates the store of handled deliveries. It is on the Redis at `COUNTERSIGN_REDIS_URL`, which any number of receivers
/// can share, or in memory if that is not set.
pub async fn dedupe() -> Result<Dedupe, Box<dyn Error>> {
    match env::var("COUNTERSIGN_REDIS_URL") {
        Ok(url) => Ok(RedisStore::connect(&url).await?.into()),
        Err(env::VarError::NotPresent) => Ok(MemoryStore::new().into()),
        Err(error) => Err(format!("COUNTERSIGN_REDIS_URL: {error}").into()),
    }
}

/// What takes a delivery.
#[derive(Clone)]
pub enum Intake {
    /// A handler, which prints it before it is answered.
    Handler(Dedupe),
    /// An inbox, which stores it before it is answered. Its worker prints it.
    Inbox(Box<Inbox>),
    /// NATS, which has it before it is answered. A consumer in this process prints it.
    Nats(Box<Nats>),
}

impl Intake {
    /// An inbox at `COUNTERSIGN_INBOX_URL` (`sqlite:PATH`, or a `postgres:` URL), NATS if that is a `nats:` URL, or a
    /// handler if it is not set. For Postgres and NATS, the key is in `COUNTERSIGN_INBOX_KEY`.
    pub async fn from_env() -> Result<Self, Box<dyn Error>> {
        match env::var("COUNTERSIGN_INBOX_URL") {
            Ok(url) if url.starts_with("nats:") => Ok(Self::Nats(Box::new(Nats::connect(&url).await?))),
            Ok(url) => Ok(Self::Inbox(Box::new(
                Inbox::open(&url)
                    .await?
                    .with_lease(lease()?)
                    .on::<ScreenScore, _>(on_stored::<ScreenScore>)
                    .on::<ScreenshotCenter, _>(on_stored::<ScreenshotCenter>)
                    .on::<ScreenshotRun, _>(on_stored::<ScreenshotRun>)
                    .on::<Zeodyn, _>(on_stored::<Zeodyn>)
                    .on::<GeoScored, _>(on_stored::<GeoScored>),
            ))),
            Err(env::VarError::NotPresent) => Ok(Self::Handler(dedupe().await?)),
            Err(error) => Err(format!("COUNTERSIGN_INBOX_URL: {error}").into()),
        }
    }

    /// Starts the worker or consumer, if there is one.
    pub fn start(&self, grace: Duration) -> Work {
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async { _ = stopped.await };
        let work = match self {
            Self::Handler(_) => return Work(None),
            Self::Inbox(inbox) => {
                let inbox = Inbox::clone(inbox).with_grace(grace);
                tokio::spawn(async move { inbox.run(stopped).await })
            }
            Self::Nats(nats) => tokio::spawn(Nats::clone(nats).consume(grace, stopped)),
        };
        Work(Some((stop, work)))
    }

    /// What claims deliveries in front of the handler.
    pub fn dedupe(&self) -> Option<&Dedupe> {
        match self {
            Self::Handler(dedupe) => Some(dedupe),
            Self::Inbox(_) => None,
            Self::Nats(nats) => Some(&nats.dedupe),
        }
    }

    /// Waits up to `grace` until the server has stopped and no handler runs: see [`ends_within`].
    pub async fn ends_within(&self, grace: Duration, server: impl Future<Output = ()>) {
        match self.dedupe() {
            Some(dedupe) => ends_within(grace, server, dedupe).await,
            // Every delivery is answered as soon as it is stored.
            None => {
                if timeout(grace, server).await.is_err() {
                    tracing::warn!("stopped while connections were open");
                }
            }
        }
    }
}

/// Reads after how many seconds another machine takes over from one that died, from `COUNTERSIGN_LEASE` (default: 30).
fn lease() -> Result<Duration, Box<dyn Error>> {
    seconds("COUNTERSIGN_LEASE", Duration::from_secs(30))
}

/// The worker of an inbox, or a consumer.
pub struct Work(Option<(oneshot::Sender<()>, JoinHandle<()>)>);

impl Work {
    /// Stops it. It waits for its handlers.
    pub async fn stop(self) {
        if let Some((stop, worker)) = self.0 {
            drop(stop);
            _ = worker.await;
        }
    }
}

/// Prints a stored delivery. If that fails, it is printed again.
async fn on_stored<P: Provider>(hook: Received<P>) -> std::io::Result<()> {
    wait_for_tests(hook.resource_id()).await;
    print_line(P::NAME, hook.event_name(), hook.resource_id())
}

/// Reads the secret in the variable `name`, and the previous one in `name_PREVIOUS` if that is set.
fn secrets(name: &str) -> Result<Secrets, Box<dyn Error>> {
    let secrets = Secrets::new(Secret::from_env(name)?.with_label("current"));
    match Secret::from_env(&format!("{name}_PREVIOUS")) {
        Ok(previous) => Ok(secrets.add_previous(previous.with_label("previous"))),
        Err(error) if error.kind() == SecretErrorKind::Unset => Ok(secrets),
        Err(error) => Err(error.into()),
    }
}

/// Sends logs to stderr: stdout is for the lines of deliveries.
pub fn log_to_stderr() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
}

#[derive(Serialize)]
struct Line<'a> {
    provider: &'a str,
    event: &'a str,
    id: &'a str,
}

/// Prints one line for a delivery, and flushes it before the delivery is answered, or is done in the inbox.
pub fn print_line(provider: &str, event: &str, id: Option<&str>) -> std::io::Result<()> {
    let id = id.unwrap_or_default();
    abort_for_tests(id);
    fail_once_for_tests(id)?;
    let line = serde_json::to_string(&Line { provider, event, id })?;
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}

/// For tests of the inbox: ends the process at each ID in `COUNTERSIGN_TEST_ABORT`, as a crash would.
fn abort_for_tests(id: &str) {
    let ids = env::var("COUNTERSIGN_TEST_ABORT").unwrap_or_default();
    if !id.is_empty() && ids.split(',').any(|guilty| guilty == id) {
        std::process::abort();
    }
}

/// For tests of failed handlers: fails once for each ID in `COUNTERSIGN_TEST_FAIL_ONCE`, and panics once for each ID in
/// `COUNTERSIGN_TEST_PANIC_ONCE`.
fn fail_once_for_tests(id: &str) -> std::io::Result<()> {
    static FAILING: LazyLock<Ids> = LazyLock::new(|| Ids::from_env("COUNTERSIGN_TEST_FAIL_ONCE"));
    static PANICKING: LazyLock<Ids> = LazyLock::new(|| Ids::from_env("COUNTERSIGN_TEST_PANIC_ONCE"));

    assert!(!PANICKING.take(id), "COUNTERSIGN_TEST_PANIC_ONCE has this delivery's ID");
    if FAILING.take(id) {
        return Err(std::io::Error::other("COUNTERSIGN_TEST_FAIL_ONCE has this delivery's ID"));
    }
    Ok(())
}

/// For tests of the shutdown: waits for so many seconds with each ID in `COUNTERSIGN_TEST_SLOW`, which are `id=seconds`.
pub async fn wait_for_tests(id: Option<&str>) {
    let slow = env::var("COUNTERSIGN_TEST_SLOW").unwrap_or_default();
    let mut pairs = slow.split(',').filter_map(|pair| pair.split_once('='));
    if let Some((_, seconds)) = pairs.find(|(slow, _)| Some(*slow) == id) {
        tracing::info!("COUNTERSIGN_TEST_SLOW has this delivery's ID");
        sleep(Duration::from_secs(seconds.parse().unwrap_or_default())).await;
    }
}

/// IDs that can each be taken once.
struct Ids(Mutex<HashSet<String>>);

impl Ids {
    fn from_env(name: &str) -> Self {
        let ids = env::var(name).unwrap_or_default();
        Self(Mutex::new(ids.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect()))
    }

    fn take(&self, id: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id)
    }
}
