//! The attempts of a delivery, and their answers.

use std::{fmt, time::Duration};

use countersign_core::provider::Retries;
use http::StatusCode;

use super::target::{Answer, SendError};

/// The attempts of a delivery, at least one, and their answers.
#[derive(Debug)]
pub struct Report {
    attempts: Vec<Attempt>,
}

impl Report {
    pub(super) fn new(attempts: Vec<Attempt>) -> Self {
        Self { attempts }
    }

    /// Returns the attempts, in order.
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// Returns whether the last attempt was answered 2xx.
    pub fn is_accepted(&self) -> bool {
        self.attempts.last().is_some_and(Attempt::is_accepted)
    }

    /// Returns the status of each answer; 0 if there was no answer.
    pub fn statuses(&self) -> Vec<u16> {
        self.attempts.iter().map(|attempt| attempt.status().map_or(0, |status| status.as_u16())).collect()
    }
}

/// One attempt of a delivery.
#[derive(Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// The number of the attempt, starting at 1.
    pub number: u32,
    /// The time at which it began, counted from the first attempt, by the
    /// [`SimulatorClock`](super::SimulatorClock).
    pub at: Duration,
    /// The duration until the answer or the end of the attempt, in real time.
    pub took: Duration,
    /// The answer, or the reason why there is no answer.
    pub result: Result<Answer, SendError>,
    /// The provider's next step.
    pub next: NextAttempt,
}

impl Attempt {
    /// Returns the status of the answer, if there is one.
    pub fn status(&self) -> Option<StatusCode> {
        self.result.as_ref().ok().map(|answer| answer.status)
    }

    /// Returns whether it was answered 2xx.
    pub fn is_accepted(&self) -> bool {
        self.status().is_some_and(|status| status.is_success())
    }
}

/// The provider's next step after an attempt, as its page documents it. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NextAttempt {
    /// Nothing: the delivery was accepted.
    None,
    /// It retries after this time.
    After(Duration),
    /// It retries, but its page does not say when.
    Undocumented,
    /// The page names no retries.
    Unknown,
    /// It does not retry again.
    GivenUp,
}

impl NextAttempt {
    /// Returns the next step after the failed attempt `number`, starting at 1.
    pub fn of(retries: &Retries, number: u32) -> Self {
        let made = usize::try_from(number).unwrap_or(usize::MAX);
        let delay = made.checked_sub(1).and_then(|index| retries.delays.get(index));
        match (delay, retries.attempts) {
            (_, Some(attempts)) if number >= u32::from(attempts) => Self::GivenUp,
            (Some(&delay), _) => Self::After(delay),
            (None, Some(_)) => Self::Undocumented,
            (None, None) if retries.delays.is_empty() => Self::Unknown,
            (None, None) => Self::GivenUp,
        }
    }
}

/// For messages: `retry after 30s`.
impl fmt::Display for NextAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("accepted"),
            Self::After(delay) => write!(f, "retry after {delay:?}"),
            Self::Undocumented => f.write_str("retry, but it is not documented when"),
            Self::Unknown => f.write_str("not documented"),
            Self::GivenUp => f.write_str("no further retry"),
        }
    }
}
