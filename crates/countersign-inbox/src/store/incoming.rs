//! What a store takes, and what it answers.

use countersign_core::seal::Sealed;

use super::{RowId, State};

/// A delivery to store.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Incoming {
    /// The sealed delivery.
    pub sealed: Sealed,
    /// Why it cannot be handled, if its body cannot be read: it is dead from the start.
    pub unreadable: Option<String>,
    /// Until when its key is kept, at least.
    pub keep_until: i64,
    /// Whether it waits for older deliveries about the same resource.
    pub is_ordered: bool,
}

impl Incoming {
    /// Creates a delivery to store.
    pub fn new(sealed: Sealed, keep_until: i64) -> Self {
        Self { sealed, unreadable: None, keep_until, is_ordered: false }
    }
}

/// What a store did with a delivery. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stored {
    /// It is stored now.
    New,
    /// One with its key was stored before, and is not changed.
    Duplicate(Known),
}

/// A delivery that was stored before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Known {
    /// The row.
    pub row: RowId,
    /// Its state.
    pub state: State,
    /// Whether its body is known to be [another one](Sealed::has_other_body).
    pub has_other_body: bool,
}

impl Known {
    /// Creates it.
    pub const fn new(row: RowId, state: State, has_other_body: bool) -> Self {
        Self { row, state, has_other_body }
    }
}
