//! Forgets a delivery in Redis.

use countersign_core::{
    Delivery,
    dedupe::{Dedupe, Forgotten},
    provider::Provider,
};
use countersign_dedupe::RedisStore;

use crate::{arguments::KeyCommand, output::Failure};

/// Forgets `delivery` in the Redis whose URL is in the environment variable. Errors show neither
/// the URL, which may have a password in it, nor the name: a user may have given the URL itself
/// instead.
pub(crate) fn forget<P: Provider>(
    command: &KeyCommand,
    variable: &str,
    delivery: &Delivery<P>,
) -> Result<Forgotten, Failure> {
    let url = std::env::var(variable).map_err(|_| {
        Failure::usage(
            "the environment variable that --redis-env names is not set: give the name of an exported variable, not the \
             URL itself",
        )
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::of)?;
    runtime.block_on(async {
        let store = RedisStore::connect(&url).await.map_err(Failure::of)?.with_prefix(command.prefix.as_str());
        let forgotten = command.named(Dedupe::new(store)).forget(delivery).await;
        forgotten.map_err(|error| {
            let why = std::error::Error::source(&error).map(|why| format!(": {why}")).unwrap_or_default();
            Failure::usage(format!("{error}{why}"))
        })
    })
}
