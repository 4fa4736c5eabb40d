//! A verified delivery. A value of these types exists only if it was verified.

use std::{
    fmt,
    marker::PhantomData,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use serde::de::DeserializeOwned;

use super::noted::Noted;
use crate::{
    error::{DecodeError, Rejection},
    event::{Event, Message, ProviderEvent, from_form, from_json},
    form::json_of,
    once::DeliveryKey,
    proof::Proven,
    provider::Provider,
    scheme::Scheme,
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
    noted: Noted,
    /// The scheme that matched.
    scheme: &'static Scheme,
    is_sorted: bool,
    /// Whether the event is not the body's but the confirmed one.
    has_confirmed_event: bool,
    /// Whether a layer deduplicates it, and its key there.
    admitted: Option<Option<DeliveryKey>>,
    provider: PhantomData<fn() -> P>,
}

impl<P: Provider> Verified<P> {
    #[inline]
    pub(super) fn new(body: Bytes, proven: Proven, mut noted: Noted) -> Self {
        noted.sent_at = proven.sent_at.map(SentAt::Signed).or(noted.sent_at);
        let Proven { matched, scheme, is_sorted, .. } = proven;
        Self::reopened(body, Trust::of(scheme), matched, noted, scheme, is_sorted)
    }

    /// One that was verified before, and sealed since.
    #[inline]
    pub(super) fn reopened(
        body: Bytes,
        trust: Trust,
        matched: MatchedSecret,
        noted: Noted,
        scheme: &'static Scheme,
        is_sorted: bool,
    ) -> Self {
        let (has_confirmed_event, admitted, provider) = (false, None, PhantomData);
        Self { body, trust, matched, noted, scheme, is_sorted, has_confirmed_event, admitted, provider }
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
        self.noted.sent_at
    }

    pub(super) fn read_event(&self) -> Result<P::Event, DecodeError> {
        P::Event::from_message(&Message::new(P::NAME, &self.body, const { json_field::<P>() }, self))
    }

    pub(super) fn noted(&self) -> &Noted {
        &self.noted
    }

    pub(super) fn scheme(&self) -> &'static Scheme {
        self.scheme
    }

    pub(super) fn has_confirmed_event(&self) -> bool {
        self.has_confirmed_event
    }

    pub(super) fn is_sorted(&self) -> bool {
        self.is_sorted
    }

    pub(super) fn admitted(&self) -> Option<Option<DeliveryKey>> {
        self.admitted
    }

    pub(super) fn admit(&mut self, key: Option<DeliveryKey>) {
        self.admitted = Some(key);
    }

    /// Reads the event.
    ///
    /// # Errors
    ///
    /// Returns an [`Undecodable`](crate::RejectionKind::Undecodable) rejection if the body cannot be
    /// decoded: see [`ProviderEvent::decode`]. An unknown event, or a field that is not as
    /// documented, is not an error.
    pub fn read(self) -> Result<Delivery<P>, Rejection> {
        let event = self.read_event().map_err(Rejection::from)?;
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

/// The form field that has the JSON of a page's deliveries, if it is in one.
pub(super) const fn json_field<P: Provider>() -> Option<&'static str> {
    if let Some(place) = P::EVENT
        && let Some((name, _)) = place.as_json_in_form()
    {
        return Some(name);
    }
    P::SCHEME.json_field()
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
    pub(super) fn verified(&self) -> &Verified<P> {
        &self.verified
    }

    pub(super) fn verified_mut(&mut self) -> &mut Verified<P> {
        &mut self.verified
    }

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
        verified.has_confirmed_event = true;
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

    /// Returns the event's name: from the body, or from the header that the page names. It is empty
    /// if there is none.
    pub fn event_name(&self) -> &str {
        self.event.name()
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

    /// Reads the body as a JSON value of the type `T`, such as your own struct. If the provider
    /// sends JSON in a [form field](crate::provider::Place::json_in_form), reads that field.
    ///
    /// # Errors
    ///
    /// Returns an error if the body is not JSON, or not a `T`. The message has no part of the body.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        from_json(&json_of(&self.verified.body, const { json_field::<P>() }))
    }

    /// Reads the body as a form (`application/x-www-form-urlencoded`) of the type `T`: see
    /// [`Form`](crate::Form).
    ///
    /// # Errors
    ///
    /// Returns an error if the body is not a `T`, or not UTF-8. The message has no part of the body.
    pub fn form<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        from_form(&self.verified.body)
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
    /// Stripe, Slack and others sign it. GeoScored, for example, sends it (`X-GeoScored-Timestamp`)
    /// but does not sign it: it is then `None` if it is missing, repeated, or not a number.
    pub fn sent_at(&self) -> Option<SentAt> {
        self.verified.noted.sent_at
    }
}

impl<P: Provider> Clone for Delivery<P> {
    fn clone(&self) -> Self {
        let verified = &self.verified;
        let (body, matched, noted) = (verified.body.clone(), verified.matched.clone(), verified.noted.clone());
        let verified = Verified { body, matched, noted, ..*verified };
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
    /// The proof covers this time, and it is within the tolerance.
    Signed(SystemTime),
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
