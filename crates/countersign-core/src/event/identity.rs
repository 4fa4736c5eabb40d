//! The identity of a delivery for deduplication.

/// The identity of a delivery for deduplication. More may be added.
///
/// [`Id`](Self::Id) and [`Occurrence`](Self::Occurrence) are together with the event's name, if an
/// attacker cannot change it. An ID that is empty identifies nothing: such a delivery is identified by
/// its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Identity<'a> {
    /// This ID, by itself: the provider's page names it as the key to deduplicate on. A later
    /// delivery of the same event with the same ID is a duplicate.
    Id(&'a str),
    /// This ID, and the time of the event ([`OCCURRED_AT`](crate::provider::Provider::OCCURRED_AT)).
    /// The page does not say that an ID comes only once, so the same event at another time is
    /// another delivery. If a delivery lacks the time, the ID by itself. If the time cannot be read,
    /// or the page names no time that the proof covers, the body.
    Occurrence(&'a str),
    /// The signed fields, if the proof covers nothing but fields of the body: an attacker who
    /// recorded a delivery can put its proof into other bodies, and all of them are this delivery.
    /// Use it if no two events have equal signed fields. If the proof covers something else, the
    /// whole body.
    SignedFields,
    /// The whole body, because no ID is usable. If the scheme signs a sorted form, the sorted form.
    Body,
    /// Nothing: deliveries can be equal without being duplicates. For test events, and for a
    /// provider that only says that something changed.
    None,
}
