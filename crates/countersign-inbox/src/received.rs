//! A delivery that the worker gives to a handler.

use std::{
    fmt,
    ops::Deref,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use countersign_core::{
    Delivery,
    dedupe::DeliveryKey,
    provider::Provider,
    seal::{SealError, SealKeys},
};

use crate::store::{Claimed, RowId};

/// A delivery that was stored, as a handler of an [`Inbox`](crate::Inbox) gets it. It dereferences to
/// [`Delivery`], with its event, its IDs and its trust.
///
/// It was verified when it was received, and nothing of it has changed since: its row in the store is
/// sealed. A handler may run more than once for one delivery, for example if its process is killed after
/// its work and before the store knows of it. [`delivery_key`](Self::delivery_key) is the same each time.
pub struct Received<P: Provider> {
    delivery: Delivery<P>,
    key: DeliveryKey,
    id: RowId,
    received_at: SystemTime,
    attempt: u32,
    is_last: bool,
}

impl<P: Provider> Received<P> {
    pub(crate) fn open(claimed: &Claimed, keys: &SealKeys, attempts: u32) -> Result<Self, SealError> {
        let columns = claimed.sealed.columns();
        Ok(Self {
            delivery: claimed.sealed.open::<P>(keys)?,
            key: columns.key,
            id: claimed.claim.id,
            received_at: time(columns.received_at),
            attempt: claimed.claim.attempt,
            is_last: claimed.claim.attempt >= attempts,
        })
    }

    /// Returns the delivery.
    pub fn delivery(&self) -> &Delivery<P> {
        &self.delivery
    }

    /// Returns the event by value.
    pub fn into_event(self) -> P::Event {
        self.delivery.into_event()
    }

    /// Returns the key under which the store knows the delivery: 32 bytes that no other delivery has, and
    /// that are the same in each attempt. Use it as an idempotency key.
    pub fn delivery_key(&self) -> DeliveryKey {
        self.key
    }

    /// Returns the number of the row, as `countersign inbox` shows it.
    pub fn row(&self) -> RowId {
        self.id
    }

    /// Returns the time at which the delivery was received and stored.
    pub fn received_at(&self) -> SystemTime {
        self.received_at
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

/// Milliseconds since the Unix epoch, as a time.
pub(crate) fn time(milliseconds: i64) -> SystemTime {
    let distance = Duration::from_millis(milliseconds.unsigned_abs());
    let time = if milliseconds < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) };
    time.unwrap_or(UNIX_EPOCH)
}

/// A time, as milliseconds since the Unix epoch.
pub(crate) fn milliseconds(time: SystemTime) -> i64 {
    let of = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => of(since),
        Err(before) => of(before.duration()).saturating_neg(),
    }
}

impl<P: Provider> Deref for Received<P> {
    type Target = Delivery<P>;

    fn deref(&self) -> &Delivery<P> {
        &self.delivery
    }
}

impl<P: Provider> fmt::Debug for Received<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received")
            .field("delivery", &self.delivery)
            .field("row", &self.id)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}
