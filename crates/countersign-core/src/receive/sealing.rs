//! The way of a verified delivery out of the process, and back.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::{
    delivery::{Delivery, SentAt, Verified},
    extraction::Received,
    noted::Noted,
};
use crate::{
    error::{DecodeError, SealError},
    once::{By, DeliveryKey, Meta, SealKeys, Sealed, SealedColumns, Sent, Trusted, note},
    provider::Provider,
    secret::MatchedSecret,
    trust::Trust,
};

impl<P: Provider> Delivery<P> {
    /// Returns the key under which a store knows the delivery: see [`DeliveryKey`]. `None` for
    /// deliveries that may be equal without being duplicates, such as test events, and for a delivery that
    /// was [sealed](Sealed) before. (Its key is among the columns.)
    ///
    /// `namespace` and `endpoint` are those of [`Dedupe`](crate::dedupe::Dedupe).
    pub fn key(&self, namespace: &str, endpoint: &str) -> Option<DeliveryKey> {
        DeliveryKey::new(namespace, endpoint, P::NAME, self.matched_secret(), &self.delivery_id()?)
    }

    /// Seals the delivery, to store it under `key`. `received_at` is now, unless it was received before.
    ///
    /// # Errors
    ///
    /// Returns an error if the keys encrypt, and the operating system has no random numbers.
    pub fn seal(&self, keys: &SealKeys, key: DeliveryKey, received_at: SystemTime) -> Result<Sealed, SealError> {
        // An event that cannot be written cannot be read either: the body must not take its place.
        let confirmed = self.verified().has_confirmed_event();
        let confirmed = confirmed.then(|| serde_json::to_vec(self.event()).unwrap_or_default().into());
        let columns = SealedColumns {
            event: self.event_name().to_owned(),
            resource: self.resource_id().map(str::to_owned),
            confirmed,
            ..self.verified().columns(key, received_at)
        };
        Sealed::new(keys, columns, self.verified().meta())
    }
}

impl<P: Provider> Received<P> {
    /// Says that an inbox stores the deliveries of `P`. A warning is logged if a layer claims them, too: the
    /// inbox deduplicates.
    pub fn expect_to_store() {
        note(P::NAME, By::Inbox);
    }

    /// Returns the key like [`Delivery::key`]. A delivery whose body cannot be read has one, too.
    pub fn key(&self, namespace: &str, endpoint: &str) -> Option<DeliveryKey> {
        DeliveryKey::new(namespace, endpoint, P::NAME, self.matched_secret(), &self.delivery_id()?)
    }

    /// Seals the delivery like [`Delivery::seal`], also if its body cannot be read.
    ///
    /// # Errors
    ///
    /// Returns an error like [`Delivery::seal`].
    pub fn seal(&self, keys: &SealKeys, key: DeliveryKey, received_at: SystemTime) -> Result<Sealed, SealError> {
        match self {
            Self::Read(delivery) => delivery.seal(keys, key, received_at),
            Self::Unreadable(unreadable) => {
                let verified = unreadable.verified();
                Sealed::new(keys, verified.columns(key, received_at), verified.meta())
            }
        }
    }
}

impl Sealed {
    /// Checks the seal, and returns the delivery as it was verified.
    ///
    /// Its [matched secret](Delivery::matched_secret) is the one of that time: the secret may have been
    /// removed since.
    ///
    /// # Errors
    ///
    /// Returns an error if the seal does not match, if the delivery is of another provider, if its body was
    /// purged, or if its body cannot be read as an event.
    pub fn open<P: Provider>(&self, keys: &SealKeys) -> Result<Delivery<P>, SealError> {
        let opened = self.opened(keys, Some(P::NAME))?;
        let (meta, tenant) = (opened.meta, self.columns().tenant.as_deref());
        let matched = MatchedSecret::reopened(meta.secret, meta.is_current, meta.label.as_deref(), tenant);
        let noted = Noted::reopened(meta.sent_at.and_then(read_time), meta.event.as_deref(), meta.id.as_deref());
        let scheme = const { &P::SCHEME };
        // The page may have another list by now.
        let scheme = scheme.listed().get(meta.scheme).unwrap_or(scheme);
        let verified = Verified::<P>::reopened(opened.body, meta.trust.into(), matched, noted, scheme, meta.is_sorted);
        match opened.confirmed {
            Some(event) => {
                let event = serde_json::from_slice::<P::Event>(&event).map_err(DecodeError::from)?;
                Ok(Delivery::confirmed(verified, event))
            }
            None => {
                let event = verified.read_event()?;
                Ok(Delivery::new(verified, event))
            }
        }
    }
}

impl<P: Provider> Verified<P> {
    fn columns(&self, key: DeliveryKey, received_at: SystemTime) -> SealedColumns {
        SealedColumns {
            key,
            provider: P::NAME.to_owned(),
            tenant: self.matched_secret().tenant().map(str::to_owned),
            event: String::new(),
            resource: None,
            received_at: milliseconds(received_at),
            body: Some(self.body().clone()),
            confirmed: None,
            meta: bytes::Bytes::new(),
            seal: bytes::Bytes::new(),
        }
    }

    fn meta(&self) -> Meta {
        let matched = self.matched_secret();
        let (event, id) = self.noted().texts();
        Meta {
            trust: match self.trust() {
                Trust::TokenOnly => Trusted::TokenOnly,
                Trust::Unbound => Trusted::Unbound,
                Trust::Confirmed => Trusted::Confirmed,
                Trust::Signed => Trusted::Signed,
            },
            scheme: P::SCHEME.listed().iter().position(|scheme| scheme == self.scheme()).unwrap_or_default(),
            is_sorted: self.is_sorted(),
            secret: matched.position(),
            is_current: matched.is_current(),
            label: matched.label().map(str::to_owned),
            sent_at: self.sent_at().map(|sent_at| match sent_at {
                SentAt::Signed(time) => Sent { at: milliseconds(time), is_signed: true },
                SentAt::Unsigned(time) => Sent { at: milliseconds(time), is_signed: false },
            }),
            event,
            id,
            resource: None,
        }
    }
}

/// A time before the Unix epoch is negative. What fits no integer is at its end.
fn milliseconds(time: SystemTime) -> i64 {
    let of = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => of(since),
        Err(before) => of(before.duration()).saturating_neg(),
    }
}

fn read_time(sent: Sent) -> Option<SentAt> {
    let distance = Duration::from_millis(sent.at.unsigned_abs());
    let time = if sent.at < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) }?;
    Some(if sent.is_signed { SentAt::Signed(time) } else { SentAt::Unsigned(time) })
}

#[cfg(test)]
#[path = "sealing_tests.rs"]
mod tests;

#[cfg(all(test, feature = "encryption"))]
#[path = "encryption_tests.rs"]
mod encryption_tests;
