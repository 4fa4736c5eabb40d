//! Warns if two providers have the same secret: each could then sign for the other.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{LazyLock, Mutex, PoisonError},
};

use crate::secret::Secrets;

/// The maximum number of remembered secrets: a service has a handful, and the map must not grow
/// without bound.
const REMEMBERED: usize = 1024;

/// The provider of each secret, by a hash with a key per process that reveals nothing of the
/// secret.
struct Given {
    hasher: RandomState,
    providers: Mutex<HashMap<u64, &'static str>>,
}

/// Warns about each secret that another provider already has, with names and without the value.
pub(crate) fn warn_if_shared(secrets: &Secrets, provider: &'static str) {
    static GIVEN: LazyLock<Given> = LazyLock::new(|| Given { hasher: RandomState::new(), providers: Mutex::default() });

    for secret in secrets.iter() {
        let hash = GIVEN.hasher.hash_one(secret.bytes());
        let mut providers = GIVEN.providers.lock().unwrap_or_else(PoisonError::into_inner);
        let other = providers.get(&hash).copied();
        if other.is_none() && providers.len() < REMEMBERED {
            providers.insert(hash, provider);
        }
        // A subscriber may do anything, also make a verifier.
        drop(providers);
        if let Some(other) = other.filter(|other| *other != provider) {
            tracing::warn!(
                target: "countersign", provider, other,
                "two providers have the same secret, so each can sign deliveries of the other: use a different secret for each"
            );
        }
    }
}
