//! How a state is written.

use crate::store::State;

pub(crate) const fn number(state: State) -> i64 {
    match state {
        State::Ready => 0,
        State::Claimed => 1,
        State::Done => 2,
        State::Dead => 3,
    }
}

/// Reads a state. The tables have no other.
pub(crate) fn state(written: Option<i64>) -> State {
    State::ALL.into_iter().find(|&state| written == Some(number(state))).unwrap_or(State::Dead)
}

/// Reads a number of times.
pub(crate) fn clamped(number: i64) -> u32 {
    u32::try_from(number.max(0)).unwrap_or(u32::MAX)
}
