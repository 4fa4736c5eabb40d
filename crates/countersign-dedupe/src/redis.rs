//! The store that several processes share.

mod connection;
mod script;

use std::{error::Error, fmt, time::Duration};

use ::redis::{
    Client, ConnectionAddr, ConnectionInfo, ErrorKind, IntoConnectionInfo, RedisError, TlsMode,
    io::tcp::TcpSettings,
    sentinel::{SentinelClient, SentinelNodeConnectionInfo, SentinelServerType},
};
use countersign_core::dedupe::{
    Claim, ClaimStore, DeliveryKey, Forgotten, LeaseState, LeaseToken, StoreIdentity, StoreResult,
};
use tokio::time::timeout;

use self::{
    connection::{Connection, Server},
    script::Scripts,
};

/// The timeout of all attempts to connect when a store is made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A store on Redis 6 or later, which any number of processes share.
///
/// Each call takes one round trip and one key, and the server's clock decides what has expired. All
/// calls share one connection, which belongs to a thread of the store.
///
/// # Outages and failovers
///
/// If the connection is lost, if an answer does not come within 400 ms, or if the server answers
/// with an error (`READONLY`, `LOADING`, `MASTERDOWN`, `NOAUTH`, `NOPERM`, `OOM` …), the store
/// connects again and repeats the call. A repeated call recognizes its own effect. Each connection
/// resolves the host name again, or asks the Sentinels again, so the store follows a failover
/// without a restart. A server that cannot be reached is tried again 10 times a second.
///
/// If Redis evicts keys, or loses the last writes in a failover, deliveries may be handled twice
/// but are never lost. Set `maxmemory-policy` to `noeviction`. (Every key of this store expires, so
/// a `volatile-` policy evicts them first.) [`connect`](Self::connect) logs a warning if the policy
/// may evict keys.
///
/// If the server's clock is set back while a killed process holds a lease, the delivery stays in
/// flight for that much longer. Let the clock be slewed, as `chrony` and `ntpd` do.
///
/// It does not support Redis Cluster. Instead, connect to a proxy or to a single node. For a node,
/// use [`with_prefix`](Self::with_prefix) to set a prefix with a hash tag, such as
/// `{countersign}:`. The node must own the slot of that tag.
///
/// Clones share the same store.
#[derive(Clone)]
pub struct RedisStore {
    connection: Connection,
    prefix: String,
    scripts: Scripts,
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
    /// Returns an error if the URL is invalid, if the server rejects the password, or if it cannot
    /// be reached within 5 s.
    pub async fn connect(url: &str) -> Result<Self, RedisStoreError> {
        let client = info(url).and_then(Client::open).map_err(RedisStoreError)?;
        Self::connected(Server::One(client)).await.map_err(RedisStoreError)
    }

    /// Connects to the primary that Redis Sentinels name, and follows their failovers.
    ///
    /// `sentinels` are the URLs of the Sentinels, such as `redis://10.0.0.1:26379`. In `primary`, the
    /// host is the name under which the Sentinels monitor the primary, and the rest applies to the
    /// servers: `redis://:password@mymaster/0`, or `rediss://mymaster/0` for TLS.
    ///
    /// ```no_run
    /// # async fn connect() -> Result<(), countersign_dedupe::RedisStoreError> {
    /// use countersign_dedupe::RedisStore;
    ///
    /// let sentinels = ["redis://10.0.0.1:26379", "redis://10.0.0.2:26379", "redis://10.0.0.3:26379"];
    /// let store = RedisStore::connect_sentinel(sentinels, "redis://mymaster/0").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if a URL is invalid, if there is no Sentinel, or if no primary can be
    /// reached within 5 s.
    pub async fn connect_sentinel<'a>(
        sentinels: impl IntoIterator<Item = &'a str>,
        primary: &str,
    ) -> Result<Self, RedisStoreError> {
        let sentinels = sentinels_of(sentinels, primary).map_err(RedisStoreError)?;
        Self::connected(Server::Primary(Box::new(sentinels))).await.map_err(RedisStoreError)
    }

    async fn connected(server: Server) -> Result<Self, RedisError> {
        let connection = Connection::to(server)?;
        match timeout(CONNECT_TIMEOUT, connection.first()).await {
            Ok(connected) => connected?,
            Err(_) => return Err(connection.failure()),
        };
        let store = Self { connection, prefix: "countersign:".to_owned(), scripts: Scripts::new() };
        // A server that does not answer this may still answer calls.
        let _ = timeout(CONNECT_TIMEOUT, store.warn_if_it_may_evict()).await;
        Ok(store)
    }

    /// Sets the prefix of every key (default: `countersign:`).
    #[must_use]
    pub fn with_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    async fn warn_if_it_may_evict(&self) {
        let Ok(mut numbered) = self.connection.after(0).await else { return };
        let mut setting = async |name: &str| -> Option<String> {
            let answer = ::redis::cmd("CONFIG").arg("GET").arg(name).query_async(&mut numbered.connection).await;
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

    fn key(&self, key: DeliveryKey) -> String {
        format!("{}{key}", self.prefix)
    }
}

fn info(url: &str) -> Result<ConnectionInfo, RedisError> {
    Ok(url.into_connection_info()?.set_tcp_settings(tcp_settings()))
}

/// Reads the URLs of Sentinels, and the one whose host is the name of a primary.
fn sentinels_of<'a>(sentinels: impl IntoIterator<Item = &'a str>, primary: &str) -> Result<SentinelClient, RedisError> {
    let sentinels = sentinels.into_iter().map(info).collect::<Result<Vec<_>, _>>()?;
    let invalid = (ErrorKind::InvalidClientConfig, "the primary is not a URL such as redis://mymaster/0");
    let primary = info(primary).map_err(|_| invalid)?;
    let (name, tls) = match primary.addr() {
        ConnectionAddr::Tcp(name, _) => (name, None),
        ConnectionAddr::TcpTls { host, insecure, .. } => {
            (host, Some(if *insecure { TlsMode::Insecure } else { TlsMode::Secure }))
        }
        _ => return Err(invalid.into()),
    };
    let node = SentinelNodeConnectionInfo::default()
        .set_redis_connection_info(primary.redis_settings().clone())
        .set_tcp_settings(tcp_settings());
    let node = tls.into_iter().fold(node, SentinelNodeConnectionInfo::set_tls_mode);
    SentinelClient::build(sentinels, name.clone(), Some(node), SentinelServerType::Master)
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
        Ok(self.scripts.claim.run(&self.connection, self.key(key), token, lease).await?)
    }

    async fn renew(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> StoreResult<LeaseState> {
        Ok(self.scripts.renew.run(&self.connection, self.key(key), token, lease).await?)
    }

    async fn commit(&self, key: DeliveryKey, token: LeaseToken, retention: Duration) -> StoreResult<LeaseState> {
        Ok(self.scripts.commit.run(&self.connection, self.key(key), token, retention).await?)
    }

    async fn release(&self, key: DeliveryKey, token: LeaseToken) -> StoreResult<LeaseState> {
        Ok(self.scripts.release.run(&self.connection, self.key(key), token, Duration::ZERO).await?)
    }

    async fn forget(&self, key: DeliveryKey) -> StoreResult<Forgotten> {
        // Its answer is recognized by a token, which nothing holds.
        let token = LeaseToken::unique();
        Ok(self.scripts.forget.run(&self.connection, self.key(key), token, Duration::ZERO).await?)
    }

    fn identity(&self) -> StoreIdentity {
        StoreIdentity::elsewhere(self.connection.shared())
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}
