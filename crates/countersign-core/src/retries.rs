//! The retries of a provider, as documented.

use std::{fmt, time::Duration};

/// The documented retries of a delivery that was not answered with a 2xx. More fields may be added.
///
/// ```
/// use countersign_core::provider::Retries;
/// use std::time::Duration;
///
/// const RETRIES: Retries = Retries::new()
///     .deadline(Duration::from_secs(10))
///     .delays(&[Duration::from_secs(30), Duration::from_secs(5 * 60)]);
/// assert_eq!(RETRIES.to_string(), "after 30 s, 5 min");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retries {
    /// The time that the provider waits for a response; `None` if it is not documented.
    pub deadline: Option<Duration>,
    /// The maximum number of attempts, the first one included; `None` if it is not documented.
    pub attempts: Option<u8>,
    /// The delay before each retry, counted from the previous attempt; empty if it is not
    /// documented.
    pub delays: &'static [Duration],
    /// The documented maximum time from the first attempt to the last. If it is `None`,
    /// [`total`](Self::total) adds up the delays and deadlines.
    pub window: Option<Duration>,
}

impl Retries {
    /// Creates retries without any documented value.
    #[must_use]
    pub const fn new() -> Self {
        Self { deadline: None, attempts: None, delays: &[], window: None }
    }

    /// Sets the time that the provider waits for a response.
    #[must_use]
    pub const fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Sets the maximum number of attempts, the first one included.
    #[must_use]
    pub const fn attempts(mut self, attempts: u8) -> Self {
        self.attempts = Some(attempts);
        self
    }

    /// Sets the delay before each retry, counted from the previous attempt.
    #[must_use]
    pub const fn delays(mut self, delays: &'static [Duration]) -> Self {
        self.delays = delays;
        self
    }

    /// Sets the maximum time from the first attempt to the last.
    #[must_use]
    pub const fn window(mut self, window: Duration) -> Self {
        self.window = Some(window);
        self
    }

    /// Returns the maximum time from the first attempt to the last: the documented window, or the
    /// sum of all delays and deadlines. `None` if neither the window nor the delays are documented.
    pub fn total(&self) -> Option<Duration> {
        let attempts = u32::try_from(self.delays.len()).ok()?.checked_add(1)?;
        let deadlines = self.deadline.unwrap_or_default().saturating_mul(attempts);
        let added_up = self.delays.iter().fold(deadlines, |total, delay| total.saturating_add(*delay));
        self.window.or((!self.delays.is_empty()).then_some(added_up))
    }
}

impl Default for Retries {
    fn default() -> Self {
        Self::new()
    }
}

/// Writes the retries in one phrase, for tables and help texts: `after 30 s, 5 min`,
/// `up to 5 attempts`, `none`, or `not documented`.
impl fmt::Display for Retries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, delay) in self.delays.iter().enumerate() {
            f.write_str(if index == 0 { "after " } else { ", " })?;
            match delay.as_secs() {
                seconds if seconds >= 2 * 3600 && seconds.is_multiple_of(3600) => {
                    write!(f, "{} h", seconds.div_euclid(3600))?;
                }
                seconds if seconds >= 60 && seconds.is_multiple_of(60) => write!(f, "{} min", seconds.div_euclid(60))?,
                seconds => write!(f, "{seconds} s")?,
            }
        }
        match self.attempts {
            _ if !self.delays.is_empty() => Ok(()),
            Some(1) => f.write_str("none"),
            Some(attempts) => write!(f, "up to {attempts} attempts"),
            None => f.write_str("not documented"),
        }
    }
}
