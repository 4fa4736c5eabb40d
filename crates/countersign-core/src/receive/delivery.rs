//! A verified delivery. A value of these types exists only if it was verified.

use std::{
    fmt,
    marker::PhantomData,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use jiff::Timestamp;

use crate::{
    error::Rejection,
    event::{Envelope, Event, envelope::text, instant, shape},
    once::DeliveryId,
    provider::{Identity, Provider},
    secret::MatchedSecret,
    trust::Trust,
};

/// A verified delivery whose event is not read yet.
///
/// Only a [`Verifier`](crate::Verifier) creates one, so every value was verified.
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

    /// Returns the trust: how strongly the delivery was verified.
    pub fn trust(&self) -> Trust {
        self.trust
    }

    /// Returns the accepted secret that matched.
    pub fn matched_secret(&self) -> &MatchedSecret {
        &self.matched
    }

    /// Returns the time at which the provider sent this attempt: see [`Delivery::sent_at`].
    pub fn sent_at(&self) -> Option<SentAt> {
        self.sent_at
    }

    /// Reads the event.
    ///
    /// # Errors
    ///
    /// Returns an [`Undecodable`](crate::RejectionKind::Undecodable) rejection if the body cannot be
    /// decoded: see [`Event::decode`]. An unknown event, or a field that is not as documented, is not
    /// an error.
    pub fn read(self) -> Result<Delivery<P>, Rejection> {
        let event = P::Event::decode_from(P::NAME, &self.body).map_err(Rejection::undecodable)?;
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
/// Only a [`Verifier`](crate::Verifier) creates one, so every value was verified. In a handler, the
/// `Webhook` extractor dereferences to it and has all of these methods.
pub struct Delivery<P: Provider> {
    verified: Verified<P>,
    event: P::Event,
}

impl<P: Provider> Delivery<P> {
    pub(super) fn new(verified: Verified<P>, event: P::Event) -> Self {
        Self { verified, event }
    }

    /// Splits the delivery into its parts, for its confirmation.
    pub(super) fn into_parts(self) -> (Verified<P>, P::Event) {
        (self.verified, self.event)
    }

    /// Returns the delivery with the confirmed event.
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

    /// Returns the [`DeliveryId`] for deduplication. `None` for the provider's test events, which
    /// can be equal without being duplicates.
    pub fn delivery_id(&self) -> Option<DeliveryId> {
        let is_documented = P::Event::NAMES.contains(&self.event.name());
        let envelope = Envelope::new(self.event.name(), self.event.resource_id(), is_documented);
        let (id, time) = match P::identity(&envelope) {
            Identity::Id(id) => (id, None),
            // Two events whose times cannot be read may be two: only their bodies tell.
            Identity::Occurrence(id) => self.occurred_at().map_or(("", None), |time| (id, time)),
            Identity::Body => ("", None),
            Identity::Test => return None,
        };
        // A page may have given the ID of a field that the body does not have.
        Some(if id.is_empty() {
            DeliveryId::of_body(&self.verified.body)
        } else {
            DeliveryId::named(self.event.name(), id, time)
        })
    }

    /// The time of the event, if the proof covers it; `None` if it is there and cannot be read.
    fn occurred_at(&self) -> Option<Option<Timestamp>> {
        let path = const {
            match P::OCCURRED_AT {
                Some(place) if P::SCHEME.covers(place) => place.as_json(),
                _ => None,
            }
        };
        let Some(path) = path else { return Some(None) };
        if let Some(time) = text(&self.verified.body, path).ok()? {
            return instant(&time).map(Some);
        }
        // Most bodies without a time do not even have its name: that is found out without a copy.
        let name = path.rsplit('.').next().unwrap_or(path);
        let is_named = std::str::from_utf8(&self.verified.body).is_ok_and(|body| body.contains(name));
        let is_there = is_named && shape::of(&self.verified.body, path).is_some();
        (!is_there).then_some(None)
    }

    /// Returns the tenant whose secret matched: see
    /// [`Secrets::with_tenant`](crate::Secrets::with_tenant).
    pub fn tenant(&self) -> Option<&str> {
        self.verified.matched.tenant()
    }

    /// Returns the ID of the event's resource, also for unknown events: a string, or an integer as
    /// its decimal text. `None` if it is missing or unusable. Do not use it for deduplication: use [`delivery_id`](Self::delivery_id).
    pub fn resource_id(&self) -> Option<&str> {
        self.event.resource_id()
    }

    /// Returns the raw body, byte for byte as received. A [confirmation](Trust::Confirmed) confirms
    /// the event and not the body.
    pub fn body(&self) -> &Bytes {
        &self.verified.body
    }

    /// Returns the trust: how strongly the delivery was verified.
    pub fn trust(&self) -> Trust {
        self.verified.trust
    }

    /// Returns the accepted secret that matched. Remove a previous secret once deliveries no longer
    /// match it.
    pub fn matched_secret(&self) -> &MatchedSecret {
        &self.verified.matched
    }

    /// Returns the time at which the provider sent this attempt, if the delivery carries it.
    ///
    /// Of the supported providers, only GeoScored sends this time (`X-GeoScored-Timestamp`), and it
    /// does not sign it. `None` if it is missing, repeated, or not a number.
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

/// The time at which the provider sent an attempt. More kinds may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SentAt {
    /// The proof does **not** cover this time: an attacker can change it. Do not use it to prevent
    /// replays.
    Unsigned(SystemTime),
}

impl SentAt {
    /// Reads seconds since the Unix epoch outside of the proof.
    pub(super) fn unsigned(value: &[u8]) -> Option<Self> {
        let seconds = std::str::from_utf8(value).ok()?.parse().ok()?;
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)).map(Self::Unsigned)
    }
}
