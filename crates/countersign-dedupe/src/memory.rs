//! The store of one process.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use countersign_core::{
    Clock, SettingError,
    dedupe::{Claim, ClaimStore, DeliveryKey, Forgotten, LeaseState, LeaseToken, StoreIdentity, StoreResult},
};
use lru::LruCache;

/// The default capacity.
const CAPACITY: usize = 100_000;

/// The number of expired entries removed with each write: more than one, so that they do not
/// accumulate.
const SWEPT: usize = 2;

/// The maximum number of leased entries skipped when one must be evicted.
const SPARED: usize = 16;

/// A store in the memory of this process.
///
/// Other processes do not see it, and it is empty after a restart. A delivery that was handled
/// before the restart is then handled again if it is retried. With more than one instance, use a
/// `RedisStore`.
///
/// It holds up to 100,000 deliveries ([`with_capacity`](Self::with_capacity)) of about 120 bytes
/// each. If it is full, it evicts the least recently used delivery, which may then be handled
/// again; [`evicted`](Self::evicted) counts these. Make the capacity larger than the number of
/// deliveries within the retention (default: 24 h), and much larger than the number in flight. Only
/// verified deliveries are stored.
///
/// Clones share the same store. Create it once for all layers of an endpoint: with actix-web,
/// outside of the factory of `HttpServer`, which runs once for each worker. A warning is logged if
/// two layers have the same secret and different stores of this type.
#[derive(Clone)]
pub struct MemoryStore {
    shared: Arc<Shared>,
    capacity: usize,
    clock: Clock,
}

struct Shared {
    /// Some of them may have expired.
    entries: Mutex<LruCache<DeliveryKey, Entry>>,
    evicted: AtomicU64,
}

#[derive(Clone, Copy)]
struct Entry {
    state: State,
    /// Exclusive; `None` if an `Instant` cannot hold it.
    end: Option<Instant>,
}

impl Entry {
    fn has_expired(&self, now: Instant) -> bool {
        self.end.is_some_and(|end| end <= now)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Leased(LeaseToken),
    Done,
}

/// A change to an entry.
enum Change {
    Write(State, Duration),
    Remove,
    Nothing,
}

impl MemoryStore {
    /// Creates an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(CAPACITY)
    }

    /// Creates an empty store for up to `deliveries` deliveries (default: 100,000).
    ///
    /// # Panics
    ///
    /// Panics if `deliveries` is 0. [`try_with_capacity`](Self::try_with_capacity) returns an error
    /// instead.
    #[must_use]
    pub fn with_capacity(deliveries: usize) -> Self {
        SettingError::or_panic(Self::try_with_capacity(deliveries))
    }

    /// Creates an empty store, like [`with_capacity`](Self::with_capacity).
    ///
    /// # Errors
    ///
    /// Returns an error if `deliveries` is 0: it would remember nothing.
    pub fn try_with_capacity(deliveries: usize) -> Result<Self, SettingError> {
        SettingError::if_zero("capacity of the store", &deliveries)?;
        let shared = Shared { entries: Mutex::new(LruCache::unbounded()), evicted: AtomicU64::new(0) };
        Ok(Self { shared: Arc::new(shared), capacity: deliveries, clock: Clock::system() })
    }

    /// Takes the time from `clock` (default: the system's), for tests.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Returns the number of deliveries that were evicted before they expired, since the store was
    /// created.
    pub fn evicted(&self) -> u64 {
        self.shared.evicted.load(Relaxed)
    }

    /// Asks `change` what to do with an entry in its state, and does it atomically.
    fn change(&self, key: DeliveryKey, change: impl FnOnce(Option<State>) -> Change) {
        let now = self.clock.instant();
        // No code panics while it is locked.
        let mut entries = self.shared.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let current = entries.get(&key).filter(|entry| !entry.has_expired(now)).map(|entry| entry.state);
        match change(current) {
            Change::Write(state, time) => {
                entries.put(key, Entry { state, end: now.checked_add(time) });
                self.make_room(&mut entries, now);
            }
            Change::Remove => {
                entries.pop(&key);
            }
            Change::Nothing => {}
        }
    }

    fn make_room(&self, entries: &mut LruCache<DeliveryKey, Entry>, now: Instant) {
        for _ in 0..SWEPT {
            if entries.peek_lru().is_some_and(|(_, entry)| entry.has_expired(now)) {
                entries.pop_lru();
            }
        }
        if entries.len() > self.capacity {
            for _ in 0..SPARED {
                // A delivery in flight is kept rather than one that was handled.
                let leased = |(key, entry): (&DeliveryKey, &Entry)| {
                    (matches!(entry.state, State::Leased(_)) && !entry.has_expired(now)).then_some(*key)
                };
                let Some(key) = entries.peek_lru().and_then(leased) else { break };
                entries.promote(&key);
            }
            if entries.pop_lru().is_some_and(|(_, entry)| !entry.has_expired(now)) {
                self.shared.evicted.fetch_add(1, Relaxed);
            }
        }
    }

    /// Changes an entry if it is leased with this token.
    fn change_leased(&self, key: DeliveryKey, token: LeaseToken, change: Change) -> LeaseState {
        let mut held = LeaseState::Lost;
        self.change(key, |state| {
            if state != Some(State::Leased(token)) {
                return Change::Nothing;
            }
            held = LeaseState::Held;
            change
        });
        held
    }
}

impl ClaimStore for MemoryStore {
    async fn claim(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> StoreResult<Claim> {
        let mut claim = Claim::New;
        self.change(key, |state| match state {
            None => Change::Write(State::Leased(token), lease),
            Some(State::Leased(_)) => {
                claim = Claim::InFlight;
                Change::Nothing
            }
            Some(State::Done) => {
                claim = Claim::Done;
                Change::Nothing
            }
        });
        Ok(claim)
    }

    async fn renew(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> StoreResult<LeaseState> {
        Ok(self.change_leased(key, token, Change::Write(State::Leased(token), lease)))
    }

    async fn commit(&self, key: DeliveryKey, token: LeaseToken, retention: Duration) -> StoreResult<LeaseState> {
        Ok(self.change_leased(key, token, Change::Write(State::Done, retention)))
    }

    async fn release(&self, key: DeliveryKey, token: LeaseToken) -> StoreResult<LeaseState> {
        Ok(self.change_leased(key, token, Change::Remove))
    }

    async fn forget(&self, key: DeliveryKey) -> StoreResult<Forgotten> {
        let mut forgotten = Forgotten::NotFound;
        self.change(key, |state| match state {
            None => Change::Nothing,
            Some(State::Leased(_)) => {
                forgotten = Forgotten::InFlight;
                Change::Nothing
            }
            Some(State::Done) => {
                forgotten = Forgotten::Removed;
                Change::Remove
            }
        });
        Ok(forgotten)
    }

    fn identity(&self) -> StoreIdentity {
        StoreIdentity::in_memory(&self.shared)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("capacity", &self.capacity)
            .field("evicted", &self.evicted())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "memory_tests.rs"]
mod tests;
