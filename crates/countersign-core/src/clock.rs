//! The time, which a test can drive.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant, SystemTime},
};

/// The maximum by which a manual clock moves: every `Instant` and `SystemTime` can hold it.
const MILLENNIUM: Duration = Duration::from_secs(1000 * 366 * 24 * 60 * 60);

/// Returns a time as the system has it; `None` if the system cannot hold it. Windows has no time
/// before 1601, and `0001-01-01T00:00:00Z` stands in real bodies.
pub(crate) fn system_time(time: jiff::Timestamp) -> Option<SystemTime> {
    let since = time.as_duration();
    if since.is_negative() {
        SystemTime::UNIX_EPOCH.checked_sub(since.unsigned_abs())
    } else {
        SystemTime::UNIX_EPOCH.checked_add(since.unsigned_abs())
    }
}

/// The clock that decides what has expired: the system's clock, or one that a test controls.
///
/// Clones share the same clock.
///
/// ```
/// use countersign_core::Clock;
/// use std::time::{Duration, SystemTime};
///
/// let clock = Clock::manual(SystemTime::UNIX_EPOCH);
/// let before = clock.instant();
/// clock.clone().advance(Duration::from_secs(60));
/// assert_eq!(clock.now(), SystemTime::UNIX_EPOCH + Duration::from_secs(60));
/// assert_eq!(clock.instant() - before, Duration::from_secs(60));
/// ```
#[derive(Clone, Default)]
pub struct Clock(Source);

#[derive(Clone, Default)]
enum Source {
    #[default]
    System,
    Manual(Start, Arc<Mutex<Duration>>),
    Following(Start, Arc<dyn Fn() -> Duration + Send + Sync>),
}

/// The start of both readings.
#[derive(Clone, Copy)]
struct Start {
    now: SystemTime,
    instant: Instant,
}

impl Start {
    fn at(now: SystemTime) -> Self {
        Self { now, instant: Instant::now() }
    }
}

impl Clock {
    /// Creates the system's clock, the default.
    pub fn system() -> Self {
        Self::default()
    }

    /// Creates a clock that stands still at `start` until [`advance`](Self::advance) moves it.
    pub fn manual(start: SystemTime) -> Self {
        Self(Source::Manual(Start::at(start), Arc::default()))
    }

    /// Creates a clock whose time is `start` plus the result of `elapsed`.
    ///
    /// In a test that pauses tokio's time, follow that time:
    ///
    /// ```
    /// # use std::time::{Duration, SystemTime};
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    /// # runtime.block_on(async {
    /// let begun = tokio::time::Instant::now();
    /// let clock = countersign_core::Clock::following(SystemTime::UNIX_EPOCH, move || begun.elapsed());
    /// tokio::time::sleep(Duration::from_secs(60)).await;
    /// assert_eq!(clock.now(), SystemTime::UNIX_EPOCH + Duration::from_secs(60));
    /// # });
    /// ```
    pub fn following(start: SystemTime, elapsed: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self(Source::Following(Start::at(start), Arc::new(elapsed)))
    }

    /// Moves a manual clock, and its clones, forward.
    ///
    /// # Panics
    ///
    /// Panics if the clock is not [manual](Self::manual).
    pub fn advance(&self, by: Duration) {
        let Source::Manual(_, elapsed) = &self.0 else {
            #[allow(clippy::panic, reason = "documented; a mistake of a test")]
            {
                panic!("only a manual clock can be advanced: create it with `Clock::manual`")
            }
        };
        let mut elapsed = elapsed.lock().unwrap_or_else(PoisonError::into_inner);
        *elapsed = elapsed.saturating_add(by);
    }

    /// Returns the wall-clock time, which decides the age of an event.
    pub fn now(&self) -> SystemTime {
        match self.moved() {
            None => SystemTime::now(),
            Some((start, elapsed)) => start.now.checked_add(elapsed).unwrap_or(start.now),
        }
    }

    /// Returns the monotonic time, which decides when leases, retentions and secrets expire.
    ///
    /// It is unrelated to [`Instant::now`] unless the clock is the system's: compare it only with
    /// other readings of this clock.
    pub fn instant(&self) -> Instant {
        match self.moved() {
            None => Instant::now(),
            Some((start, elapsed)) => start.instant.checked_add(elapsed).unwrap_or(start.instant),
        }
    }

    fn moved(&self) -> Option<(Start, Duration)> {
        let (start, elapsed) = match &self.0 {
            Source::System => return None,
            Source::Manual(start, elapsed) => (start, *elapsed.lock().unwrap_or_else(PoisonError::into_inner)),
            Source::Following(start, elapsed) => (start, elapsed()),
        };
        Some((*start, elapsed.min(MILLENNIUM)))
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = match &self.0 {
            Source::System => "System",
            Source::Manual(..) => "Manual",
            Source::Following(..) => "Following",
        };
        f.debug_tuple("Clock").field(&format_args!("{source}")).field(&self.now()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn clones_are_moved_together_and_only_by_hand() {
        let clock = Clock::manual(SystemTime::UNIX_EPOCH);
        let (clone, begun) = (clock.clone(), clock.instant());
        std::thread::sleep(Duration::from_millis(2));
        assert_eq!((clock.now(), clock.instant()), (SystemTime::UNIX_EPOCH, begun));
        clone.advance(SECOND);
        clock.advance(SECOND / 2);
        let passed = SECOND * 3 / 2;
        assert_eq!((clone.now(), clone.instant()), (SystemTime::UNIX_EPOCH + passed, begun + passed));
    }

    #[test]
    fn it_never_leaves_what_a_time_can_hold() {
        let clock = Clock::manual(SystemTime::UNIX_EPOCH);
        let begun = clock.instant();
        clock.advance(Duration::MAX);
        clock.advance(Duration::MAX);
        assert_eq!(clock.instant() - begun, MILLENNIUM);
        assert_eq!(clock.now(), SystemTime::UNIX_EPOCH + MILLENNIUM);
    }

    #[test]
    fn the_system_clock_passes_by_itself() {
        let clock = Clock::default();
        let (now, instant) = (SystemTime::now(), Instant::now());
        assert!(clock.now().duration_since(now).is_ok_and(|passed| passed < SECOND * 60));
        assert!(clock.instant() - instant < SECOND * 60);
    }

    #[test]
    #[should_panic = "only a manual clock can be advanced: create it with `Clock::manual`"]
    fn the_system_clock_cannot_be_advanced() {
        Clock::system().advance(SECOND);
    }

    #[test]
    #[should_panic = "only a manual clock can be advanced"]
    fn a_clock_that_follows_another_cannot_be_advanced() {
        Clock::following(SystemTime::UNIX_EPOCH, Duration::default).advance(SECOND);
    }

    #[test]
    fn debug_shows_where_the_time_comes_from() {
        let text = format!("{:?}", Clock::manual(SystemTime::UNIX_EPOCH));
        assert!(text.starts_with("Clock(Manual, SystemTime"), "{text}");
        assert!(format!("{:?}", Clock::system()).starts_with("Clock(System, "));
    }
}
