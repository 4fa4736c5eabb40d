//! The time between attempts, which a test can drive.

use std::{
    collections::BTreeMap,
    future::poll_fn,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Poll,
    time::{Duration, SystemTime},
};

use countersign_core::Clock;
use tokio::{sync::watch, time};

/// The clock by which a [`Simulator`](super::Simulator) waits between attempts: a real one, a
/// faster one, one that skips every wait, or one that the test advances.
///
/// With the last two, a provider's delay of half an hour takes no real time. The receiver always
/// answers in real time. Clones share the same clock.
///
/// ```
/// use countersign_testkit::SimulatorClock;
/// use std::time::Duration;
///
/// let clock = SimulatorClock::manual();
/// clock.advance(Duration::from_secs(30));
/// assert_eq!(clock.elapsed(), Duration::from_secs(30));
/// ```
#[derive(Clone, Debug)]
pub struct SimulatorClock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    pace: Pace,
    /// By tokio's clock, so that a test can pause it.
    started: time::Instant,
    created: SystemTime,
    state: Mutex<State>,
    /// Notifies of changes to `state`.
    changes: watch::Sender<()>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pace {
    Faster(u32),
    Skipping,
    Manual,
}

#[derive(Debug, Default)]
struct State {
    elapsed: Duration,
    /// The deadlines of all sleepers, with the number of sleepers for each.
    waiting: BTreeMap<Duration, usize>,
}

impl SimulatorClock {
    /// Creates a clock in real time, or in tokio's time if the test pauses that.
    pub fn real() -> Self {
        Self::faster(1)
    }

    /// Creates a clock that runs `factor` times as fast as real time (0 counts as 1).
    pub fn faster(factor: u32) -> Self {
        Self::new(Pace::Faster(factor.max(1)))
    }

    /// Creates a clock that jumps to the earliest deadline as soon as there is a sleeper.
    pub fn skipping() -> Self {
        Self::new(Pace::Skipping)
    }

    /// Creates a clock that stands still until [`advance`](Self::advance) moves it.
    pub fn manual() -> Self {
        Self::new(Pace::Manual)
    }

    fn new(pace: Pace) -> Self {
        let (changes, _) = watch::channel(());
        Self(Arc::new(Inner {
            pace,
            started: time::Instant::now(),
            created: SystemTime::now(),
            state: Mutex::default(),
            changes,
        }))
    }

    /// Returns the time that has passed since the clock was created.
    pub fn elapsed(&self) -> Duration {
        let moved = self.state().elapsed;
        match self.0.pace {
            Pace::Faster(factor) => moved.saturating_add(self.0.started.elapsed().saturating_mul(factor)),
            Pace::Skipping | Pace::Manual => moved,
        }
    }

    /// Returns a clock for the receiver, which follows this one: give it to
    /// `MemoryStore::with_clock` or
    /// [`SecretMap::with_clock`](countersign_core::SecretMap::with_clock), and one call of
    /// [`advance`](Self::advance) moves provider and receiver.
    ///
    /// Leases expire by this clock, but handlers run in real time. If copies are in flight at the
    /// same time, use a [`manual`](Self::manual) clock, so that no lease expires while its handler
    /// runs.
    pub fn for_receiver(&self) -> Clock {
        let clock = self.clone();
        Clock::following(self.0.created, move || clock.elapsed())
    }

    /// Advances the clock, in addition to real time, and wakes sleepers whose deadline has passed.
    pub fn advance(&self, by: Duration) {
        let mut state = self.state();
        state.elapsed = state.elapsed.saturating_add(by);
        drop(state);
        self.0.changes.send_replace(());
    }

    /// Waits until there is a sleeper, and returns the time until the first deadline: what to
    /// [`advance`](Self::advance) a manual clock by.
    pub async fn next_wait(&self) -> Duration {
        let mut changes = self.0.changes.subscribe();
        loop {
            let elapsed = self.elapsed();
            // A sleeper whose deadline has passed may not have run yet.
            let first = self.state().waiting.keys().find(|until| **until > elapsed).copied();
            if let Some(first) = first {
                return first.saturating_sub(elapsed);
            }
            // The sender is in `self`.
            let _ = changes.changed().await;
        }
    }

    /// Waits for `duration` by this clock.
    ///
    /// # Panics
    ///
    /// Panics outside a tokio runtime with time enabled, if the clock moves by itself.
    pub async fn sleep(&self, duration: Duration) {
        let until = self.elapsed().saturating_add(duration);
        let mut changes = self.0.changes.subscribe();
        let _waiting = Waiting::new(self, until);
        if self.0.pace == Pace::Skipping {
            // Gives the rest of this task its turn, so that a sleeper with an earlier deadline is registered.
            yield_once().await;
        }
        loop {
            let left = until.saturating_sub(self.elapsed());
            if left.is_zero() {
                return;
            }
            match self.0.pace {
                Pace::Faster(factor) => {
                    let real = left.checked_div(factor).unwrap_or(left).max(Duration::from_nanos(1));
                    // Until the deadline, or until the clock is advanced.
                    let _ = time::timeout(real, changes.changed()).await;
                }
                Pace::Skipping if self.is_first(until) => {
                    let mut state = self.state();
                    state.elapsed = state.elapsed.max(until);
                }
                Pace::Skipping | Pace::Manual => {
                    let _ = changes.changed().await;
                }
            }
        }
    }

    fn is_first(&self, until: Duration) -> bool {
        self.state().waiting.keys().next() == Some(&until)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// As tokio's `yield_now`, which needs its runtime.
async fn yield_once() {
    let mut has_yielded = false;
    poll_fn(|cx| {
        if has_yielded {
            return Poll::Ready(());
        }
        has_yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// A sleeper, registered until it is dropped.
struct Waiting<'a> {
    clock: &'a SimulatorClock,
    until: Duration,
}

impl<'a> Waiting<'a> {
    fn new(clock: &'a SimulatorClock, until: Duration) -> Self {
        let mut state = clock.state();
        let count = state.waiting.entry(until).or_default();
        *count = count.saturating_add(1);
        drop(state);
        clock.0.changes.send_replace(());
        Self { clock, until }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut state = self.clock.state();
        if let Some(count) = state.waiting.get_mut(&self.until) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                state.waiting.remove(&self.until);
            }
        }
        drop(state);
        self.clock.0.changes.send_replace(());
    }
}
