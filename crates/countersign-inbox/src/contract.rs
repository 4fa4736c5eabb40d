//! The tests that every store must pass: [`Queue`] and [`Ledger`].
//!
//! Run [`check`] with a function that makes an empty store. It panics if the store does not satisfy the
//! contract, and says what it expected.
//!
//! ```
//! use countersign_inbox::{contract, sqlite::{Settings, SqliteStore}};
//!
//! # async fn example() {
//! let folder = tempfile::tempdir().unwrap();
//! let mut number = 0;
//! contract::check(async || {
//!     number += 1;
//!     SqliteStore::open(folder.path().join(format!("{number}.db")), Settings::default()).unwrap()
//! })
//! .await;
//! # }
//! # tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(example());
//! ```
//!
//! A store whose tables have numbered versions keeps what [`fill`] writes with each of them, and checks with
//! [`migrated`] that its newest version reads it.

#![allow(
    clippy::panic,
    clippy::missing_panics_doc,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod claiming;
mod deaths;
mod keeping;
mod ledger;
mod lines;
mod races;
mod storing;
mod versions;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use countersign_core::{
    dedupe::{LeaseState, LeaseToken},
    seal::{Sealed, SealedColumns},
};
use tokio::{task::JoinSet, time::timeout};

use crate::store::{
    ClaimId, ClaimRequest, Claimed, Counts, Filter, Incoming, Ledger, Queue, Recovery, Row, RowId, Settled, Stored,
};
pub use versions::{fill, migrated};

/// The time limit of the whole contract, enough for a slow machine.
const LIMIT: Duration = Duration::from_secs(120);
const LEASE: Duration = Duration::from_secs(60);
/// When the tests begin.
const NOW: i64 = 1_800_000_000_000;
/// A provider.
const ONE: &str = "stripe";
/// Another one.
const TWO: &str = "github";

/// Runs every test of the contract, in a few seconds. `new` makes an empty store that no other test
/// uses.
///
/// The tests need a multi-threaded tokio runtime, because some of them make concurrent calls. Times are
/// given, and no test waits.
///
/// # Panics
///
/// Panics if the store does not satisfy the contract, returns an error, or does not answer.
pub async fn check<S: Queue + Ledger>(mut new: impl AsyncFnMut() -> S) {
    let all = async {
        storing::check(&Store::new(new().await)).await;
        storing::dead_from_the_start(&Store::new(new().await)).await;
        claiming::in_order(&Store::new(new().await)).await;
        claiming::rooms(&Store::new(new().await)).await;
        claiming::others(&Store::new(new().await)).await;
        claiming::turns(&Store::new(new().await)).await;
        claiming::fences(&Store::new(new().await)).await;
        claiming::ends(&Store::new(new().await)).await;
        deaths::suspects(&Store::new(new().await)).await;
        deaths::leases(&Store::new(new().await)).await;
        deaths::clocks(&Store::new(new().await)).await;
        deaths::leads(&Store::new(new().await)).await;
        lines::check(&Store::new(new().await)).await;
        lines::apart(&Store::new(new().await)).await;
        lines::again(&Store::new(new().await)).await;
        keeping::sweep(&Store::new(new().await)).await;
        keeping::redrive(&Store::new(new().await)).await;
        keeping::purge(&Store::new(new().await)).await;
        ledger::filters(&Store::new(new().await)).await;
        races::check(&Store::new(new().await)).await;
    };
    assert!(timeout(LIMIT, all).await.is_ok(), "the store did not answer a call in time");
}

struct Store<S>(Arc<S>);

/// A delivery of a test.
#[derive(Clone)]
struct Given(SealedColumns, bool);

impl Given {
    /// The delivery of this number, which was received that many milliseconds after the beginning.
    fn new(number: u8) -> Self {
        let columns = SealedColumns {
            key: [number; 32].into(),
            provider: ONE.into(),
            tenant: None,
            event: format!("event.{number}"),
            resource: None,
            received_at: NOW + i64::from(number),
            body: Some(Bytes::from(format!("body {number}"))),
            confirmed: None,
            meta: Bytes::from_static(b"{}"),
            seal: Bytes::from_static(b"seal"),
        };
        Self(columns, false)
    }

    fn with(mut self, change: impl FnOnce(&mut SealedColumns)) -> Self {
        change(&mut self.0);
        self
    }

    fn of(self, provider: &str) -> Self {
        self.with(|columns| columns.provider = provider.into())
    }

    fn tenant(self, tenant: &str) -> Self {
        self.with(|columns| columns.tenant = Some(tenant.into()))
    }

    fn about(self, resource: &str) -> Self {
        self.with(|columns| columns.resource = Some(resource.into()))
    }

    fn ordered(mut self) -> Self {
        self.1 = true;
        self
    }

    fn sealed(&self) -> Sealed {
        self.0.clone().into()
    }

    fn incoming(&self) -> Incoming {
        let mut incoming = Incoming::new(self.sealed(), NOW + 1_000);
        incoming.is_ordered = self.1;
        incoming
    }
}

fn token(number: u8) -> LeaseToken {
    [number; 16].into()
}

/// What is claimed if nothing else is said: everything that is due a while later, of two providers.
fn request(token: LeaseToken) -> ClaimRequest {
    let mut request = ClaimRequest::new(token, NOW + 500, LEASE, 100);
    request.providers = vec![(ONE.into(), 100), (TWO.into(), 100)];
    request
}

fn done() -> Settled {
    Settled::Done { now: NOW + 600, keep_body_until: None }
}

fn retry() -> Settled {
    Settled::Retry { now: NOW + 600, due: NOW + 700, why: "failed".into() }
}

fn dead() -> Settled {
    Settled::Dead { now: NOW + 600, why: "given up".into() }
}

/// The numbers of the deliveries that were claimed.
fn numbers(claimed: &[Claimed]) -> Vec<u8> {
    claimed.iter().map(|claimed| claimed.sealed.columns().key.as_bytes()[0]).collect()
}

impl<S: Queue + Ledger> Store<S> {
    fn new(store: S) -> Self {
        Self(Arc::new(store))
    }

    async fn store(&self, given: Given) {
        let stored = self.0.store(given.incoming()).await;
        assert!(matches!(stored, Ok(Stored::New)), "a new delivery: expected `New`, found {stored:?}");
    }

    /// Stores many, in no order.
    async fn store_all(&self, all: impl Iterator<Item = Given>) {
        let mut calls = JoinSet::new();
        for given in all {
            let store = Arc::clone(&self.0);
            calls.spawn(async move { store.store(given.incoming()).await });
        }
        for stored in calls.join_all().await {
            assert!(matches!(stored, Ok(Stored::New)), "a new delivery: expected `New`, found {stored:?}");
        }
    }

    async fn claim(&self, request: ClaimRequest) -> Vec<Claimed> {
        self.0.claim(request).await.unwrap_or_else(|error| panic!("a claim: {error:?}"))
    }

    /// Claims, and says what is to be claimed, in order.
    async fn claims(&self, request: ClaimRequest, expected: &[u8], what: &str) -> Vec<Claimed> {
        let claimed = self.claim(request).await;
        assert_eq!(numbers(&claimed), expected, "{what}");
        claimed
    }

    async fn settle(&self, claim: ClaimId, settled: Settled, expected: LeaseState, what: &str) {
        let state = self.0.settle(claim, settled).await;
        assert!(matches!(&state, Ok(state) if *state == expected), "{what}: expected {expected:?}, found {state:?}");
    }

    /// Ends an attempt that is held.
    async fn end(&self, claimed: &Claimed, settled: Settled) {
        self.settle(claimed.claim, settled, LeaseState::Held, "the end of an attempt that is held").await;
    }

    async fn recovers(&self, recovery: Recovery, suspects: usize, charged: usize, dead: usize, what: &str) {
        let recovered = self.0.recover(recovery).await.unwrap_or_else(|error| panic!("{what}: {error:?}"));
        let found = (recovered.suspects, recovered.charged, recovered.dead.len());
        assert_eq!(found, (suspects, charged, dead), "{what}");
    }

    async fn rows(&self, filter: Filter) -> Vec<Row> {
        self.0.list(filter, 1_000).await.unwrap_or_else(|error| panic!("a list: {error:?}"))
    }

    async fn row(&self, id: RowId) -> Row {
        let row = self.0.show(id).await.unwrap_or_else(|error| panic!("a row: {error:?}"));
        row.unwrap_or_else(|| panic!("there is no row {id}"))
    }

    async fn counts(&self, filter: Filter) -> Counts {
        self.0.counts(filter).await.unwrap_or_else(|error| panic!("counts: {error:?}"))
    }

    async fn redrives(&self, filter: Filter, now: i64, expected: usize, what: &str) {
        let redriven = self.0.redrive(filter, now).await;
        assert!(matches!(redriven, Ok(found) if found == expected), "{what}: expected {expected}, found {redriven:?}");
    }

    async fn next_due(&self, expected: Option<i64>, what: &str) {
        let waiting = self.0.waiting().await.unwrap_or_else(|error| panic!("{what}: {error:?}"));
        assert_eq!(waiting.iter().map(|waiting| waiting.due).min(), expected, "{what}");
    }
}

fn of_row(id: RowId) -> Filter {
    Filter { id: Some(id), ..Filter::default() }
}
