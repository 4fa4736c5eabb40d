//! A delivery of any provider that the worker gives to a handler.

use std::{fmt, time::SystemTime};

use bytes::Bytes;
use countersign_core::{
    Delivery, Trust,
    dedupe::DeliveryKey,
    provider::Provider,
    seal::{Contents, SealError, SealKeys, Sealed},
};

use crate::{
    received::time,
    store::{Claimed, RowId},
};

/// A delivery that was stored, of any provider: see [`Inbox::on_any`](crate::Inbox::on_any).
///
/// It was verified when it was received, and nothing of it has changed since: its row in the store is
/// sealed. Its event is not read; [`open`](Self::open) reads it.
pub struct ReceivedAny {
    sealed: Sealed,
    keys: SealKeys,
    contents: Contents,
    id: RowId,
    attempt: u32,
    is_last: bool,
}

impl ReceivedAny {
    pub(crate) fn open_any(claimed: &Claimed, keys: &SealKeys, attempts: u32) -> Result<Self, SealError> {
        Ok(Self {
            contents: claimed.sealed.contents(keys)?,
            sealed: claimed.sealed.clone(),
            keys: keys.clone(),
            id: claimed.claim.id,
            attempt: claimed.claim.attempt,
            is_last: claimed.claim.attempt >= attempts,
        })
    }

    /// Reads the delivery as one of `P`.
    ///
    /// # Errors
    ///
    /// Returns an error if it is of another provider, or if its body cannot be read as an event.
    pub fn open<P: Provider>(&self) -> Result<Delivery<P>, SealError> {
        self.sealed.open(&self.keys)
    }

    /// Returns the provider's short name, such as `stripe`.
    pub fn provider(&self) -> &str {
        &self.sealed.columns().provider
    }

    /// Returns the event's name; empty if it has none.
    pub fn event_name(&self) -> &str {
        &self.sealed.columns().event
    }

    /// Returns the tenant whose secret matched.
    pub fn tenant(&self) -> Option<&str> {
        self.sealed.columns().tenant.as_deref()
    }

    /// Returns the ID of the event's resource.
    pub fn resource_id(&self) -> Option<&str> {
        self.contents.resource.as_deref()
    }

    /// Returns the raw body, as it was received.
    pub fn body(&self) -> &Bytes {
        &self.contents.body
    }

    /// Returns the confirmed event as JSON, if a third party confirmed it: rely on it, and not on the body.
    pub fn confirmed(&self) -> Option<&Bytes> {
        self.contents.confirmed.as_ref()
    }

    /// Returns how far the delivery was verified.
    pub fn trust(&self) -> Trust {
        self.contents.trust
    }

    /// Returns the key under which the store knows the delivery: see
    /// [`Received::delivery_key`](crate::Received::delivery_key).
    pub fn delivery_key(&self) -> DeliveryKey {
        self.sealed.columns().key
    }

    /// Returns the number of the row, as `countersign inbox` shows it.
    pub fn row(&self) -> RowId {
        self.id
    }

    /// Returns the time at which the delivery was received and stored.
    pub fn received_at(&self) -> SystemTime {
        time(self.sealed.columns().received_at)
    }

    /// Returns the number of this attempt, from 1 on.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Returns whether this is the last attempt: if it fails, the delivery is a dead letter.
    pub fn is_last_attempt(&self) -> bool {
        self.is_last
    }
}

/// `Debug` does not show the body.
impl fmt::Debug for ReceivedAny {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceivedAny")
            .field("provider", &self.provider())
            .field("event", &self.event_name())
            .field("row", &self.id)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}
