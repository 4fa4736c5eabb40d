//! A map from resources to their secrets, where each resource has one of its own.

use std::{
    collections::{BTreeSet, HashMap},
    error::Error,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::{
    clock::Clock,
    error::SecretMapFull,
    lookup::{SecretLookup, UnverifiedDelivery},
    secret::Secrets,
};

/// How long a secret is kept unless told otherwise: 24 h.
const EXPIRY: Duration = Duration::from_secs(24 * 60 * 60);

/// How many secrets are kept unless told otherwise.
const CAPACITY: usize = 100_000;

/// A map from a resource's id to its secrets: for GeoScored, which issues a secret for every scan, from `scan_id`.
///
/// Fill it as you create the resources, and give it to `VerifyWebhook::from_lookup`. Clones are the same map, to be used
/// from as many threads as you like. It lives in memory: what has to outlive a restart, or is created by another process,
/// belongs into a store of yours behind a [`SecretLookup`].
///
/// A secret is kept until it is removed or expires, for 24 h unless [`with_expiry`](Self::with_expiry) says otherwise.
/// Keep it for a while after the last delivery, with [`remove_after`](Self::remove_after): a provider whose answer got
/// lost sends that delivery again. Up to 100,000 are kept unless [`with_capacity`](Self::with_capacity) says otherwise;
/// one that is in use is never forgotten to make room for another. Set all of this before you clone it, and make one map
/// for each provider.
///
/// ```
/// use countersign_core::{SecretMap, Verifier, providers::GeoScored};
/// use std::time::Duration;
///
/// let secrets = SecretMap::new();
/// let verifier = Verifier::<GeoScored>::from_lookup(secrets.clone());
///
/// // When the scan is created: its id, and its secret.
/// secrets.insert("abc123", "s3cr3t")?;
/// // In the handler, after its last event:
/// secrets.remove_after("abc123", Duration::from_secs(60 * 60));
/// # Ok::<(), countersign_core::SecretMapFull>(())
/// ```
#[derive(Clone)]
pub struct SecretMap {
    entries: Arc<Mutex<Entries>>,
    clock: Clock,
    expiry: Duration,
    capacity: usize,
}

#[derive(Default)]
struct Entries {
    by_id: HashMap<Arc<str>, Entry>,
    /// The same ids in the order in which they expire. Those that never do are not in it.
    by_end: BTreeSet<(Instant, Arc<str>)>,
}

struct Entry {
    secrets: Secrets,
    /// Not included; `None` if it is beyond what the clock can tell.
    end: Option<Instant>,
    is_leaving: bool,
}

impl Entries {
    fn remove(&mut self, id: &str) -> Option<Entry> {
        let (id, entry) = self.by_id.remove_entry(id)?;
        if let Some(end) = entry.end {
            self.by_end.remove(&(end, id));
        }
        Some(entry)
    }

    fn insert(&mut self, id: Arc<str>, entry: Entry) {
        self.by_end.extend(entry.end.map(|end| (end, Arc::clone(&id))));
        self.by_id.insert(id, entry);
    }

    fn remove_expired(&mut self, now: Instant) {
        while self.by_end.first().is_some_and(|(end, _)| *end <= now) {
            if let Some((_, id)) = self.by_end.pop_first() {
                self.by_id.remove(&id);
            }
        }
    }
}

impl SecretMap {
    /// An empty map.
    #[must_use]
    pub fn new() -> Self {
        Self { entries: Arc::default(), clock: Clock::system(), expiry: EXPIRY, capacity: CAPACITY }
    }

    /// Keeps what is inserted from now on for `expiry`. It should be longer than a resource takes, and its deliveries
    /// with their retries.
    #[must_use]
    pub fn with_expiry(mut self, expiry: Duration) -> Self {
        self.expiry = expiry;
        self
    }

    /// Keeps the secrets of up to `resources` resources.
    #[must_use]
    pub fn with_capacity(mut self, resources: usize) -> Self {
        self.capacity = resources;
        self
    }

    /// Takes the time from `clock`, for tests.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Accepts `secrets` for the resource `id` from now on, instead of those it had. An empty id, and one of more than 256
    /// bytes, is never looked up.
    ///
    /// # Errors
    ///
    /// If the map is full, and has nothing for `id` yet.
    ///
    /// # Panics
    ///
    /// If a secret is given as a string or as bytes and is empty; [`Secret::new`](crate::Secret::new) returns an error
    /// instead.
    pub fn insert(&self, id: impl AsRef<str>, secrets: impl Into<Secrets>) -> Result<(), SecretMapFull> {
        let (id, secrets): (Arc<str>, Secrets) = (id.as_ref().into(), secrets.into());
        let now = self.clock.instant();
        let mut entries = self.current(now);
        if entries.remove(&id).is_none() && entries.by_id.len() >= self.capacity {
            return Err(SecretMapFull { capacity: self.capacity });
        }
        entries.insert(id, Entry { secrets, end: now.checked_add(self.expiry), is_leaving: false });
        Ok(())
    }

    /// Forgets the secrets of `id`; whether there were any.
    pub fn remove(&self, id: &str) -> bool {
        self.current(self.clock.instant()).remove(id).is_some()
    }

    /// Forgets the secrets of `id` when `delay` is over, and not before; whether there are any. It is what a handler does
    /// after the last event of a resource: a delivery whose answer got lost comes again.
    ///
    /// The first call counts: a delivery that somebody sends again and again does not keep its secret alive. What would
    /// expire earlier anyway is kept that long, too.
    pub fn remove_after(&self, id: &str, delay: Duration) -> bool {
        let now = self.clock.instant();
        let mut entries = self.current(now);
        let Some(entry) = entries.remove(id) else { return false };
        let end = if entry.is_leaving { entry.end } else { now.checked_add(delay) };
        entries.insert(id.into(), Entry { end, is_leaving: true, ..entry });
        true
    }

    /// How many resources have secrets.
    pub fn len(&self) -> usize {
        self.current(self.clock.instant()).by_id.len()
    }

    /// Whether no resource has secrets.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The entries that have not expired.
    fn current(&self, now: Instant) -> MutexGuard<'_, Entries> {
        // Nothing panics while it is locked.
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.remove_expired(now);
        entries
    }
}

impl SecretLookup for SecretMap {
    async fn look_up(
        &self,
        unverified: UnverifiedDelivery<'_>,
    ) -> Result<Option<Secrets>, Box<dyn Error + Send + Sync>> {
        let Some(id) = unverified.unverified_id() else { return Ok(None) };
        Ok(self.current(self.clock.instant()).by_id.get(id).map(|entry| entry.secrets.clone()))
    }
}

impl Default for SecretMap {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for SecretMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretMap")
            .field("expiry", &self.expiry)
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "secret_map_tests.rs"]
mod tests;
