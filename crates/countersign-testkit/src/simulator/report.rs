//! What became of a delivery.

use std::{fmt, time::Duration};

use countersign_core::Retries;
use http::StatusCode;

use super::target::{Answer, SendError};

/// What became of a delivery: its attempts, of which there is at least one.
#[derive(Debug)]
pub struct Report {
    attempts: Vec<Attempt>,
}

impl Report {
    pub(super) fn new(attempts: Vec<Attempt>) -> Self {
        Self { attempts }
    }

    /// The attempts, in their order.
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// Whether the last attempt was answered 2xx, so that the provider is content.
    pub fn is_accepted(&self) -> bool {
        self.attempts.last().is_some_and(Attempt::is_accepted)
    }

    /// The status that each attempt was answered with; 0 where there was no answer.
    pub fn statuses(&self) -> Vec<u16> {
        self.attempts.iter().map(|attempt| attempt.status().map_or(0, |status| status.as_u16())).collect()
    }
}

/// One attempt of a delivery.
#[derive(Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// 1 for the first.
    pub number: u32,
    /// When it began, by the [`SimulatorClock`](super::SimulatorClock), counted from the first.
    pub at: Duration,
    /// How long it took until the answer was there, or until it was given up: in real time.
    pub took: Duration,
    /// The answer, or why there is none.
    pub result: Result<Answer, SendError>,
    /// What the provider does next.
    pub next: NextAttempt,
}

impl Attempt {
    /// The status of the answer, if there is one.
    pub fn status(&self) -> Option<StatusCode> {
        self.result.as_ref().ok().map(|answer| answer.status)
    }

    /// Whether it was answered 2xx.
    pub fn is_accepted(&self) -> bool {
        self.status().is_some_and(|status| status.is_success())
    }
}

/// What a provider does after an attempt, as far as its page says. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NextAttempt {
    /// Nothing: it was accepted.
    None,
    /// It tries again after this time.
    After(Duration),
    /// It tries again, and its page does not say when.
    Undocumented,
    /// Its page says nothing of retries.
    Unknown,
    /// It gives the delivery up.
    GivenUp,
}

impl NextAttempt {
    /// What comes after the attempt `number`, of which the first is 1, if that failed.
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

/// For people: `again after 30s`.
impl fmt::Display for NextAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("accepted"),
            Self::After(delay) => write!(f, "again after {delay:?}"),
            Self::Undocumented => f.write_str("again, and it is not documented when"),
            Self::Unknown => f.write_str("not documented"),
            Self::GivenUp => f.write_str("given up"),
        }
    }
}
