//! What the books say of one key, and which answers agree with them.

use std::time::Duration;

use countersign::dedupe::{Claim, LeaseState, LeaseToken};
use tokio::time::Instant;

/// Servers count in milliseconds.
const ROUNDING: Duration = Duration::from_millis(3);

/// What is held: by whom, or done, and between when and when it runs out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) token: LeaseToken,
    pub(crate) is_done: bool,
    pub(crate) end: (Instant, Instant),
}

pub(crate) fn later((from, to): (Instant, Instant), time: Duration) -> (Instant, Instant) {
    (from + time, to + time)
}

impl Entry {
    /// Whether it had surely run out by then.
    fn was_over(&self, when: (Instant, Instant)) -> bool {
        when.0 > self.end.1 + ROUNDING
    }

    /// Whether it surely had not.
    fn was_held(&self, when: (Instant, Instant)) -> bool {
        when.1 + ROUNDING < self.end.0
    }
}

/// What is wrong with the answer to a call by `token`, who may hold the key.
pub(crate) fn wrong_end(
    entry: Option<&Entry>,
    token: LeaseToken,
    held: LeaseState,
    when: (Instant, Instant),
) -> Option<&'static str> {
    let own = entry.filter(|entry| entry.token == token && !entry.is_done);
    match held {
        LeaseState::Held if own.is_none_or(|entry| entry.was_over(when)) => Some("I8: a lease is ended by who lost it"),
        LeaseState::Lost if own.is_some_and(|entry| entry.was_held(when)) => Some("a lease is refused to its holder"),
        _ => None,
    }
}

/// What is wrong with the answer to a claim.
pub(crate) fn wrong_claim(entry: Option<&Entry>, claim: Claim, when: (Instant, Instant)) -> Option<&'static str> {
    let is_right = match claim {
        Claim::New => !entry.is_some_and(|entry| entry.was_held(when)),
        Claim::InFlight => entry.is_some_and(|entry| !entry.is_done && !entry.was_over(when)),
        Claim::Done => entry.is_some_and(|entry| entry.is_done && !entry.was_over(when)),
        _ => false,
    };
    (!is_right).then_some("I2, I3: a claim is answered as nobody left it")
}
