//! Notices when two providers are given the same secret: each could then sign for the other.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{LazyLock, Mutex, PoisonError},
};

use crate::secret::Secrets;

/// As many secrets as this are remembered: a service has a handful, and nothing here may grow
/// without bound.
const REMEMBERED: usize = 1024;

/// Which provider each secret was given to, by a hash that is keyed anew in every process and tells
/// nothing of it.
struct Given {
    hasher: RandomState,
    providers: Mutex<HashMap<u64, &'static str>>,
}

/// Warns, with names and no value, for each secret that another provider was given before.
pub(crate) fn warn_if_shared(secrets: &Secrets, provider: &'static str) {
    static GIVEN: LazyLock<Given> = LazyLock::new(|| Given { hasher: RandomState::new(), providers: Mutex::default() });

    let mut providers = GIVEN.providers.lock().unwrap_or_else(PoisonError::into_inner);
    for secret in secrets.iter() {
        let hash = GIVEN.hasher.hash_one(secret.bytes());
        match providers.get(&hash) {
            Some(&other) if other != provider => tracing::warn!(
                target: "countersign", provider, other,
                "two providers have the same secret: each of them can sign deliveries of the other"
            ),
            Some(_) => {}
            None if providers.len() < REMEMBERED => {
                providers.insert(hash, provider);
            }
            None => {}
        }
    }
}
