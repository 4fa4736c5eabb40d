//! What equal deliveries have in common.

/// What equal deliveries of an event have in common, in addition to the event's name. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Identity<'a> {
    /// This ID, and the event's name.
    Id(&'a str),
    /// The whole body: no ID is usable.
    Body,
    /// Nothing: test events look alike, and none is a duplicate.
    Test,
}
