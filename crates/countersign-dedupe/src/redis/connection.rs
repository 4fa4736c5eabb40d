//! The connection that all calls share, and its replacement.

use std::{sync::Arc, thread, time::Duration};

use redis::{
    AsyncConnectionConfig, Client, ErrorKind, RedisError, aio::MultiplexedConnection, sentinel::SentinelClient,
};
use tokio::{
    runtime,
    sync::watch,
    time::{Instant, sleep, timeout},
};

/// The timeout of one attempt to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// The time between two attempts to connect, so that a server that breaks each connection gets few of them.
const PAUSE: Duration = Duration::from_millis(100);

/// A call waits for this many attempts to connect, so that a server may restart meanwhile.
const FAILURES: u32 = 5;

/// A new store waits for this many.
const FIRST_FAILURES: u32 = 10;

/// What a store connects to.
pub(super) enum Server {
    One(Client),
    /// The primary that Sentinels name, asked again for each connection.
    Primary(Box<SentinelClient>),
}

impl Server {
    async fn connect(&mut self) -> Result<MultiplexedConnection, RedisError> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            // Each call has its own limit.
            .set_response_timeout(None);
        let connecting = async {
            match self {
                Self::One(client) => client.get_multiplexed_async_connection_with_config(&config).await,
                Self::Primary(sentinels) => sentinels.get_async_connection_with_config(&config).await,
            }
        };
        timeout(CONNECT_TIMEOUT, connecting).await.unwrap_or_else(|_| Err(timed_out()))
    }
}

/// A connection, with its number in the order of connecting.
#[derive(Clone)]
pub(super) struct Numbered {
    number: u64,
    pub(super) connection: MultiplexedConnection,
}

/// The state that the keeper publishes.
#[derive(Default)]
struct State {
    current: Option<Numbered>,
    /// The number of attempts to connect that failed since the last connection.
    failures: u32,
    /// The reason why the last one failed.
    error: Option<RedisError>,
}

impl State {
    fn failure(&self) -> RedisError {
        self.error.clone().unwrap_or_else(timed_out)
    }
}

/// A connection that is replaced whenever it is reported as broken. Clones share it.
///
/// It belongs to a thread of its own, the keeper. A connection that is made within a call would live
/// on the runtime of that caller: one blocked worker of actix-web would stop all others.
#[derive(Clone)]
pub(super) struct Connection {
    state: watch::Receiver<State>,
    broken: Arc<watch::Sender<u64>>,
}

impl Connection {
    /// Starts the keeper. It ends when the last clone has been dropped.
    pub(super) fn to(server: Server) -> Result<Self, RedisError> {
        let (publish, state) = watch::channel(State::default());
        let (broken, reported) = watch::channel(0);
        // In the thread: a runtime must not be dropped where the caller is asynchronous.
        let keep = move || {
            if let Ok(runtime) = runtime::Builder::new_current_thread().enable_all().build() {
                runtime.block_on(keep(server, publish, reported));
            }
        };
        thread::Builder::new().name("countersign-redis".to_owned()).spawn(keep)?;
        Ok(Self { state, broken: Arc::new(broken) })
    }

    /// Waits for a connection that is newer than the one with the number `broken`.
    pub(super) async fn after(&self, broken: u64) -> Result<Numbered, RedisError> {
        let newer = |state: &State| state.current.clone().filter(|current| current.number > broken);
        let failures = {
            let state = self.state.borrow();
            if let Some(current) = newer(&state) {
                return Ok(current);
            }
            state.failures.saturating_add(FAILURES)
        };
        let mut state = self.state.clone();
        let decided = state.wait_for(|state| newer(state).is_some() || state.failures >= failures).await;
        // The keeper lives as long as `self`, unless it panicked.
        let decided = decided.map_err(|_| closed())?;
        newer(&decided).ok_or_else(|| decided.failure())
    }

    /// Waits for the first connection. A wrong password or setting is final.
    pub(super) async fn first(&self) -> Result<Numbered, RedisError> {
        let mut state = self.state.clone();
        let is_final = |state: &State| {
            let kind = state.error.as_ref().map(RedisError::kind);
            matches!(kind, Some(ErrorKind::AuthenticationFailed | ErrorKind::InvalidClientConfig))
        };
        let is_decided = |state: &State| state.current.is_some() || state.failures >= FIRST_FAILURES || is_final(state);
        let decided = state.wait_for(is_decided).await.map_err(|_| closed())?;
        decided.current.clone().ok_or_else(|| decided.failure())
    }

    /// Returns what clones share.
    pub(super) fn shared(&self) -> &Arc<watch::Sender<u64>> {
        &self.broken
    }

    /// Returns the reason why there is no connection.
    pub(super) fn failure(&self) -> RedisError {
        self.state.borrow().failure()
    }

    /// Has a connection replaced, unless it already was. Returns its number.
    pub(super) fn report(&self, broken: &Numbered) -> u64 {
        self.broken.send_if_modified(|number| {
            let is_news = *number < broken.number;
            *number = broken.number.max(*number);
            is_news
        });
        broken.number
    }
}

/// Connects, and connects again whenever the current connection is reported, until no store is left.
async fn keep(mut server: Server, state: watch::Sender<State>, mut reported: watch::Receiver<u64>) {
    for number in 1.. {
        let Some(connection) = connect(&mut server, &state, number == 1).await else { return };
        let since = Instant::now();
        state.send_replace(State { current: Some(Numbered { number, connection }), ..State::default() });
        if reported.wait_for(|broken| *broken >= number).await.is_err() {
            return;
        }
        state.send_replace(State::default());
        if since.elapsed() < PAUSE {
            sleep(PAUSE).await;
        }
    }
}

/// Returns `None` once no store is left. The caller of `RedisStore::connect` is told of failures of the first connection.
async fn connect(server: &mut Server, state: &watch::Sender<State>, is_first: bool) -> Option<MultiplexedConnection> {
    let mut failed = false;
    while !state.is_closed() {
        match server.connect().await {
            Ok(connection) => {
                if failed && !is_first {
                    tracing::info!(target: "countersign", "connected to the Redis of the deduplication store again");
                }
                return Some(connection);
            }
            Err(error) => {
                if !failed && !is_first {
                    tracing::warn!(
                        target: "countersign", %error,
                        "cannot connect to the Redis of the deduplication store; trying again until it answers"
                    );
                }
                failed = true;
                state.send_modify(|state| {
                    state.failures = state.failures.saturating_add(1);
                    state.error = Some(error);
                });
            }
        }
        sleep(PAUSE).await;
    }
    None
}

fn closed() -> RedisError {
    std::io::Error::from(std::io::ErrorKind::NotConnected).into()
}

pub(super) fn timed_out() -> RedisError {
    std::io::Error::from(std::io::ErrorKind::TimedOut).into()
}
