//! Redis Streams.
//!
//! Each message is an entry of one stream: the fields are the headers of the [`Envelope`], and `body`.
//!
//! ```no_run
//! use countersign_core::{Delivery, providers::Stripe, seal::SealKeys};
//! use countersign_inbox::hand_off::redis::{read, redis::{self, AsyncCommands, streams::*}};
//!
//! /// A consumer of the group `orders`: a message that is not acknowledged comes again.
//! async fn consume(url: &str, keys: &SealKeys) -> Result<(), Box<dyn std::error::Error>> {
//!     let mut redis = redis::Client::open(url)?.get_multiplexed_async_connection().await?;
//!     let _: Result<(), _> = redis.xgroup_create_mkstream("webhooks", "orders", "0").await;
//!     loop {
//!         // What another consumer has taken and not acknowledged for a minute, then what is new.
//!         let claimed: StreamAutoClaimReply =
//!             redis.xautoclaim_options("webhooks", "orders", "me", 60_000, "0", StreamAutoClaimOptions::default().count(10)).await?;
//!         let options = StreamReadOptions::default().group("orders", "me").count(10);
//!         let fresh: Option<StreamReadReply> = redis.xread_options(&["webhooks"], &[">"], &options).await?;
//!         let fresh = fresh.into_iter().flat_map(|reply| reply.keys).flat_map(|stream| stream.ids);
//!         for message in claimed.claimed.into_iter().chain(fresh) {
//!             let delivery: Delivery<Stripe> = read(&message)?.open(keys)?;
//!             println!("{}", delivery.event_name());
//!             let _: () = redis.xack("webhooks", "orders", &[&message.id]).await?;
//!             // Acknowledged entries stay in the stream until they are deleted.
//!             let _: () = redis.xdel("webhooks", &[&message.id]).await?;
//!         }
//!     }
//! }
//! ```

mod checks;
mod settings;

use std::{fmt, time::Duration};

use bytes::Bytes;
use countersign_core::seal::Sealed;
pub use redis;
use redis::{
    AsyncConnectionConfig, Client, IntoConnectionInfo, RedisError, Script, aio::MultiplexedConnection,
    io::tcp::TcpSettings, streams::StreamId,
};

use super::{Broker, Envelope, EnvelopeError, Published, link::Link, unavailable, unusable};
use crate::{
    error::{StoreError, StoreErrorKind},
    store::Answer,
};
pub use settings::Settings;

/// The field of the body.
const BODY: &str = "body";

/// Adds an entry unless its key is known. The key is written after the entry: if the script ends midway, the
/// delivery is there twice and not lost.
const PUBLISH: &str = "
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
local id = redis.call('XADD', KEYS[1], '*', unpack(ARGV, 2))
redis.call('SET', KEYS[2], id, 'PX', ARGV[1])
return 1";

/// A Redis Stream, on Redis 6 or later.
///
/// It connects again by itself when the connection is lost, and checks the settings of the server each
/// time. Redis replicates without waiting: **a failover to a replica loses the last deliveries**, also
/// acknowledged ones.
pub struct Stream {
    link: Link<MultiplexedConnection>,
    settings: Settings,
    script: Script,
}

impl Stream {
    /// Connects to the Redis server at a URL such as `redis://127.0.0.1:6379/0`, and checks its settings:
    /// `appendonly yes`, `appendfsync always`, `no-appendfsync-on-rewrite no` and `maxmemory-policy noeviction`.
    /// With any other, it loses deliveries that it has acknowledged. (For `rediss://`, enable a TLS feature
    /// of the `redis` crate in your manifest.)
    ///
    /// # Errors
    ///
    /// Returns an error if the URL is invalid, if the server cannot be reached within 5 s, if its settings are
    /// not safe (the message says which to change), or if it is writing its append-only file again, which
    /// it does after `CONFIG SET appendonly yes`.
    pub async fn connect(url: &str, settings: Settings) -> Result<Self, StoreError> {
        let info = url.into_connection_info().map_err(failed)?.set_tcp_settings(tcp_settings());
        let client = Client::open(info).map_err(failed)?;
        let are_safe = settings.are_safe;
        let link = Link::new("Redis", move || {
            let client = client.clone();
            async move {
                // Each call has its own limit.
                let config = AsyncConnectionConfig::new().set_response_timeout(None);
                let connecting = client.get_multiplexed_async_connection_with_config(&config);
                let mut connection = connecting.await.map_err(failed)?;
                if !are_safe {
                    checks::check(&mut connection).await?;
                }
                Ok(connection)
            }
        })
        .await?;
        if !are_safe {
            checks::wait_for_file(&mut link.get().await?.connection).await?;
        }
        Ok(Self { link, settings, script: Script::new(PUBLISH) })
    }

    async fn put(&self, envelope: &Envelope) -> Result<Published, StoreError> {
        let mut call = self.script.prepare_invoke();
        call.key(&self.settings.stream).key(self.settings.key(envelope.key()));
        call.arg(u64::try_from(self.settings.window.as_millis()).unwrap_or(u64::MAX));
        for (name, text) in envelope.headers() {
            call.arg(name).arg(text);
        }
        call.arg(BODY).arg(&envelope.body()[..]);
        let mut is_again = false;
        loop {
            let link = self.link.get().await?;
            let question = self.link.ask(&link);
            let called = call.invoke_async::<u8>(&mut link.connection.clone()).await;
            question.answered();
            match called {
                Ok(0) => return Ok(Published::Duplicate),
                Ok(_) => return Ok(Published::New),
                Err(error) if error.code() == Some("OOM") => {
                    return Err(StoreError::new(StoreErrorKind::Full, "Redis is full").with_source(error));
                }
                Err(error) if is_of_script(&error) => return Err(failed(error)),
                Err(error) => {
                    // Also after `READONLY`: the host name may lead to another server now.
                    self.link.lose(&link);
                    if is_again {
                        return Err(failed(error));
                    }
                }
            }
            // A call that had its effect before the connection broke is a duplicate now.
            is_again = true;
        }
    }
}

impl Broker for Stream {
    fn publish(&self, envelope: Envelope) -> Answer<'_, Published> {
        Box::pin(async move { self.put(&envelope).await })
    }

    fn check(&self, provider: &'static str, repeats: Duration) -> Result<(), StoreError> {
        let (kept, repeats) = (self.settings.window.as_secs(), repeats.as_secs());
        if kept >= repeats {
            return Ok(());
        }
        Err(unusable(format!(
            "{provider} repeats deliveries for {repeats} s, and their keys are kept in Redis for {kept} s: set at least \
             {repeats} s with `Settings::with_duplicate_window`"
        )))
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").field("settings", &self.settings).field("link", &self.link).finish_non_exhaustive()
    }
}

/// Reads an entry of the stream, for a consumer. Nothing is checked before [`Sealed::open`].
///
/// # Errors
///
/// Returns an error if the entry is not a delivery that countersign published.
pub fn read(entry: &StreamId) -> Result<Sealed, EnvelopeError> {
    let body = entry.get::<Vec<u8>>(BODY).unwrap_or_default();
    Envelope::read(|name| entry.get::<String>(name), Bytes::from(body))
}

/// Whether the script failed, and would again. (Redis 6 says so, too, if the server is read-only.)
fn is_of_script(error: &RedisError) -> bool {
    matches!(error.code(), Some("ERR" | "WRONGTYPE")) && !error.to_string().contains("READONLY")
}

/// The text never has the URL, which may have a password.
fn failed(error: RedisError) -> StoreError {
    unavailable("Redis did not confirm the delivery".to_owned()).with_source(error)
}

/// Sends small calls at once, and closes a connection soon after its other end has vanished.
fn tcp_settings() -> TcpSettings {
    let settings = TcpSettings::default().set_nodelay(true);
    #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
    let settings = settings.set_user_timeout(Duration::from_secs(2));
    settings
}
