//! A verified delivery. If a value of these types exists, it was verified.

use std::{
    fmt,
    marker::PhantomData,
    time::{Duration, SystemTime},
};

use bytes::Bytes;

use crate::{
    error::Rejection,
    event::{Envelope, Event},
    once::DeliveryId,
    provider::{Identity, Provider},
    secret::MatchedSecret,
    trust::Trust,
};

/// A delivery whose proof was verified, and whose event was not read yet.
///
/// Only a [`Verifier`](crate::Verifier) makes one: its existence is the proof.
pub struct Verified<P: Provider> {
    body: Bytes,
    trust: Trust,
    matched: MatchedSecret,
    sent_at: Option<SentAt>,
    provider: PhantomData<fn() -> P>,
}

impl<P: Provider> Verified<P> {
    #[inline]
    pub(super) fn new(body: Bytes, matched: MatchedSecret, sent_at: Option<SentAt>) -> Self {
        Self { body, trust: Trust::of(P::SCHEME), matched, sent_at, provider: PhantomData }
    }

    /// Returns the raw body, byte for byte as received.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Returns how strongly the delivery was proven.
    pub fn trust(&self) -> Trust {
        self.trust
    }

    /// Returns which of the accepted secrets matched.
    pub fn matched_secret(&self) -> &MatchedSecret {
        &self.matched
    }

    /// Returns when the provider sent this attempt: see [`Delivery::sent_at`].
    pub fn sent_at(&self) -> Option<SentAt> {
        self.sent_at
    }

    /// Reads the event.
    ///
    /// # Errors
    ///
    /// Returns an [`Undecodable`](crate::RejectionKind::Undecodable) rejection if the body is not
    /// JSON, has no `event`, or has a documented field of another type. An unknown event is not an
    /// error.
    pub fn read(self) -> Result<Delivery<P>, Rejection> {
        let event = P::Event::decode(&self.body).map_err(Rejection::undecodable)?;
        Ok(Delivery::new(self, event))
    }
}

impl<P: Provider> fmt::Debug for Verified<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.debug("Verified", f)
    }
}

impl<P: Provider> Verified<P> {
    fn debug(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name)
            .field("provider", &P::NAME)
            .field("body", &format_args!("[{} bytes]", self.body.len()))
            .field("trust", &self.trust)
            .field("matched_secret", &self.matched)
            .finish_non_exhaustive()
    }
}

/// A verified delivery and its event.
///
/// Only a [`Verifier`](crate::Verifier) makes one: its existence is the proof. In a handler, the
/// `Webhook` extractor gives access to it, and has all of these methods.
pub struct Delivery<P: Provider> {
    verified: Verified<P>,
    event: P::Event,
}

impl<P: Provider> Delivery<P> {
    pub(super) fn new(verified: Verified<P>, event: P::Event) -> Self {
        Self { verified, event }
    }

    /// Takes the delivery apart, for its confirmation.
    pub(super) fn into_parts(self) -> (Verified<P>, P::Event) {
        (self.verified, self.event)
    }

    /// The delivery with the event that was confirmed.
    pub(super) fn confirmed(mut verified: Verified<P>, event: P::Event) -> Self {
        verified.trust = verified.trust.max(Trust::Confirmed);
        Self { verified, event }
    }

    /// Returns the typed event.
    pub fn event(&self) -> &P::Event {
        &self.event
    }

    /// Returns the typed event by value.
    pub fn into_event(self) -> P::Event {
        self.event
    }

    /// Returns the event's name, as in the JSON.
    pub fn event_name(&self) -> &str {
        self.event.name()
    }

    /// Returns what equal deliveries have in common, which deduplication uses: see [`DeliveryId`].
    /// `None` for the provider's test events: they look alike, and must not be taken for
    /// duplicates.
    pub fn delivery_id(&self) -> Option<DeliveryId> {
        let is_documented = P::Event::NAMES.contains(&self.event.name());
        let envelope = Envelope::new(self.event.name(), self.event.resource_id(), is_documented);
        match P::identity(&envelope) {
            Identity::Id(id) => Some(DeliveryId::named(self.event.name(), id)),
            Identity::Body => Some(DeliveryId::of_body(&self.verified.body)),
            Identity::Test => None,
        }
    }

    /// Returns the ID of the event's resource, also for unknown events; `None` if it has none, or
    /// if it is not a text. Do not deduplicate by it: use [`delivery_id`](Self::delivery_id).
    pub fn resource_id(&self) -> Option<&str> {
        self.event.resource_id()
    }

    /// Returns the raw body, byte for byte as received. If the delivery was
    /// [confirmed](Trust::Confirmed), the event was confirmed and the body was not.
    pub fn body(&self) -> &Bytes {
        &self.verified.body
    }

    /// Returns how strongly the delivery was proven.
    pub fn trust(&self) -> Trust {
        self.verified.trust
    }

    /// Returns which of the accepted secrets matched. A previous one can be removed once it no
    /// longer does.
    pub fn matched_secret(&self) -> &MatchedSecret {
        &self.verified.matched
    }

    /// Returns when the provider sent this attempt, if the delivery says so.
    ///
    /// Of the five, only GeoScored says it (`X-GeoScored-Timestamp`), and does not sign it. `None`
    /// if it is missing, repeated, or not a number.
    pub fn sent_at(&self) -> Option<SentAt> {
        self.verified.sent_at
    }
}

impl<P: Provider> Clone for Delivery<P> {
    fn clone(&self) -> Self {
        let Verified { body, trust, matched, sent_at, provider } = &self.verified;
        let (body, matched) = (body.clone(), matched.clone());
        let verified = Verified { body, trust: *trust, matched, sent_at: *sent_at, provider: *provider };
        Self { verified, event: self.event.clone() }
    }
}

impl<P: Provider> fmt::Debug for Delivery<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.verified.debug("Delivery", f)
    }
}

/// When the provider sent an attempt. More kinds may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SentAt {
    /// The proof does **not** cover this time: an attacker can change it. It is information, never
    /// a defence against replay.
    Unsigned(SystemTime),
}

impl SentAt {
    /// Reads seconds since the Unix epoch outside of the proof.
    pub(super) fn unsigned(value: &[u8]) -> Option<Self> {
        let seconds = std::str::from_utf8(value).ok()?.parse().ok()?;
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)).map(Self::Unsigned)
    }
}
