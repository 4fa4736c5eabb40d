//! The state of one key in the ledger, and the answers that agree with it.

use countersign::dedupe::{Claim, LeaseState, LeaseToken};
use tokio::time::Instant;

/// A lease or a handled delivery, and when it expires.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) token: LeaseToken,
    pub(crate) is_done: bool,
    pub(crate) end: Instant,
}

/// Returns the error in the answer to a call with `token`. An expired entry is `None`.
pub(crate) fn wrong_end(entry: Option<Entry>, token: LeaseToken, state: LeaseState) -> Option<&'static str> {
    let is_held = entry.is_some_and(|entry| entry.token == token && !entry.is_done);
    match state {
        LeaseState::Held if !is_held => Some("I8: a worker that lost its lease ends it"),
        LeaseState::Lost if is_held => Some("the holder of a lease is told that it is lost"),
        _ => None,
    }
}

/// Returns the error in the answer to a claim. An expired entry is `None`.
pub(crate) fn wrong_claim(entry: Option<Entry>, claim: Claim) -> Option<&'static str> {
    let expected = match entry {
        None => Claim::New,
        Some(entry) if entry.is_done => Claim::Done,
        Some(_) => Claim::InFlight,
    };
    (claim != expected).then_some("I2, I3: a claim does not get the state that was left")
}
