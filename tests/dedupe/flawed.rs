//! A store that is right but for one flaw.

use std::{
    collections::HashMap,
    error::Error,
    sync::{Mutex, MutexGuard},
    time::{Duration, Instant},
};

use countersign::dedupe::{Claim, ClaimStore, DeliveryKey, LeaseState, LeaseToken};
use tokio::task::yield_now;

type Entries = HashMap<[u8; 32], Entry>;
type Answer<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    None,
    LeaseNeverEnds,
    LeaseEndsAtOnce,
    ClaimIsCheckThenAct,
    ClaimOfWhatRanOutIsCheckThenAct,
    ClaimTakesWhatIsHeld,
    ClaimProlongsWhatIsHeld,
    ClaimProlongsWhatIsDone,
    ClaimShortensWhatIsDone,
    SameTokenClaimsAgain,
    ClaimOfWhatIsDoneIsInFlight,
    CommitWithoutToken,
    CommitAfterTheLease,
    CommitAgain,
    CommitKeepsTheLease,
    CommitWithinTheLease,
    CommitForEver,
    CommitDoesNothing,
    CommitIsCheckThenAct,
    ReleaseWithoutToken,
    ReleaseOfWhatIsDone,
    ReleaseAfterTheLease,
    ReleaseDoesNothing,
    ReleaseIsDone,
    ReleaseIsCheckThenAct,
    RenewWithoutToken,
    RenewAfterTheLease,
    RenewForgetsWhatIsDone,
    RenewDoesNothing,
    RenewAddsToTheLease,
    RenewNeverShortens,
    RenewIsCheckThenAct,
    HalfTheKey,
    LastByteOfTheKeyIgnored,
    PanicsForEver,
    NoTimeIsForEver,
    KeepsItsLockWhenDropped,
    Hangs,
    Fails,
}

impl Flaw {
    /// Every flaw but those that make a caller wait for ever.
    pub(crate) const ALL: [Self; 36] = [
        Self::LeaseNeverEnds,
        Self::LeaseEndsAtOnce,
        Self::ClaimIsCheckThenAct,
        Self::ClaimOfWhatRanOutIsCheckThenAct,
        Self::ClaimTakesWhatIsHeld,
        Self::ClaimProlongsWhatIsHeld,
        Self::ClaimProlongsWhatIsDone,
        Self::ClaimShortensWhatIsDone,
        Self::SameTokenClaimsAgain,
        Self::ClaimOfWhatIsDoneIsInFlight,
        Self::CommitWithoutToken,
        Self::CommitAfterTheLease,
        Self::CommitAgain,
        Self::CommitKeepsTheLease,
        Self::CommitWithinTheLease,
        Self::CommitForEver,
        Self::CommitDoesNothing,
        Self::CommitIsCheckThenAct,
        Self::ReleaseWithoutToken,
        Self::ReleaseOfWhatIsDone,
        Self::ReleaseAfterTheLease,
        Self::ReleaseDoesNothing,
        Self::ReleaseIsDone,
        Self::ReleaseIsCheckThenAct,
        Self::RenewWithoutToken,
        Self::RenewAfterTheLease,
        Self::RenewForgetsWhatIsDone,
        Self::RenewDoesNothing,
        Self::RenewAddsToTheLease,
        Self::RenewNeverShortens,
        Self::RenewIsCheckThenAct,
        Self::HalfTheKey,
        Self::LastByteOfTheKeyIgnored,
        Self::PanicsForEver,
        Self::NoTimeIsForEver,
        Self::Fails,
    ];
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
    fn is_over(&self) -> bool {
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
        if self.has(Flaw::PanicsForEver) {
            return Some(Instant::now() + time);
        }
        if self.has(Flaw::NoTimeIsForEver) && time.as_millis() == 0 {
            return None;
        }
        Instant::now().checked_add(time)
    }

    /// What every call begins with.
    async fn begin(&self) -> Answer<()> {
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
        self.entries().get(&key).copied().filter(|entry| !entry.is_over())
    }

    /// The entry, as far as the token holds it.
    fn held(&self, entries: &Entries, key: [u8; 32], token: LeaseToken, but: [Flaw; 3]) -> Option<Entry> {
        let [without_token, after_the_lease, when_done] = but.map(|flaw| self.has(flaw));
        let entry = entries.get(&key).copied()?;
        let is_held = (entry.token == token || without_token)
            && (!entry.is_over() || after_the_lease)
            && (!entry.is_done || when_done);
        is_held.then_some(entry)
    }
}

impl Flawed {
    /// A check that lets others in before the act.
    async fn waits(&self, flaw: Flaw, key: [u8; 32], token: LeaseToken, but: [Flaw; 3]) -> Answer<Option<Entry>> {
        if !self.has(flaw) {
            return Ok(None);
        }
        let held = self.held(&self.entries(), key, token, but);
        yield_now().await;
        Ok(held)
    }
}

impl ClaimStore for Flawed {
    async fn claim(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> Answer<Claim> {
        self.begin().await?;
        let key = self.key(key);
        let end = match self.flaw {
            Flaw::LeaseNeverEnds => None,
            Flaw::LeaseEndsAtOnce => Some(Instant::now()),
            _ => self.end(lease),
        };
        let new = Entry { token, is_done: false, end };
        let ran_out = self.entries().get(&key).is_some_and(Entry::is_over);
        let waits = self.has(Flaw::ClaimIsCheckThenAct) || ran_out && self.has(Flaw::ClaimOfWhatRanOutIsCheckThenAct);
        if waits && self.found(key).is_none() {
            yield_now().await;
            self.entries().insert(key, new);
            return Ok(Claim::New);
        }
        let mut entries = self.entries();
        let Some(entry) = entries.get_mut(&key).filter(|entry| !entry.is_over()) else {
            entries.insert(key, new);
            return Ok(Claim::New);
        };
        if entry.is_done {
            let end = self.end(lease);
            match self.flaw {
                Flaw::ClaimProlongsWhatIsDone => entry.end = entry.end.max(end),
                Flaw::ClaimShortensWhatIsDone => entry.end = entry.end.min(end),
                Flaw::ClaimOfWhatIsDoneIsInFlight => return Ok(Claim::InFlight),
                _ => {}
            }
            return Ok(Claim::Done);
        }
        match self.flaw {
            Flaw::ClaimTakesWhatIsHeld => entry.token = token,
            Flaw::ClaimProlongsWhatIsHeld => entry.end = entry.end.max(end),
            Flaw::SameTokenClaimsAgain if entry.token == token => return Ok(Claim::New),
            _ => {}
        }
        Ok(Claim::InFlight)
    }

    async fn renew(&self, key: DeliveryKey, token: LeaseToken, lease: Duration) -> Answer<LeaseState> {
        self.begin().await?;
        let key = self.key(key);
        let but = [Flaw::RenewWithoutToken, Flaw::RenewAfterTheLease, Flaw::RenewForgetsWhatIsDone];
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

    async fn commit(&self, key: DeliveryKey, token: LeaseToken, retention: Duration) -> Answer<LeaseState> {
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
            Flaw::CommitForEver => None,
            _ => self.end(retention),
        };
        entries.insert(key, Entry { token: entry.token, is_done: true, end });
        Ok(LeaseState::Held)
    }

    async fn release(&self, key: DeliveryKey, token: LeaseToken) -> Answer<LeaseState> {
        self.begin().await?;
        let key = self.key(key);
        let but = [Flaw::ReleaseWithoutToken, Flaw::ReleaseAfterTheLease, Flaw::ReleaseOfWhatIsDone];
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
}
