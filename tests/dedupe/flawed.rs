//! A store with one flaw.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard},
    time::{Duration, Instant},
};

use countersign::dedupe::{Claim, ClaimStore, DeliveryKey, Forgotten, LeaseState, LeaseToken, StoreResult};
use tokio::task::yield_now;

type Entries = HashMap<[u8; 32], Entry>;

macro_rules! flaws {
    ($($flaw:ident,)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Flaw {
            None,
            /// A caller waits forever.
            Hangs,
            /// A caller waits forever after a call that was dropped.
            KeepsItsLockWhenDropped,
            $($flaw,)*
        }

        impl Flaw {
            /// Every flaw except those that make a caller wait forever.
            pub(crate) const ALL: &[Self] = &[$(Self::$flaw,)*];
        }
    };
}

flaws! {
    LeaseNeverEnds, LeaseEndsAtOnce, ClaimIsCheckThenAct, ClaimOfAnExpiredLeaseIsCheckThenAct,
    ClaimTakesAHeldLease, ClaimExtendsAHeldLease, ClaimExtendsARetention, ClaimShortensARetention,
    SameTokenClaimsAgain, ClaimOfACommittedDeliveryIsInFlight, CommitWithoutToken, CommitAfterTheLease, CommitAgain,
    CommitKeepsTheLease, CommitWithinTheLease, CommitForever, CommitDoesNothing, CommitIsCheckThenAct,
    ReleaseWithoutToken, ReleaseOfACommittedDelivery, ReleaseAfterTheLease, ReleaseDoesNothing, ReleaseIsDone,
    ReleaseIsCheckThenAct, RenewWithoutToken, RenewAfterTheLease, RenewForgetsACommit, RenewDoesNothing,
    RenewAddsToTheLease, RenewNeverShortens, RenewIsCheckThenAct, HalfTheKey, LastByteOfTheKeyIgnored,
    PanicsForever, NoTimeIsForever, Fails, ForgetEndsALease, ForgetDoesNothing, ForgetSaysNotFound, ForgetForgetsAll,
    ForgetOfAnUnknownDeliveryIsRemoved,
}

pub(crate) struct Flawed {
    flaw: Flaw,
    entries: Mutex<Entries>,
    lock: tokio::sync::Semaphore,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    /// The lease's token, and whether it is done.
    token: LeaseToken,
    is_done: bool,
    end: Option<Instant>,
}

impl Entry {
    fn has_expired(&self) -> bool {
        self.end.is_some_and(|end| end <= Instant::now())
    }
}

impl Flawed {
    pub(crate) fn new(flaw: Flaw) -> Self {
        Self { flaw, entries: Mutex::default(), lock: tokio::sync::Semaphore::new(1) }
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap()
    }

    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == flaw
    }

    fn key(&self, key: DeliveryKey) -> [u8; 32] {
        let mut bytes = *key.as_bytes();
        if self.has(Flaw::HalfTheKey) {
            bytes[16..].fill(0);
        } else if self.has(Flaw::LastByteOfTheKeyIgnored) {
            bytes[31] = 0;
        }
        bytes
    }

    fn end(&self, time: Duration) -> Option<Instant> {
        if self.has(Flaw::PanicsForever) {
            return Some(Instant::now() + time);
        }
        if self.has(Flaw::NoTimeIsForever) && time.as_millis() == 0 {
            return None;
        }
        Instant::now().checked_add(time)
    }

    /// The start of every call.
    async fn begin(&self) -> StoreResult<()> {
        match self.flaw {
            Flaw::Hangs => std::future::pending().await,
            Flaw::Fails => Err("down".into()),
            Flaw::KeepsItsLockWhenDropped => {
                self.lock.acquire().await?.forget();
                yield_now().await;
                self.lock.add_permits(1);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn found(&self, key: [u8; 32]) -> Option<Entry> {
        self.entries().get(&key).copied().filter(|entry| !entry.has_expired())
    }

    /// The entry, as far as the token holds it.
    fn held(&self, entries: &Entries, key: [u8; 32], token: LeaseToken, but: [Flaw; 3]) -> Option<Entry> {
        let [without_token, after_the_lease, when_done] = but.map(|flaw| self.has(flaw));
        let entry = entries.get(&key).copied()?;
        let is_held = (entry.token == token || without_token)
            && (!entry.has_expired() || after_the_lease)
            && (!entry.is_done || when_done);
        is_held.then_some(entry)
    }
}

impl Flawed {
    /// A check that lets others in before the act.
    async fn waits(&self, flaw: Flaw, key: [u8; 32], token: LeaseToken, but: [Flaw; 3]) -> StoreResult<Option<Entry>> {
        if !self.has(flaw) {
            return Ok(None);
        }
        let held = self.held(&self.entries(), key, token, but);
        yield_now().await;
        Ok(held)
    }
}

impl ClaimStore for Flawed {
    async fn claim(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> StoreResult<Claim> {
        self.begin().await?;
        let key = self.key(key);
        let end = match self.flaw {
            Flaw::LeaseNeverEnds => None,
            Flaw::LeaseEndsAtOnce => Some(Instant::now()),
            _ => self.end(lease),
        };
        let new = Entry { token, is_done: false, end };
        let ran_out = self.entries().get(&key).is_some_and(Entry::has_expired);
        let waits =
            self.has(Flaw::ClaimIsCheckThenAct) || ran_out && self.has(Flaw::ClaimOfAnExpiredLeaseIsCheckThenAct);
        if waits && self.found(key).is_none() {
            yield_now().await;
            self.entries().insert(key, new);
            return Ok(Claim::New);
        }
        let mut entries = self.entries();
        let Some(entry) = entries.get_mut(&key).filter(|entry| !entry.has_expired()) else {
            entries.insert(key, new);
            return Ok(Claim::New);
        };
        if entry.is_done {
            let end = self.end(lease);
            match self.flaw {
                Flaw::ClaimExtendsARetention => entry.end = entry.end.max(end),
                Flaw::ClaimShortensARetention => entry.end = entry.end.min(end),
                Flaw::ClaimOfACommittedDeliveryIsInFlight => return Ok(Claim::InFlight),
                _ => {}
            }
            return Ok(Claim::Done);
        }
        match self.flaw {
            Flaw::ClaimTakesAHeldLease => entry.token = token,
            Flaw::ClaimExtendsAHeldLease => entry.end = entry.end.max(end),
            Flaw::SameTokenClaimsAgain if entry.token == token => return Ok(Claim::New),
            _ => {}
        }
        Ok(Claim::InFlight)
    }

    async fn renew(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> StoreResult<LeaseState> {
        self.begin().await?;
        let key = self.key(key);
        let but = [Flaw::RenewWithoutToken, Flaw::RenewAfterTheLease, Flaw::RenewForgetsACommit];
        let acts_later = self.waits(Flaw::RenewIsCheckThenAct, key, token, but).await?;
        let mut entries = self.entries();
        let Some(entry) = acts_later.or_else(|| self.held(&entries, key, token, but)) else {
            return Ok(LeaseState::Lost);
        };
        let end = match self.flaw {
            Flaw::RenewDoesNothing => return Ok(LeaseState::Held),
            Flaw::RenewAddsToTheLease => entry.end.and_then(|end| end.checked_add(lease)),
            Flaw::RenewNeverShortens => entry.end.max(self.end(lease)),
            _ => self.end(lease),
        };
        entries.insert(key, Entry { token: entry.token, is_done: false, end });
        Ok(LeaseState::Held)
    }

    async fn commit(&self, key: DeliveryKey, token: LeaseToken, retention: Duration) -> StoreResult<LeaseState> {
        self.begin().await?;
        let key = self.key(key);
        let but = [Flaw::CommitWithoutToken, Flaw::CommitAfterTheLease, Flaw::CommitAgain];
        let acts_later = self.waits(Flaw::CommitIsCheckThenAct, key, token, but).await?;
        let mut entries = self.entries();
        let Some(entry) = acts_later.or_else(|| self.held(&entries, key, token, but)) else {
            return Ok(LeaseState::Lost);
        };
        let end = match self.flaw {
            Flaw::CommitDoesNothing => return Ok(LeaseState::Held),
            Flaw::CommitKeepsTheLease => entry.end,
            Flaw::CommitWithinTheLease => entry.end.min(self.end(retention)),
            Flaw::CommitForever => None,
            _ => self.end(retention),
        };
        entries.insert(key, Entry { token: entry.token, is_done: true, end });
        Ok(LeaseState::Held)
    }

    async fn release(&self, key: DeliveryKey, token: LeaseToken) -> StoreResult<LeaseState> {
        self.begin().await?;
        let key = self.key(key);
        let but = [Flaw::ReleaseWithoutToken, Flaw::ReleaseAfterTheLease, Flaw::ReleaseOfACommittedDelivery];
        let acts_later = self.waits(Flaw::ReleaseIsCheckThenAct, key, token, but).await?;
        let mut entries = self.entries();
        let Some(entry) = acts_later.or_else(|| self.held(&entries, key, token, but)) else {
            return Ok(LeaseState::Lost);
        };
        match self.flaw {
            Flaw::ReleaseDoesNothing => return Ok(LeaseState::Held),
            Flaw::ReleaseIsDone => {
                entries.insert(key, Entry { is_done: true, ..entry });
                return Ok(LeaseState::Held);
            }
            _ => {}
        }
        entries.remove(&key);
        Ok(LeaseState::Held)
    }

    async fn forget(&self, key: DeliveryKey) -> StoreResult<Forgotten> {
        self.begin().await?;
        let key = self.key(key);
        let mut entries = self.entries();
        let Some(entry) = entries.get(&key).filter(|entry| !entry.has_expired()) else {
            let is_unknown = self.has(Flaw::ForgetOfAnUnknownDeliveryIsRemoved);
            return Ok(if is_unknown { Forgotten::Removed } else { Forgotten::NotFound });
        };
        if !entry.is_done && !self.has(Flaw::ForgetEndsALease) {
            return Ok(Forgotten::InFlight);
        }
        let answer = if entry.is_done { Forgotten::Removed } else { Forgotten::InFlight };
        match self.flaw {
            Flaw::ForgetDoesNothing => return Ok(answer),
            Flaw::ForgetForgetsAll => entries.clear(),
            _ => drop(entries.remove(&key)),
        }
        Ok(if self.has(Flaw::ForgetSaysNotFound) { Forgotten::NotFound } else { answer })
    }
}
