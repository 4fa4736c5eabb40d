use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard},
    time::{Duration, Instant},
};

use countersign_core::dedupe::{Claim, ClaimStore, DeliveryKey, LeaseState, LeaseToken, StoreResult};

/// A table with one row per delivery.
#[derive(Default)]
pub struct Table(Mutex<HashMap<DeliveryKey, Row>>);

struct Row {
    /// The holder of the lease; `None` once the delivery is committed.
    holder: Option<LeaseToken>,
    /// `None` if that is beyond what an `Instant` can hold.
    expires: Option<Instant>,
}

impl Row {
    fn new(holder: Option<LeaseToken>, time: Duration) -> Self {
        Self { holder, expires: Instant::now().checked_add(time) }
    }

    fn has_expired(&self) -> bool {
        self.expires.is_some_and(|expires| expires <= Instant::now())
    }
}

impl Table {
    fn rows(&self) -> StoreResult<MutexGuard<'_, HashMap<DeliveryKey, Row>>> {
        self.0.lock().map_err(|_| "the table is poisoned".into())
    }

    /// Replaces the row of `key` if `token` holds its lease, as one step.
    fn replace(&self, key: DeliveryKey, token: LeaseToken, row: Option<Row>) -> StoreResult<LeaseState> {
        let mut rows = self.rows()?;
        if !rows.get(&key).is_some_and(|row| row.holder == Some(token) && !row.has_expired()) {
            return Ok(LeaseState::Lost);
        }
        match row {
            Some(row) => rows.insert(key, row),
            None => rows.remove(&key),
        };
        Ok(LeaseState::Held)
    }
}

impl ClaimStore for Table {
    async fn claim(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> StoreResult<Claim> {
        let mut rows = self.rows()?;
        match rows.get(&key).filter(|row| !row.has_expired()) {
            Some(row) if row.holder.is_some() => Ok(Claim::InFlight),
            Some(_) => Ok(Claim::Done),
            None => {
                rows.insert(key, Row::new(Some(token), lease));
                Ok(Claim::New)
            }
        }
    }

    async fn renew(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> StoreResult<LeaseState> {
        self.replace(key, token, Some(Row::new(Some(token), lease)))
    }

    async fn commit(&self, key: DeliveryKey, token: LeaseToken, retention: Duration) -> StoreResult<LeaseState> {
        self.replace(key, token, Some(Row::new(None, retention)))
    }

    async fn release(&self, key: DeliveryKey, token: LeaseToken) -> StoreResult<LeaseState> {
        self.replace(key, token, None)
    }
}
