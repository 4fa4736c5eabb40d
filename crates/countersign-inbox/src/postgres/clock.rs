//! The server's clock. The clocks of machines differ, so that the times in the tables are the server's: they are
//! computed from those of the caller on their way in and out.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// How long a measurement is good for.
const GOOD_FOR: Duration = Duration::from_secs(10);

/// What a clock may differ before it is corrected, in milliseconds, beyond what a measurement may be wrong by.
const TOLERATED: i64 = 1_000;

/// Asks the server.
pub(super) const CLOCK: &str = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";

pub(super) struct Clock {
    measured: Mutex<Option<Measured>>,
    local: fn() -> i64,
}

#[derive(Clone, Copy)]
struct Measured {
    server: i64,
    at: Instant,
    /// What it may be wrong by.
    error: i64,
    /// How far the server's clock was ahead.
    ahead: i64,
}

impl Clock {
    pub(super) const fn new(local: fn() -> i64) -> Self {
        Self { measured: Mutex::new(None), local }
    }

    /// Whether it is time to ask the server: after a while, and when the two clocks of this machine have drifted apart,
    /// because one of them was set, or the machine was suspended.
    pub(super) fn is_due(&self) -> bool {
        self.read().is_none_or(|measured| {
            let moved = self.since(measured).saturating_sub(measured.ahead).saturating_abs();
            measured.at.elapsed() > GOOD_FOR || moved > TOLERATED
        })
    }

    /// The server said so, to a question of this time.
    pub(super) fn measured(&self, server: i64, asked: Instant) {
        let half = asked.elapsed().div_f64(2.0);
        let at = asked.checked_add(half).unwrap_or(asked);
        let error = milliseconds(half);
        let mut measured = Measured { server, at, error, ahead: 0 };
        measured.ahead = self.since(measured);
        *self.measured.lock().unwrap_or_else(PoisonError::into_inner) = Some(measured);
    }

    /// How far the server's clock is ahead of that of this machine now, in milliseconds. The time since the
    /// measurement is taken from a clock that nobody sets: if the clock of the machine jumps, the difference
    /// changes with it.
    pub(super) fn ahead(&self) -> i64 {
        let Some(measured) = self.read() else { return 0 };
        let ahead = self.since(measured);
        if ahead.saturating_abs() < TOLERATED.saturating_add(measured.error) { 0 } else { ahead }
    }

    /// How far the server's clock is ahead, by a measurement and the time since then.
    fn since(&self, Measured { server, at, .. }: Measured) -> i64 {
        server.saturating_add(milliseconds(at.elapsed())).saturating_sub((self.local)())
    }

    /// A time of this machine as one of the server.
    pub(super) fn to_server(&self, time: i64) -> i64 {
        time.saturating_add(self.ahead())
    }

    fn read(&self) -> Option<Measured> {
        *self.measured.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The clock of this machine.
pub(super) fn system() -> i64 {
    milliseconds(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
}

pub(super) fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

    use super::*;

    #[test]
    fn a_clock_that_differs_is_corrected_and_a_jump_is_mended_at_once() {
        static LOCAL: AtomicI64 = AtomicI64::new(1_000_000);
        let clock = Clock::new(|| LOCAL.load(Relaxed));
        assert_eq!((clock.is_due(), clock.to_server(5)), (true, 5));
        clock.measured(1_060_000, Instant::now());
        let near = |expected: i64| (clock.ahead() - expected).abs() < 30_000 / 2;
        assert!(!clock.is_due() && near(60_000), "{}", clock.ahead());
        LOCAL.store(1_000_000 - 3_600_000, Relaxed);
        assert!(clock.is_due());
        assert!(near(3_660_000), "{}", clock.ahead());
        LOCAL.store(1_000_000 + 3_600_000, Relaxed);
        assert!(near(-3_540_000), "{}", clock.ahead());
        // Far less than a second is no difference.
        clock.measured(4_600_100, Instant::now());
        assert!(clock.ahead() == 0 || clock.ahead() >= 1_000, "{}", clock.ahead());
    }
}
