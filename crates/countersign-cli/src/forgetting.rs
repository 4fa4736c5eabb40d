//! Forgets a delivery in Redis.

use countersign_core::dedupe::{ClaimStore, DeliveryKey, Forgotten};
use countersign_dedupe::RedisStore;

use crate::{arguments::KeyCommand, output::Failure};

/// Forgets a delivery in the Redis whose URL is in the environment variable. Errors show neither the
/// URL, which may have a password in it, nor the name: a user may have given the URL itself instead.
pub(crate) fn forget(command: &KeyCommand, variable: &str, key: DeliveryKey) -> Result<Forgotten, Failure> {
    let url = std::env::var(variable).map_err(|_| {
        Failure::usage(
            "the environment variable that --redis-env names is not set: give the name of an exported variable, not the \
             URL itself",
        )
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::of)?;
    runtime.block_on(async {
        let store = RedisStore::connect(&url).await.map_err(Failure::of)?.with_prefix(command.prefix.as_str());
        store.forget(key).await.map_err(|error| Failure::usage(format!("Redis could not forget the delivery: {error}")))
    })
}
