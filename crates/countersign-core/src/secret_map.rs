//! A map from resources to their secrets, for a provider that issues a secret per resource.

use std::{
    collections::{BTreeSet, HashMap},
    error::Error,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::{
    clock::Clock,
    error::{SecretMapFull, SettingError},
    receive::{SecretLookup, UnverifiedDelivery},
    secret::Secrets,
    secret_shape,
};

/// The default expiry of a secret: 24 h.
const EXPIRY: Duration = Duration::from_secs(24 * 60 * 60);

/// The default capacity.
const CAPACITY: usize = 100_000;

/// The number of expired entries removed with each call: more than one, so that they do not
/// accumulate, and few, so that no call waits for many.
const SWEPT: usize = 8;

/// A map from a resource's ID to its secrets. For example, GeoScored issues a secret for each scan,
/// and the ID is `scan_id`.
///
/// Insert each resource when you create it, and give the map to `VerifyWebhook::from_lookup`.
/// Clones share the same map, and any number of threads can use it. The map is in memory. If
/// secrets must survive a restart, or another process creates them, implement a [`SecretLookup`] on
/// a database.
///
/// A secret is kept until it is removed or expires ([`with_expiry`](Self::with_expiry), default: 24
/// h). After a resource's last delivery, use [`remove_after`](Self::remove_after) instead of
/// [`remove`](Self::remove): the provider may retry that delivery, if it did not get the response.
/// Expired secrets are wiped from memory by later calls, a few with each.
///
/// The map holds up to 100,000 resources ([`with_capacity`](Self::with_capacity)). It never evicts
/// an unexpired secret to make room for another. Change the settings before you clone the map, and
/// create one map per provider.
///
/// ```
/// use countersign_core::{Secret, SecretMap, Verifier, providers::GeoScored};
/// use std::time::Duration;
///
/// let secrets = SecretMap::new();
/// let verifier = Verifier::<GeoScored>::from_lookup(secrets.clone());
///
/// // When you create the scan: its ID and its secret.
/// secrets.insert("abc123", Secret::from_static("s3cr3t"))?;
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

/// Some of them may have expired.
#[derive(Default)]
struct Entries {
    by_id: HashMap<Arc<str>, Entry>,
    /// The same IDs in the order of their expiry, without those that never expire.
    by_end: BTreeSet<(Instant, Arc<str>)>,
}

struct Entry {
    secrets: Secrets,
    /// Exclusive; `None` if an `Instant` cannot hold it.
    end: Option<Instant>,
    is_leaving: bool,
}

impl Entry {
    fn has_expired(&self, now: Instant) -> bool {
        self.end.is_some_and(|end| end <= now)
    }
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

    fn sweep(&mut self, now: Instant) {
        for _ in 0..SWEPT {
            if self.by_end.first().is_none_or(|(end, _)| *end > now) {
                return;
            }
            if let Some((_, id)) = self.by_end.pop_first() {
                self.by_id.remove(&id);
            }
        }
    }

    fn expired(&self, now: Instant) -> impl Iterator<Item = &(Instant, Arc<str>)> {
        self.by_end.iter().take_while(move |(end, _)| *end <= now)
    }

    /// Whether there are `capacity` entries that have not expired.
    fn are_full(&self, capacity: usize, now: Instant) -> bool {
        self.by_id
            .len()
            .checked_sub(capacity)
            .is_some_and(|excess| self.expired(now).take(excess.saturating_add(1)).count() <= excess)
    }
}

impl SecretMap {
    /// Creates an empty map.
    #[must_use]
    pub fn new() -> Self {
        Self { entries: Arc::default(), clock: Clock::system(), expiry: EXPIRY, capacity: CAPACITY }
    }

    /// Keeps each secret inserted from now on for `expiry` (default: 24 h). `expiry` must cover the
    /// whole life of the resource, including its deliveries and their retries.
    ///
    /// # Panics
    ///
    /// Panics if `expiry` is 0. [`try_with_expiry`](Self::try_with_expiry) returns an error instead.
    #[must_use]
    pub fn with_expiry(self, expiry: Duration) -> Self {
        SettingError::or_panic(self.try_with_expiry(expiry))
    }

    /// Sets the expiry, like [`with_expiry`](Self::with_expiry).
    ///
    /// # Errors
    ///
    /// Returns an error if `expiry` is 0.
    pub fn try_with_expiry(mut self, expiry: Duration) -> Result<Self, SettingError> {
        SettingError::if_zero("expiry of secrets", &expiry)?;
        self.expiry = expiry;
        Ok(self)
    }

    /// Holds the secrets of up to `resources` resources (default: 100,000).
    ///
    /// # Panics
    ///
    /// Panics if `resources` is 0. [`try_with_capacity`](Self::try_with_capacity) returns an error
    /// instead.
    #[must_use]
    pub fn with_capacity(self, resources: usize) -> Self {
        SettingError::or_panic(self.try_with_capacity(resources))
    }

    /// Sets the capacity, like [`with_capacity`](Self::with_capacity).
    ///
    /// # Errors
    ///
    /// Returns an error if `resources` is 0.
    pub fn try_with_capacity(mut self, resources: usize) -> Result<Self, SettingError> {
        SettingError::if_zero("capacity of the secret map", &resources)?;
        self.capacity = resources;
        Ok(self)
    }

    /// Takes the time from `clock` (default: the system's), for tests.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Sets the secrets of the resource `id`, and replaces previous ones. For an integer, `id` is its
    /// decimal text. An ID that is empty or longer than 256 bytes is never looked up.
    ///
    /// To rotate a secret, insert the new one with
    /// [`add_previous`](Secrets::add_previous) of the old one. Then a retry under either is a
    /// duplicate of the delivery. If you insert only the new one, deliveries under the old one are
    /// rejected, and a retry that is signed with the new one is handled again.
    ///
    /// # Errors
    ///
    /// Returns an error if the map is full and does not contain `id` yet.
    pub fn insert(&self, id: impl AsRef<str>, secrets: impl Into<Secrets>) -> Result<(), SecretMapFull> {
        let (id, secrets): (Arc<str>, Secrets) = (id.as_ref().into(), secrets.into());
        secret_shape::warn_of_inserted(&secrets);
        // Not for each delivery.
        secrets.prepare();
        let now = self.clock.instant();
        let mut entries = self.current(now);
        let is_new = entries.remove(&id).is_none_or(|entry| entry.has_expired(now));
        if is_new && entries.are_full(self.capacity, now) {
            return Err(SecretMapFull { capacity: self.capacity });
        }
        entries.insert(id, Entry { secrets, end: now.checked_add(self.expiry), is_leaving: false });
        Ok(())
    }

    /// Removes the secrets of `id`, and returns whether there were any.
    pub fn remove(&self, id: &str) -> bool {
        let now = self.clock.instant();
        self.current(now).remove(id).is_some_and(|entry| !entry.has_expired(now))
    }

    /// Removes the secrets of `id` after `delay`, and returns whether there are any. Call it in the
    /// handler of the resource's last event. If the provider does not get the response, its retry
    /// can still be verified.
    ///
    /// Only the first call counts, so that an attacker who replays a delivery does not keep its
    /// secret alive. The delay replaces the expiry, even if it is longer.
    pub fn remove_after(&self, id: &str, delay: Duration) -> bool {
        let now = self.clock.instant();
        let mut entries = self.current(now);
        let Some(entry) = entries.remove(id).filter(|entry| !entry.has_expired(now)) else { return false };
        let end = if entry.is_leaving { entry.end } else { now.checked_add(delay) };
        entries.insert(id.into(), Entry { end, is_leaving: true, ..entry });
        true
    }

    /// Returns the number of resources that have secrets.
    pub fn len(&self) -> usize {
        let now = self.clock.instant();
        let entries = self.current(now);
        entries.by_id.len().saturating_sub(entries.expired(now).count())
    }

    /// Returns whether no resource has secrets.
    pub fn is_empty(&self) -> bool {
        let now = self.clock.instant();
        let entries = self.current(now);
        entries.by_id.len() == entries.by_end.len() && entries.by_end.last().is_none_or(|(end, _)| *end <= now)
    }

    /// The entries, without a few that have expired.
    fn current(&self, now: Instant) -> MutexGuard<'_, Entries> {
        // No code panics while it is locked.
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.sweep(now);
        entries
    }
}

impl SecretLookup for SecretMap {
    async fn look_up(
        &self,
        unverified: UnverifiedDelivery<'_>,
    ) -> Result<Option<Secrets>, Box<dyn Error + Send + Sync>> {
        let Some(id) = unverified.unverified_id() else { return Ok(None) };
        let now = self.clock.instant();
        let entries = self.current(now);
        let entry = entries.by_id.get(id).filter(|entry| !entry.has_expired(now));
        Ok(entry.map(|entry| entry.secrets.clone()))
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
