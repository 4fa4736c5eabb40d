//! When a delivery is tried again.

use std::time::Duration;

/// The delays between the attempts to handle a delivery, and their number.
///
/// The delay before attempt *n + 1* is random between zero and `first * factor^(n-1)`, and at most
/// `most` (full jitter). So deliveries that failed together are not tried again together.
///
/// The defaults are 10 attempts over about 24 h, the first retry within 1 s:
///
/// | after attempt | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8, 9 |
/// |---|---|---|---|---|---|---|---|---|
/// | up to | 1 s | 6 s | 36 s | 4 min | 22 min | 2 h | 13 h | 16 h |
///
/// ```
/// use std::time::Duration;
/// use countersign_inbox::Backoff;
///
/// let quick = Backoff::new(5).with_first(Duration::from_secs(2)).with_factor(2).with_most(Duration::from_secs(60));
/// assert_eq!(quick.longest_delay(3), Duration::from_secs(8));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    attempts: u32,
    first: Duration,
    factor: u32,
    most: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new(10)
    }
}

impl Backoff {
    /// Creates a backoff with this maximum number of attempts, the first one included. (0 is 1.)
    pub const fn new(attempts: u32) -> Self {
        let attempts = if attempts == 0 { 1 } else { attempts };
        Self { attempts, first: Duration::from_secs(1), factor: 6, most: Duration::from_secs(16 * 60 * 60) }
    }

    /// Sets the longest delay before the first retry (default: 1 s).
    #[must_use]
    pub const fn with_first(mut self, first: Duration) -> Self {
        self.first = first;
        self
    }

    /// Sets the factor by which the longest delay grows with each attempt (default: 6).
    #[must_use]
    pub const fn with_factor(mut self, factor: u32) -> Self {
        self.factor = factor;
        self
    }

    /// Sets the maximum of all delays (default: 16 h).
    #[must_use]
    pub const fn with_most(mut self, most: Duration) -> Self {
        self.most = most;
        self
    }

    /// Returns the maximum number of attempts.
    pub const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Returns the longest delay after an attempt, which is counted from 1 on.
    pub fn longest_delay(&self, attempt: u32) -> Duration {
        let factor = self.factor.checked_pow(attempt.saturating_sub(1));
        let delay = factor.and_then(|factor| self.first.checked_mul(factor));
        delay.unwrap_or(Duration::MAX).min(self.most)
    }

    /// Returns the delay after an attempt; `random` is anything from 0 to `u64::MAX`.
    pub(crate) fn delay(&self, attempt: u32, random: u64) -> Duration {
        let longest = u64::try_from(self.longest_delay(attempt).as_millis()).unwrap_or(u64::MAX);
        // The upper half of the product: each delay is as likely as any other.
        let product = u128::from(longest).saturating_mul(u128::from(random));
        Duration::from_millis(u64::try_from(product >> 64).unwrap_or(longest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_as_documented() {
        let backoff = Backoff::default();
        let longest: Vec<_> = (1..10).map(|attempt| backoff.longest_delay(attempt).as_secs()).collect();
        assert_eq!(longest, [1, 6, 36, 216, 1296, 7776, 46656, 57600, 57600]);
        // On average, a delay is half of the longest.
        let hours = longest.iter().sum::<u64>() / 2 / 3600;
        assert_eq!((backoff.attempts(), hours), (10, 23));
    }

    #[test]
    fn a_delay_is_between_zero_and_the_longest() {
        let backoff = Backoff::default();
        assert_eq!(backoff.delay(2, 0), Duration::ZERO);
        assert_eq!(backoff.delay(2, u64::MAX), Duration::from_millis(5999));
        assert_eq!(backoff.delay(2, u64::MAX / 2), Duration::from_millis(2999));
        let endless = Backoff::new(u32::MAX).with_most(Duration::MAX).with_first(Duration::MAX);
        assert_eq!(endless.longest_delay(u32::MAX), Duration::MAX);
        assert_eq!(endless.delay(u32::MAX, u64::MAX).as_millis(), u128::from(u64::MAX - 1));
        assert_eq!(Backoff::new(0).attempts(), 1);
    }
}
