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
    Clock,
    dedupe::{Claim, ClaimStore, DeliveryKey, LeaseState, LeaseToken, StoreResult},
};
use lru::LruCache;

/// How many deliveries are remembered unless told otherwise.
const CAPACITY: usize = 100_000;

/// How many entries whose time is over are taken out with each that is written: more than one, so that they run out.
const SWEPT: usize = 2;

/// How many that are being handled are passed over, at most, where one has to be forgotten.
const SPARED: usize = 16;

/// Remembers deliveries in the memory of this process.
///
/// What it remembers is gone after a restart, and unknown to other processes: a delivery that comes again then is
/// handled again. For more than one instance, take a `RedisStore`.
///
/// It holds up to 100,000 deliveries unless [`with_capacity`](Self::with_capacity) says otherwise, of about 120 bytes each.
/// When it is full, the one that was asked for least recently is forgotten before its time, and may be handled again if it
/// comes again; [`forgotten`](Self::forgotten) counts those. Make the capacity larger than the number of deliveries within
/// the retention, 24 h unless set, and much larger than of those that are handled at once. Only verified deliveries take
/// room.
///
/// Clones are the same store.
#[derive(Clone)]
pub struct MemoryStore {
    shared: Arc<Shared>,
    capacity: usize,
    clock: Clock,
}

struct Shared {
    /// Those whose time is over may still be in it.
    entries: Mutex<LruCache<DeliveryKey, Entry>>,
    forgotten: AtomicU64,
}

#[derive(Clone, Copy)]
struct Entry {
    state: State,
    /// Not included; `None` if it is beyond what the clock can tell.
    end: Option<Instant>,
}

impl Entry {
    fn is_over(&self, now: Instant) -> bool {
        self.end.is_some_and(|end| end <= now)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Leased(LeaseToken),
    Done,
}

/// What is to become of an entry.
enum Change {
    Write(State, Duration),
    Remove,
    Nothing,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(CAPACITY)
    }

    /// An empty store for up to this many deliveries.
    #[must_use]
    pub fn with_capacity(deliveries: usize) -> Self {
        let shared = Shared { entries: Mutex::new(LruCache::unbounded()), forgotten: AtomicU64::new(0) };
        Self { shared: Arc::new(shared), capacity: deliveries, clock: Clock::system() }
    }

    /// Takes the time from `clock`, for tests.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// How many deliveries were forgotten before their time, since the store was made, for want of room.
    pub fn forgotten(&self) -> u64 {
        self.shared.forgotten.load(Relaxed)
    }

    /// Changes an entry as `change` says of its state, atomically.
    fn change(&self, key: DeliveryKey, change: impl FnOnce(Option<State>) -> Change) {
        let now = self.clock.instant();
        // Nothing panics while it is locked.
        let mut entries = self.shared.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let current = entries.get(&key).filter(|entry| !entry.is_over(now)).map(|entry| entry.state);
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
            if entries.peek_lru().is_some_and(|(_, entry)| entry.is_over(now)) {
                entries.pop_lru();
            }
        }
        if entries.len() > self.capacity {
            for _ in 0..SPARED {
                // What is being handled is rather kept than what was.
                let leased = |(key, entry): (&DeliveryKey, &Entry)| {
                    (matches!(entry.state, State::Leased(_)) && !entry.is_over(now)).then_some(*key)
                };
                let Some(key) = entries.peek_lru().and_then(leased) else { break };
                entries.promote(&key);
            }
            if entries.pop_lru().is_some_and(|(_, entry)| !entry.is_over(now)) {
                self.shared.forgotten.fetch_add(1, Relaxed);
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
            .field("forgotten", &self.forgotten())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "memory_tests.rs"]
mod tests;
