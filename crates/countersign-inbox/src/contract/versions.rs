//! What an earlier version of a store wrote, and a newer one opens.

use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use countersign_core::{
    Secret, Verifier,
    provider::Provider,
    providers::Zeodyn,
    seal::{SealErrorKind, SealKeys},
};

use super::{LEASE, NOW, Store, dead, done, of_row, retry, token};
use crate::store::{
    ClaimRequest, Claimed, Filter, Incoming, Ledger, Purge, Queue, Recovery, Row, Settled, State, Stored,
};

/// How many deliveries a fixture has.
const ALL: u8 = 11;

/// Writes a delivery in each state to an empty store: a fixture for [`migrated`].
///
/// A store whose tables have numbered versions runs it once with each version, and keeps what it wrote.
///
/// # Panics
///
/// Panics if the store does not satisfy the contract or returns an error.
pub async fn fill<S: Queue + Ledger>(store: S) {
    let store = Store::new(store);
    // 1 is handled, 2 as well and keeps its body, 3 is dead, 4 is to be tried again, 5 is purged.
    for number in 1..=5 {
        store.receives(number).await;
    }
    let claimed = store.claim(all(1, 500)).await;
    let keep = Settled::Done { now: NOW + 600, keep_body_until: Some(NOW + 9_000) };
    for (claimed, settled) in claimed.iter().zip([done(), keep.clone(), dead(), retry(), keep]) {
        store.end(claimed, settled).await;
    }
    let purged = store.0.purge(of_row(claimed[4].claim.id), Purge::Bodies).await;
    assert!(matches!(purged, Ok(1)), "a purge of a body: found {purged:?}");
    // 6 was never readable.
    let unreadable = Incoming { unreadable: Some("it is not JSON".into()), ..delivery(6) };
    let stored = store.0.store(unreadable).await;
    assert!(matches!(stored, Ok(Stored::New)), "a body that cannot be read: found {stored:?}");
    // The process of 8 died, and 7 is claimed.
    store.receives(7).await;
    store.claim(all(2, 500)).await;
    store.receives(8).await;
    store.claim(ClaimRequest { until: NOW + 1_000, ..all(3, 500) }).await;
    store.recovers(Recovery::new(token(4), NOW + 1_000, false, 3), 1, 0, 0, "a worker that died").await;
    // 9 has a tenant, 10 and 11 are about one resource. 1 comes again.
    for number in 9..=ALL {
        store.receives(number).await;
    }
    assert!(!store.receives(1).await, "an equal delivery is a duplicate");
}

/// Tests that a store has all that an earlier version wrote with [`fill`], and that its deliveries are shown,
/// handled, redriven and purged.
///
/// # Panics
///
/// Panics if a delivery is missing, or has changed, and like [`check`](super::check).
pub async fn migrated<S: Queue + Ledger>(store: S) {
    let store = Store::new(store);
    let mut rows = store.rows(Filter::default()).await;
    rows.sort_by_key(|row| row.id);
    assert_eq!(rows.len(), usize::from(ALL), "the rows that an earlier version wrote");
    for (number, row) in (1..).zip(&rows) {
        is_kept(number, row, &store.row(row.id).await);
    }
    for number in 1..=ALL {
        assert!(!store.receives(number).await, "delivery {number} comes again: it is a duplicate");
    }
    store.receives(ALL + 1).await;

    store.handles(5, 2_000, &[8], "a suspect, alone").await;
    store.recovers(Recovery::new(token(5), NOW + 100_000, false, 3), 1, 0, 0, "a lease of an earlier version").await;
    store.handles(5, 2_000, &[7], "one whose lease has expired").await;
    store.handles(5, 2_000, &[9, 10, 12, 4], "what waits, the oldest first").await;
    store.handles(5, 2_000, &[11], "the next one of a resource").await;
    store.redrives(Filter::in_state(State::Dead), NOW + 3_000, 2, "dead letters").await;
    store.redrives(of_row(rows[1].id), NOW + 3_001, 1, "one that keeps its body").await;
    store.handles(5, 4_000, &[3, 6, 2], "what was redriven").await;
    let purged = store.0.purge(Filter::default(), Purge::Rows).await;
    assert!(matches!(purged, Ok(12)), "a purge of all rows: found {purged:?}");
}

/// Checks a row of a list, and as it is shown.
fn is_kept(number: u8, listed: &Row, shown: &Row) {
    let expected: (_, _, _, &[&str]) = match number {
        1 => (State::Done, 1, 1, &[]),
        2 => (State::Done, 1, 0, &[]),
        3 => (State::Dead, 1, 0, &["given up"]),
        4 => (State::Ready, 1, 0, &["failed"]),
        5 => (State::Done, 1, 0, &[]),
        6 => (State::Dead, 0, 0, &["it is not JSON"]),
        7 => (State::Claimed, 1, 0, &[]),
        _ => (State::Ready, 0, 0, &[]),
    };
    for row in [listed, shown] {
        let errors: Vec<&str> = row.errors.iter().map(|error| error.why.as_str()).collect();
        let found = (row.state, row.attempts, row.duplicates, &errors[..]);
        assert_eq!(found, expected, "row {number}, of an earlier version");
        let tenant = (number == 9).then_some("acme");
        assert_eq!(row.sealed.columns().tenant.as_deref(), tenant, "the tenant of row {number}");
    }
    match shown.sealed.contents(&keys()) {
        Ok(contents) => assert_eq!(contents.body, body(number), "the body of row {number}"),
        Err(error) => {
            let is_purged = error.kind() == SealErrorKind::Purged && (number == 1 || number == 5);
            assert!(is_purged, "row {number} cannot be opened: {error:?}");
        }
    }
}

impl<S: Queue + Ledger> Store<S> {
    /// Receives a delivery, and says whether it is new.
    async fn receives(&self, number: u8) -> bool {
        let stored = self.0.store(delivery(number)).await.unwrap_or_else(|error| panic!("a delivery: {error:?}"));
        stored == Stored::New
    }

    /// Claims, opens and ends deliveries.
    async fn handles(&self, by: u8, at: i64, expected: &[u8], what: &str) {
        let claimed = self.claim(all(by, at)).await;
        let bodies: Vec<Bytes> = claimed.iter().map(opened).collect();
        assert_eq!(bodies, expected.iter().copied().map(body).collect::<Vec<_>>(), "{what}");
        for claimed in &claimed {
            self.end(claimed, Settled::Done { now: NOW + at, keep_body_until: None }).await;
        }
    }
}

fn opened(claimed: &Claimed) -> Bytes {
    let delivery = claimed.sealed.open::<Zeodyn>(&keys()).unwrap_or_else(|error| panic!("a seal: {error:?}"));
    delivery.body().clone()
}

/// Everything that is due this many milliseconds after the beginning.
fn all(by: u8, at: i64) -> ClaimRequest {
    let mut request = ClaimRequest::new(token(by), NOW + at, LEASE, 100);
    request.providers = vec![(Zeodyn::NAME.into(), 100)];
    request
}

fn body(number: u8) -> Bytes {
    let site = if number == 11 { 10 } else { number };
    format!(r#"{{"event":"score_change","url":"https://{site}.example","newScore":{number}}}"#).into()
}

fn keys() -> SealKeys {
    let key = Secret::from_static("the key of the fixtures of the stores' contract");
    SealKeys::new(key).unwrap_or_else(|error| panic!("the key of the fixtures: {error:?}"))
}

/// A delivery as it is received, verified and sealed.
fn delivery(number: u8) -> Incoming {
    let sealed = || -> Result<_, Box<dyn std::error::Error>> {
        let mut secret = Secret::from_static("s3cr3t");
        if number == 9 {
            secret = secret.with_tenant("acme");
        }
        let proof = Zeodyn::SCHEME.sign(b"s3cr3t", &body(number)[..])?;
        let head = http::Request::post("/").header("x-zeodyn-signature", proof.value()).body(())?;
        let delivery = Verifier::<Zeodyn>::new(secret).verify(&head, body(number))?;
        let key = delivery.key("", "").ok_or("it has a key")?;
        let received_at = UNIX_EPOCH + Duration::from_millis(NOW.unsigned_abs() + u64::from(number));
        Ok(delivery.seal(&keys(), key, received_at)?)
    };
    let sealed = sealed().unwrap_or_else(|error| panic!("a delivery of the fixtures: {error:?}"));
    let mut incoming = Incoming::new(sealed, NOW + 1_000_000);
    incoming.is_ordered = number == 10 || number == 11;
    incoming
}
