//! The contract of a store fails for every store with a single flaw, and says which part it fails.

use std::{future::ready, sync::Mutex, time::Duration};

use countersign::{
    dedupe::{LeaseState, LeaseToken},
    inbox::{
        Sealed, contract,
        sqlite::{Settings, SqliteStore},
        store::{
            Answer, ClaimId, ClaimRequest, Claimed, Counts, Filter, Incoming, Intake, Lead, Ledger, Purge, Queue,
            Recovered, Recovery, Retention, Row, RowId, Settled, Stored, Swept, Waiting,
        },
    },
};
use tempfile::TempDir;
use tokio::task::JoinSet;

/// What a store does wrong, and the beginning of what the contract says of it.
macro_rules! flaws {
    ($($flaw:ident: $said:literal,)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        enum Flaw {
            None,
            $($flaw,)*
        }

        const FLAWS: &[(Flaw, &str)] = &[$((Flaw::$flaw, $said),)*];
    };
}

flaws! {
    DuplicateIsNew: "an equal delivery",
    NothingIsStored: "an equal delivery",
    TenantIsLost: "a delivery comes back as it was stored, not as it came again",
    BodyIsLost: "a delivery comes back as it was stored, not as it came again",
    UnreadableIsReady: "the next row, of one that is dead",
    StateOfADuplicateIsWrong: "an equal delivery",
    DueIsIgnored: "rows before they are due",
    AtMostIsIgnored: "no row at most",
    OrderIsReversed: "a delivery comes back as it was stored, not as it came again",
    RoomIsIgnored: "a provider without room",
    ProvidersAreIgnored: "no provider",
    OthersAreIgnored: "other providers beside one with room for one",
    TurnsAreIgnored: "the first of each tenant",
    TurnsAreAlways: "a delivery comes back as it was stored, not as it came again",
    AttemptIsAlwaysTheFirst: "the end of an attempt by another",
    TokenIsIgnored: "the end of an attempt by another",
    AttemptIsIgnored: "the end of an attempt by another",
    EndIsAlwaysHeld: "the end of an attempt by another",
    EndDoesNothing: "the end of an attempt by another",
    RenewDoesNothing: "its own lease, at its end",
    RenewFindsNothing: "a renewal",
    RetryIsAtOnce: "the next row, which is to be tried again",
    RetryIsDead: "the first one again",
    BodyIsKeptForEver: "the body of delivery 1",
    BodyIsNeverKept: "the body of delivery 2",
    ReturnedCounts: "the row of delivery 5",
    ErrorsAreLost: "the errors of delivery 3",
    SuspectsRunBesideOthers: "nothing beside a suspect",
    SuspectsAreNotSaid: "a suspect's attempt",
    EveryDeathIsFinal: "one that ran alone",
    NoDeathIsFinal: "one that ran alone for the last time",
    RecoveryDoesNothing: "what ran beside others",
    RecoveryTakesLeasesThatRun: "leases that run",
    RecoveryTakesItsOwn: "its own lease, at its end",
    LeaseNeverEnds: "a lease of another, at its end",
    EverybodyLeads: "the right to work, beside another worker",
    NobodyLeads: "nobody works, and nobody may",
    OrderByResourceIsIgnored: "the first of a resource",
    EverythingIsInOrder: "what does not wait",
    SweepDoesNothing: "a body that was kept",
    SweepForgetsTheKey: "before anything",
    SweepForgetsTheDead: "what was done, when its key may go",
    RedriveDoesNothing: "a redrive of one that could not be read",
    RedriveIsLater: "the next row after a redrive",
    RedriveIgnoresTheFilter: "a redrive of the first",
    PurgeDoesNothing: "a purge of the third",
    PurgeOfBodiesTakesRows: "many rows",
    PurgeOfRowsLeavesThem: "a new delivery",
    ListIgnoresTheFilter: "a list has no bodies",
    ListIgnoresResources: "resources: [\"r_1\"]",
    ListIgnoresErrors: "error: Some(\"given\")",
    ListIgnoresTheLimit: "at most two rows",
    ListIsTheOldestFirst: "the fourth, when the third is purged",
    ShowFindsNothing: "there is no row 1",
    CountsAreZero: "the counts of Filter",
    NothingWaits: "the next row after a redrive",
    EverythingIsDueNow: "the next row after a redrive",
    OneClaimTwice: "of claims at once, each row is in one",
}

/// A store with a flaw.
struct Flawed {
    store: SqliteStore,
    flaw: Flaw,
    /// What was claimed last.
    last: Mutex<Vec<Claimed>>,
    _folder: TempDir,
}

impl Flawed {
    fn new(flaw: Flaw) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path().join("inbox.db"), Settings::default()).unwrap();
        Self { store, flaw, last: Mutex::default(), _folder: folder }
    }

    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == flaw
    }

    fn filter(&self, mut filter: Filter) -> Filter {
        match self.flaw {
            Flaw::ListIgnoresTheFilter => Filter::default(),
            Flaw::ListIgnoresResources => {
                filter.resources.clear();
                filter
            }
            Flaw::ListIgnoresErrors => {
                filter.error = None;
                filter
            }
            _ => filter,
        }
    }

    /// The claim as it should have been made.
    fn mended(&self, mut claim: ClaimId) -> ClaimId {
        let last = self.last.lock().unwrap();
        if let Some(real) = last.iter().find(|claimed| claimed.claim.id == claim.id) {
            if self.has(Flaw::TokenIsIgnored) {
                claim.token = real.claim.token;
            }
            if self.has(Flaw::AttemptIsIgnored) || self.has(Flaw::AttemptIsAlwaysTheFirst) {
                claim.attempt = real.claim.attempt;
            }
        }
        claim
    }
}

impl Intake for Flawed {
    fn store(&self, mut delivery: Incoming) -> Answer<'_, Stored> {
        let mut columns = delivery.sealed.into_columns();
        match self.flaw {
            Flaw::NothingIsStored => return Box::pin(async { Ok(Stored::New) }),
            Flaw::TenantIsLost => columns.tenant = None,
            Flaw::BodyIsLost => columns.body = None,
            Flaw::UnreadableIsReady => delivery.unreadable = None,
            Flaw::OrderByResourceIsIgnored => delivery.is_ordered = false,
            Flaw::EverythingIsInOrder => delivery.is_ordered = true,
            _ => {}
        }
        delivery.sealed = Sealed::from(columns);
        Box::pin(async move {
            Ok(match (self.store.store(delivery).await?, self.flaw) {
                (Stored::Duplicate(_), Flaw::DuplicateIsNew) => Stored::New,
                (Stored::Duplicate(mut known), Flaw::StateOfADuplicateIsWrong) => {
                    known.state = countersign::inbox::store::State::Done;
                    Stored::Duplicate(known)
                }
                (stored, _) => stored,
            })
        })
    }
}

impl Queue for Flawed {
    fn lead(&self) -> Answer<'_, Option<Lead>> {
        match self.flaw {
            Flaw::EverybodyLeads => Box::pin(async { Ok(Some(Lead::new(true, ()))) }),
            Flaw::NobodyLeads => Box::pin(async { Ok(None) }),
            _ => self.store.lead(),
        }
    }

    fn claim(&self, mut request: ClaimRequest) -> Answer<'_, Vec<Claimed>> {
        match self.flaw {
            Flaw::DueIsIgnored => request.now = i64::MAX,
            Flaw::AtMostIsIgnored => request.at_most = usize::MAX,
            Flaw::RoomIsIgnored => request.providers.iter_mut().for_each(|(_, room)| *room = 100),
            Flaw::ProvidersAreIgnored => request.others = true,
            Flaw::OthersAreIgnored => request.others = false,
            Flaw::TurnsAreIgnored => request.is_fair = false,
            Flaw::TurnsAreAlways => request.is_fair = true,
            Flaw::SuspectsRunBesideOthers => request.running = 0,
            Flaw::LeaseNeverEnds => request.until = i64::MAX,
            _ => {}
        }
        Box::pin(async move {
            let mut claimed = self.store.claim(request).await?;
            let mut last = self.last.lock().unwrap();
            if self.has(Flaw::OneClaimTwice) && claimed.is_empty() && last.len() == 10 {
                return Ok(last.clone());
            }
            if !claimed.is_empty() {
                last.clone_from(&claimed);
            }
            for claimed in &mut claimed {
                match self.flaw {
                    Flaw::AttemptIsAlwaysTheFirst => claimed.claim.attempt = 1,
                    Flaw::SuspectsAreNotSaid => claimed.is_suspect = false,
                    _ => {}
                }
            }
            if self.has(Flaw::OrderIsReversed) {
                claimed.reverse();
            }
            Ok(claimed)
        })
    }

    fn renew(&self, token: LeaseToken, until: i64) -> Answer<'_, usize> {
        let until = if self.has(Flaw::RenewDoesNothing) { 0 } else { until };
        Box::pin(async move {
            let held = self.store.renew(token, until).await?;
            Ok(if self.has(Flaw::RenewFindsNothing) { 0 } else { held })
        })
    }

    fn settle(&self, claim: ClaimId, mut settled: Settled) -> Answer<'_, LeaseState> {
        settled = match (settled, self.flaw) {
            (Settled::Retry { now, why, .. }, Flaw::RetryIsAtOnce) => Settled::Retry { now, due: now, why },
            (Settled::Retry { now, why, .. }, Flaw::RetryIsDead) => Settled::Dead { now, why },
            (Settled::Retry { now, due, .. }, Flaw::ErrorsAreLost) => Settled::Retry { now, due, why: String::new() },
            (Settled::Done { now, .. }, Flaw::BodyIsKeptForEver) => {
                Settled::Done { now, keep_body_until: Some(i64::MAX) }
            }
            (Settled::Done { now, .. }, Flaw::BodyIsNeverKept) => Settled::Done { now, keep_body_until: None },
            (Settled::Returned, Flaw::ReturnedCounts) => Settled::Retry { now: 0, due: 0, why: String::new() },
            (settled, _) => settled,
        };
        let claim = self.mended(claim);
        Box::pin(async move {
            if self.has(Flaw::EndDoesNothing) {
                return Ok(LeaseState::Held);
            }
            let state = self.store.settle(claim, settled).await?;
            Ok(if self.has(Flaw::EndIsAlwaysHeld) { LeaseState::Held } else { state })
        })
    }

    fn recover(&self, mut recovery: Recovery) -> Answer<'_, Recovered> {
        match self.flaw {
            Flaw::EveryDeathIsFinal => recovery.most_deaths = 1,
            Flaw::NoDeathIsFinal => recovery.most_deaths = u32::MAX,
            Flaw::RecoveryDoesNothing => return Box::pin(async { Ok(Recovered::default()) }),
            Flaw::RecoveryTakesLeasesThatRun => recovery.is_sole = true,
            Flaw::RecoveryTakesItsOwn => recovery.token = LeaseToken::unique(),
            _ => {}
        }
        self.store.recover(recovery)
    }

    fn waiting(&self) -> Answer<'_, Vec<Waiting>> {
        Box::pin(async move {
            let mut waiting = self.store.waiting().await?;
            match self.flaw {
                Flaw::NothingWaits => waiting.clear(),
                Flaw::EverythingIsDueNow => waiting.iter_mut().for_each(|waiting| waiting.due = 0),
                _ => {}
            }
            Ok(waiting)
        })
    }

    fn sweep(&self, mut now: i64, mut retention: Retention) -> Answer<'_, Swept> {
        match self.flaw {
            Flaw::SweepDoesNothing => now = 0,
            Flaw::SweepForgetsTheKey => now = i64::MAX,
            Flaw::SweepForgetsTheDead => retention.dead = Duration::ZERO,
            _ => {}
        }
        self.store.sweep(now, retention)
    }
}

impl Ledger for Flawed {
    fn list(&self, filter: Filter, limit: usize) -> Answer<'_, Vec<Row>> {
        let limit = if self.has(Flaw::ListIgnoresTheLimit) { usize::MAX } else { limit };
        Box::pin(async move {
            let mut rows = self.store.list(self.filter(filter), limit).await?;
            if self.has(Flaw::ListIsTheOldestFirst) {
                rows.reverse();
            }
            Ok(rows)
        })
    }

    fn show(&self, id: RowId) -> Answer<'_, Option<Row>> {
        let id = if self.has(Flaw::ShowFindsNothing) { RowId(-1) } else { id };
        self.store.show(id)
    }

    fn counts(&self, filter: Filter) -> Answer<'_, Counts> {
        if self.has(Flaw::CountsAreZero) {
            return Box::pin(async { Ok(Counts::default()) });
        }
        self.store.counts(filter)
    }

    fn redrive(&self, filter: Filter, now: i64) -> Answer<'_, usize> {
        match self.flaw {
            Flaw::RedriveDoesNothing => Box::pin(async { Ok(0) }),
            Flaw::RedriveIsLater => self.store.redrive(filter, now + 100_000),
            Flaw::RedriveIgnoresTheFilter => self.store.redrive(Filter::default(), now),
            _ => self.store.redrive(filter, now),
        }
    }

    fn purge(&self, filter: Filter, purge: Purge) -> Answer<'_, usize> {
        match (self.flaw, purge) {
            (Flaw::PurgeDoesNothing, _) => Box::pin(async { Ok(0) }),
            (Flaw::PurgeOfBodiesTakesRows, _) => self.store.purge(filter, Purge::Rows),
            (Flaw::PurgeOfRowsLeavesThem, _) => self.store.purge(filter, Purge::Bodies),
            _ => self.store.purge(filter, purge),
        }
    }
}

/// What the contract says of a store; `None` if it lets it pass.
async fn said(flaw: Flaw) -> Option<String> {
    let ended = tokio::spawn(contract::check(move || ready(Flawed::new(flaw)))).await;
    let panic = ended.err()?.into_panic();
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_contract_rejects_every_flaw_and_says_which() {
    assert_eq!(said(Flaw::None).await, None, "the store in which the flaws are made");
    let mut checks = JoinSet::new();
    for &(flaw, expected) in FLAWS {
        checks.spawn(async move { (flaw, expected, said(flaw).await) });
    }
    let mut wrong = Vec::new();
    for (flaw, expected, said) in checks.join_all().await {
        if !said.as_deref().is_some_and(|said| said.contains(expected)) {
            wrong.push(format!("{flaw:?}: {said:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
