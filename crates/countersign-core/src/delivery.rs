//! A verified delivery. If a value of this type exists, it was verified.

use std::{
    fmt::{self, Write},
    marker::PhantomData,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::{
    age::MaxAge,
    error::{DecodeError, ExtractionError, VerifyError},
    event::Event,
    proof,
    provider::{Identity, Provider},
    secret::MatchedSecret,
    trust::Trust,
};

/// One verified attempt to deliver a webhook.
///
/// Only a [`Verifier`](crate::Verifier) makes one: its existence is the proof.
pub struct Delivery<P: Provider> {
    body: Bytes,
    trust: Trust,
    matched: MatchedSecret,
    unverified_timestamp: Option<u64>,
    event: OnceLock<Result<Arc<P::Event>, DecodeError>>,
    provider: PhantomData<fn() -> P>,
}

impl<P: Provider> Delivery<P> {
    /// The delivery of a body whose proof held under `matched`, unless it is too old.
    pub(crate) fn proven(
        body: Bytes,
        matched: MatchedSecret,
        unverified_timestamp: Option<u64>,
        max_age: Option<&MaxAge>,
    ) -> Result<Self, VerifyError> {
        max_age.map_or(Ok(()), |max_age| max_age.check(&body))?;
        let trust = proof::trust::<P>();
        Ok(Self { body, trust, matched, unverified_timestamp, event: OnceLock::new(), provider: PhantomData })
    }

    /// The same delivery with its event, decoded already.
    pub(crate) fn with_event(mut self, event: P::Event, trust: Trust) -> Self {
        self.event = OnceLock::from(Ok(Arc::new(event)));
        self.trust = trust;
        self
    }

    /// The raw body, byte for byte as it came over the wire. Of a [confirmed](Trust::Confirmed) delivery it is the event
    /// that was confirmed, and not the body.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// How sure one may be that the delivery is the provider's.
    pub fn trust(&self) -> Trust {
        self.trust
    }

    /// Which of the accepted secrets verified it, so that one can tell when a previous one is out of use.
    pub fn matched_secret(&self) -> &MatchedSecret {
        &self.matched
    }

    /// When the provider says it sent this attempt, in seconds since the Unix epoch, from a header that **is not
    /// signed**: anybody on the way can have changed it. It is information, never a defence against replay.
    ///
    /// Only GeoScored sends one (`X-GeoScored-Timestamp`). `None` where it is absent, repeated or no number.
    pub fn unverified_timestamp(&self) -> Option<u64> {
        self.unverified_timestamp
    }

    /// The typed event. It is decoded when first asked for, and once; if it cannot be, that is traced once.
    ///
    /// # Errors
    ///
    /// [`Undecodable`](crate::VerifyErrorKind::Undecodable) if the body, genuine as it is, is not JSON, has no `event`,
    /// or has a documented field of another type. An unknown event name is no error.
    pub fn event(&self) -> Result<&P::Event, VerifyError> {
        self.shared_event().map(|event| &**event)
    }

    fn shared_event(&self) -> Result<&Arc<P::Event>, VerifyError> {
        let decode = || {
            let event = P::Event::decode(&self.body);
            if let Err(error) = &event {
                VerifyError::from(error.clone()).trace(P::NAME);
            }
            event.map(Arc::new)
        };
        match self.event.get_or_init(decode) {
            Ok(event) => Ok(event),
            Err(error) => Err(error.clone().into()),
        }
    }

    /// The typed event, by value; that it cannot be decoded is the caller's to trace.
    pub(crate) fn decode(&self) -> Result<P::Event, VerifyError> {
        match self.event.get() {
            Some(Ok(event)) => Ok(P::Event::clone(event)),
            _ => Ok(P::Event::decode(&self.body)?),
        }
    }

    /// What equal deliveries have in common: see [`Decoded::delivery_id`]. Of a body that cannot be decoded it is the digest.
    pub fn delivery_id(&self) -> Option<DeliveryId> {
        let Ok(event) = self.event() else { return Some(DeliveryId::of_body(&self.body)) };
        match P::identity(event) {
            Identity::Id(id) => Some(DeliveryId::named(event.name(), id)),
            Identity::Body => Some(DeliveryId::of_body(&self.body)),
            Identity::Test => None,
        }
    }

    /// What an adapter's extractor makes of the delivery that its middleware left, or did not leave, with the request.
    /// A missing delivery is traced here, with the provider's name.
    ///
    /// # Errors
    ///
    /// If there is no delivery, or its body cannot be decoded.
    pub fn extract(verified: Option<Arc<Self>>) -> Result<Decoded<P>, ExtractionError> {
        let Some(delivery) = verified else {
            let error = ExtractionError::MissingVerification { title: P::TITLE };
            let status = error.status();
            tracing::error!(target: "countersign", provider = P::NAME, reason = "missing_verification", status, "{error}");
            return Err(error);
        };
        let event = delivery.shared_event().cloned().map_err(ExtractionError::Undecodable)?;
        Ok(Decoded { delivery, event })
    }
}

impl<P: Provider> fmt::Debug for Delivery<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("provider", &P::NAME)
            .field("body", &format_args!("[{} bytes]", self.body.len()))
            .field("trust", &self.trust)
            .field("matched_secret", &self.matched)
            .finish_non_exhaustive()
    }
}

/// A verified delivery whose event is decoded: what the adapters' `Webhook` extractors give access to.
pub struct Decoded<P: Provider> {
    // Before `event`, so that `into_event` finds the last reference.
    delivery: Arc<Delivery<P>>,
    event: Arc<P::Event>,
}

impl<P: Provider> Decoded<P> {
    /// The typed event.
    pub fn event(&self) -> &P::Event {
        &self.event
    }

    /// The typed event, by value. It is cloned only while somebody else still holds the delivery.
    pub fn into_event(self) -> P::Event {
        drop(self.delivery);
        Arc::unwrap_or_clone(self.event)
    }

    /// What equal deliveries have in common, and what deduplication uses: see [`DeliveryId`].
    ///
    /// `None` for the provider's test events, which all look alike and must not be taken for duplicates.
    pub fn delivery_id(&self) -> Option<DeliveryId> {
        self.delivery.delivery_id()
    }

    /// The id that the provider's documentation gives the thing the event is about, also of unknown events; `None`
    /// where there is none, or where it is not a string. Not for deduplication: that is
    /// [`delivery_id`](Self::delivery_id).
    pub fn resource_id(&self) -> Option<&str> {
        self.event.resource_id()
    }

    /// The raw body, byte for byte as it came over the wire. Of a [confirmed](Trust::Confirmed) delivery it is the event
    /// that was confirmed, and not the body.
    pub fn body(&self) -> &Bytes {
        self.delivery.body()
    }

    /// How sure one may be that the delivery is the provider's.
    pub fn trust(&self) -> Trust {
        self.delivery.trust()
    }

    /// Which of the accepted secrets verified it.
    pub fn matched_secret(&self) -> &MatchedSecret {
        self.delivery.matched_secret()
    }

    /// When the provider says it sent this attempt; **not signed**: see [`Delivery::unverified_timestamp`].
    pub fn unverified_timestamp(&self) -> Option<u64> {
        self.delivery.unverified_timestamp()
    }
}

impl<P: Provider> Clone for Decoded<P> {
    fn clone(&self) -> Self {
        Self { delivery: Arc::clone(&self.delivery), event: Arc::clone(&self.event) }
    }
}

impl<P: Provider> fmt::Debug for Decoded<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.delivery, f)
    }
}

/// What equal deliveries have in common: the event's name and the id that the provider's documentation says to
/// deduplicate on or that names the thing, or where there is none, the SHA-256 digest of the body. Never empty.
///
/// Two ids are equal only if both parts are. Ids of different providers are not told apart by it: keep them apart.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeliveryId(Repr);

#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Repr {
    Named { event: Box<str>, id: Box<str> },
    Digest([u8; 32]),
}

impl DeliveryId {
    pub(crate) fn named(event: &str, id: &str) -> Self {
        Self(Repr::Named { event: event.into(), id: id.into() })
    }

    pub(crate) fn of_body(body: &[u8]) -> Self {
        Self(Repr::Digest(Sha256::digest(body).into()))
    }
}

/// `event/id`, or `sha256:` and the digest in hex. Different ids print differently, so that this text can be stored and
/// compared: `/` and `%` in an event's name are written `%2F` and `%25`.
impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Named { event, id } => {
                for character in event.chars() {
                    match character {
                        '%' => f.write_str("%25")?,
                        '/' => f.write_str("%2F")?,
                        other => f.write_char(other)?,
                    }
                }
                write!(f, "/{id}")
            }
            Repr::Digest(digest) => {
                f.write_str("sha256:")?;
                digest.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    }
}

impl fmt::Debug for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeliveryId({:?})", self.to_string())
    }
}
