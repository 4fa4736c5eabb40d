//! The identity of a delivery for deduplication.

/// The identity of a delivery for deduplication, in addition to the event's name. More may be
/// added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Identity<'a> {
    /// This ID.
    Id(&'a str),
    /// The whole body, because no ID is usable.
    Body,
    /// Nothing. Test events can be equal, and are never duplicates.
    Test,
}
