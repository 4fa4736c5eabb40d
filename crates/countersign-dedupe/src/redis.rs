//! The store that several processes share.

use std::{error::Error, fmt, time::Duration};

use ::redis::{
    Client, IntoConnectionInfo, RedisError, Script,
    aio::{ConnectionManager, ConnectionManagerConfig},
    io::tcp::TcpSettings,
};
use countersign_core::dedupe::{Claim, ClaimStore, DeliveryKey, LeaseState, LeaseToken, StoreResult};
use tokio::time::timeout;

/// The value of a key whose delivery was handled. While it is being handled, the value is the token
/// of its lease.
const DONE: &str = "done";

/// A time in milliseconds that is longer than any retention, and that Redis can add to its own.
const FOREVER: u128 = 1000 * 60 * 60 * 24 * 365 * 100;

/// The timeout of all attempts together.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

const CLAIM: &str = "
local held = redis.call('GET', KEYS[1])
if not held then
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
    return 'new'
end
if held == 'done' then return 'done' end
if held == ARGV[1] and ARGV[3] == 'again' then return 'new' end
return 'in flight'
";

const RENEW: &str = "
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
";

const COMMIT: &str = "
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], 'done', 'PX', ARGV[2])
return 1
";

const RELEASE: &str = "
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
return 1
";

/// A store on Redis 6 or later, which any number of processes share.
///
/// Each call takes one round trip and one key, and the server's clock decides what has expired. All
/// calls share one connection. If the connection is lost, the store reconnects and repeats the
/// failed call once.
///
/// It does not support Redis Cluster. Instead, connect to a proxy or to a single node. For a node,
/// use [`with_prefix`](Self::with_prefix) to set a prefix with a hash tag, such as
/// `{countersign}:`. The node must own the slot of that tag.
///
/// If Redis evicts keys, or loses the last writes in a failover, deliveries may be handled twice
/// but are never lost. Set `maxmemory-policy` to `noeviction`. (Every key of this store expires, so
/// a `volatile-` policy evicts them first.) [`connect`](Self::connect) logs a warning if the policy
/// may evict keys.
///
/// Clones share the same store.
#[derive(Clone)]
pub struct RedisStore {
    connection: ConnectionManager,
    prefix: String,
    scripts: [Script; 4],
}

/// The error of a [`RedisStore`] that cannot connect: the URL is invalid, or the server cannot be
/// reached.
///
/// The message never contains the URL, which may contain a password.
pub struct RedisStoreError(RedisError);

/// The same as `Display`, because a `main` that returns the error prints `Debug`.
impl fmt::Debug for RedisStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for RedisStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot connect to the Redis of the deduplication store: {}", self.0)
    }
}

impl Error for RedisStoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

impl RedisStore {
    /// Connects to the Redis server at a URL such as `redis://127.0.0.1:6379/0`. (For `rediss://`,
    /// enable a TLS feature of the `redis` crate in your manifest.)
    ///
    /// # Errors
    ///
    /// Returns an error if the URL is invalid, or if the server cannot be reached within 5 s.
    pub async fn connect(url: &str) -> Result<Self, RedisStoreError> {
        let info = url.into_connection_info().map_err(RedisStoreError)?.set_tcp_settings(tcp_settings());
        let client = Client::open(info).map_err(RedisStoreError)?;
        let config = ConnectionManagerConfig::new()
            // So that it reconnects within a second once the server is back: it waits twice that at most.
            .set_max_delay(Duration::from_millis(250))
            .set_connection_timeout(Some(Duration::from_secs(2)))
            // The callers have their own limit, and TCP notices a connection whose other end is gone.
            .set_response_timeout(Some(Duration::from_secs(5)));
        let connected = async {
            let store = Self {
                connection: ConnectionManager::new_with_config(client, config).await?,
                prefix: "countersign:".to_owned(),
                scripts: [CLAIM, RENEW, COMMIT, RELEASE].map(Script::new),
            };
            store.warn_if_it_may_evict().await;
            Ok(store)
        };
        timeout(CONNECT_TIMEOUT, connected)
            .await
            .unwrap_or_else(|_| Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()))
            .map_err(RedisStoreError)
    }

    /// Sets the prefix of every key (default: `countersign:`).
    #[must_use]
    pub fn with_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    async fn warn_if_it_may_evict(&self) {
        let mut connection = self.connection.clone();
        let mut setting = async |name: &str| -> Option<String> {
            let answer = ::redis::cmd("CONFIG").arg("GET").arg(name).query_async(&mut connection).await;
            // Managed services may forbid the question.
            let (_, value): (String, String) = answer.ok()?;
            Some(value)
        };
        let (policy, limit) = (setting("maxmemory-policy").await, setting("maxmemory").await);
        if let Some(policy) = policy.filter(|policy| policy != "noeviction" && limit.as_deref() != Some("0")) {
            tracing::warn!(
                target: "countersign", policy,
                "this Redis may evict keys before they expire, and an evicted delivery may be handled twice: set its `maxmemory-policy` to `noeviction`"
            );
        }
    }

    async fn change(
        &self,
        script: &Script,
        key: DeliveryKey,
        token: LeaseToken,
        time: Duration,
    ) -> StoreResult<LeaseState> {
        let held: bool = self.run(script, key, token, time).await?;
        Ok(if held { LeaseState::Held } else { LeaseState::Lost })
    }

    async fn run<T: ::redis::FromRedisValue>(
        &self,
        script: &Script,
        key: DeliveryKey,
        token: LeaseToken,
        time: Duration,
    ) -> Result<T, RedisError> {
        let milliseconds = time.as_millis().clamp(1, FOREVER).to_string();
        let call = |attempt: &str| {
            let mut call = script.prepare_invoke();
            call.key(format!("{}{key}", self.prefix)).arg(token.to_string()).arg(&milliseconds).arg(attempt);
            call
        };
        let mut connection = self.connection.clone();
        match call("first").invoke_async(&mut connection).await {
            // It was closed since the last call, as idle ones are. The call may have taken effect.
            Err(error) if error.is_connection_dropped() => call("again").invoke_async(&mut connection).await,
            answer => answer,
        }
    }
}

/// Sends small calls at once, and closes a connection soon after its other end has vanished.
fn tcp_settings() -> TcpSettings {
    let settings = TcpSettings::default().set_nodelay(true);
    #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
    let settings = settings.set_user_timeout(Duration::from_secs(2));
    settings
}

impl ClaimStore for RedisStore {
    async fn claim(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> StoreResult<Claim> {
        let [claim, ..] = &self.scripts;
        let answer: String = self.run(claim, key, token, lease).await?;
        Ok(match answer.as_str() {
            "new" => Claim::New,
            DONE => Claim::Done,
            _ => Claim::InFlight,
        })
    }

    async fn renew(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> StoreResult<LeaseState> {
        let [_, renew, ..] = &self.scripts;
        self.change(renew, key, token, lease).await
    }

    async fn commit(&self, key: DeliveryKey, token: LeaseToken, retention: Duration) -> StoreResult<LeaseState> {
        let [_, _, commit, _] = &self.scripts;
        self.change(commit, key, token, retention).await
    }

    async fn release(&self, key: DeliveryKey, token: LeaseToken) -> StoreResult<LeaseState> {
        let [.., release] = &self.scripts;
        self.change(release, key, token, Duration::ZERO).await
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}
