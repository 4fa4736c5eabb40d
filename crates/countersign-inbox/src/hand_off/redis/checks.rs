//! The settings with which Redis loses nothing that it has acknowledged.

use std::time::Duration;

use redis::{RedisError, aio::MultiplexedConnection};
use tokio::time::{sleep, timeout};

use super::super::{unavailable, unusable};
use crate::error::StoreError;

/// How long the start waits for a file that is being written.
const FILE_TIMEOUT: Duration = Duration::from_secs(5);

/// Each with the value that it must have, and with what is lost otherwise.
const SETTINGS: [(&str, &str, &str); 4] = [
    ("appendonly", "yes", "acknowledged deliveries are lost when it stops"),
    ("appendfsync", "always", "acknowledged deliveries are lost in a power cut"),
    (
        "no-appendfsync-on-rewrite",
        "no",
        "acknowledged deliveries are lost in a power cut while it writes its file again",
    ),
    ("maxmemory-policy", "noeviction", "acknowledged deliveries are evicted when it is full"),
];

pub(super) async fn check(connection: &mut MultiplexedConnection) -> Result<(), StoreError> {
    for (name, safe, loss) in SETTINGS {
        let answer: Result<Vec<String>, RedisError> =
            redis::cmd("CONFIG").arg("GET").arg(name).query_async(connection).await;
        match answer.as_deref() {
            Ok([_, value]) if value == safe => {}
            Ok([_, value]) => {
                return Err(unusable(format!("Redis has `{name} {value}`: set `{name} {safe}`, or {loss}")));
            }
            Ok(_) => return Err(hidden(name)),
            Err(error) if error.is_io_error() || matches!(error.code(), Some("LOADING" | "MASTERDOWN")) => {
                return Err(unavailable("Redis did not answer".to_owned()));
            }
            Err(_) => return Err(hidden(name)),
        }
    }
    Ok(())
}

/// Waits until Redis has written its file. After `CONFIG SET appendonly yes` it acknowledges at once, and what
/// it acknowledges before that is lost if it is killed.
pub(super) async fn wait_for_file(connection: &mut MultiplexedConnection) -> Result<(), StoreError> {
    let written = async {
        while is_writing(connection).await? {
            sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    };
    let late = || {
        let message = "Redis is writing its append-only file again, and what it acknowledges may not be safe before that: \
                       connect when `INFO persistence` says `aof_rewrite_in_progress:0`";
        Err(unavailable(message.to_owned()))
    };
    timeout(FILE_TIMEOUT, written).await.unwrap_or_else(|_| late())
}

async fn is_writing(connection: &mut MultiplexedConnection) -> Result<bool, StoreError> {
    let info: Result<String, RedisError> = redis::cmd("INFO").arg("persistence").query_async(connection).await;
    let info = info.map_err(|error| unavailable("Redis did not answer".to_owned()).with_source(error))?;
    let is_set = |line: &str| matches!(line.trim(), "aof_rewrite_in_progress:1" | "aof_rewrite_scheduled:1");
    Ok(info.lines().any(is_set))
}

fn hidden(name: &str) -> StoreError {
    let safe = SETTINGS.map(|(name, safe, _)| format!("`{name} {safe}`")).join(", ");
    unusable(format!(
        "Redis does not show its setting `{name}` (CONFIG GET): make sure that it has {safe}, and then say so with \
         `Settings::server_syncs_always`"
    ))
}
