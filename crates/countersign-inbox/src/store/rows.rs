//! Rows, to show them.

use std::fmt;

use countersign_core::seal::Sealed;

/// The number of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(clippy::exhaustive_structs, reason = "a number, and never more")]
pub struct RowId(pub i64);

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The state of a row. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum State {
    /// It waits until it is due.
    Ready,
    /// A worker handles it.
    Claimed,
    /// It was handled.
    Done,
    /// It was given up: a dead letter.
    Dead,
}

impl State {
    /// All states.
    pub const ALL: [Self; 4] = [Self::Ready, Self::Claimed, Self::Done, Self::Dead];

    /// Returns its name: `ready`, `claimed`, `done`, `dead`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Claimed => "claimed",
            Self::Done => "done",
            Self::Dead => "dead",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which rows: those that match everything that is set (default: all).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Filter {
    /// This row only.
    pub id: Option<RowId>,
    /// The provider's short name.
    pub provider: Option<String>,
    /// The tenant.
    pub tenant: Option<String>,
    /// The event's name.
    pub event: Option<String>,
    /// The ID of the event's resource, as it may be written: see
    /// [`SealKeys::resources`](countersign_core::seal::SealKeys::resources). Any of them matches; none is no
    /// condition.
    pub resources: Vec<String>,
    /// The state.
    pub state: Option<State>,
    /// Received before this time.
    pub before: Option<i64>,
    /// Received at this time or later.
    pub since: Option<i64>,
    /// A text in one of the errors.
    pub error: Option<String>,
}

impl Filter {
    /// All rows in a state.
    pub fn in_state(state: State) -> Self {
        Self { state: Some(state), ..Self::default() }
    }
}

/// A row, to show it. Its delivery is not opened: do not rely on it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Row {
    /// Its number.
    pub id: RowId,
    /// The delivery.
    pub sealed: Sealed,
    /// Its state.
    pub state: State,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is due.
    pub due: i64,
    /// When it was handled or given up.
    pub settled: Option<i64>,
    /// How often an equal delivery came again.
    pub duplicates: u32,
    /// How often its process died while it ran alone.
    pub deaths: u32,
    /// The errors of its attempts, the oldest first.
    pub errors: Vec<AttemptError>,
    /// How many bytes its body and its confirmed event have; `None` once they are purged.
    pub bytes: Option<u64>,
}

/// The error of an attempt.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct AttemptError {
    /// The number of the attempt.
    pub attempt: u32,
    /// The time, in milliseconds since the Unix epoch.
    pub at: i64,
    /// What went wrong.
    pub why: String,
}

impl AttemptError {
    /// Creates the error of an attempt.
    pub fn new(attempt: u32, at: i64, why: impl Into<String>) -> Self {
        Self { attempt, at, why: why.into() }
    }
}

/// How many rows there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// In the state [`State::Ready`].
    pub ready: u64,
    /// In the state [`State::Claimed`].
    pub claimed: u64,
    /// In the state [`State::Done`].
    pub done: u64,
    /// In the state [`State::Dead`].
    pub dead: u64,
    /// When the oldest one that is not ended was received.
    pub oldest: Option<i64>,
}
