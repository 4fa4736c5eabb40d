//! Machines whose clocks differ.

use std::{
    sync::atomic::{AtomicI64, Ordering::Relaxed},
    time::Duration,
};

use deadpool_postgres::{Manager, Pool, Runtime};
use tokio_postgres::NoTls;

use super::{Place, PostgresStore, columns, request, token};
use crate::{
    postgres::clock::{Clock, system},
    store::{ClaimRequest, Incoming, Intake, Queue, Recovery, Stored},
};

/// How far the clock of the second machine is ahead.
static AHEAD: AtomicI64 = AtomicI64::new(60_000);

fn other() -> i64 {
    system() + AHEAD.load(Relaxed)
}

async fn on_clock(place: &Place, clock: Clock) -> PostgresStore {
    let config = place.server.url("postgres").parse().unwrap();
    let pool = Pool::builder(Manager::new(config, NoTls)).runtime(Runtime::Tokio1).build().unwrap();
    PostgresStore::on_clock(pool, place.settings(), clock).await.unwrap()
}

#[tokio::test]
async fn a_machine_whose_clock_is_ahead_takes_no_lease_of_others_and_a_jump_is_mended_at_once() {
    let place = Place::new();
    let one = place.open().await;
    let two = on_clock(&place, Clock::new(other)).await;
    let stored = |number, at| {
        let mut columns = columns(number);
        columns.received_at = at;
        Incoming::new(columns.into(), at + 1_000_000)
    };
    // What the other machine receives is due now, and not in a minute. The seal has its own time.
    assert_eq!(two.store(stored(1, other())).await.unwrap(), Stored::New);
    let claim = |by, now| {
        let lease = Duration::from_secs(30);
        ClaimRequest { providers: request(1).providers, ..ClaimRequest::new(token(by), now, lease, 9) }
    };
    let claimed = one.claim(claim(1, system() + 1_500)).await.unwrap();
    assert_eq!(claimed.len(), 1);
    assert!((claimed[0].sealed.columns().received_at - other()).abs() < 30_000);
    // Its lease has half a minute left, also in the eyes of one whose clock is ahead by more.
    let recovered = async |store: &PostgresStore, now: i64| {
        let recovered = store.recover(Recovery::new(token(9), now, false, 9)).await.unwrap();
        recovered.suspects
    };
    assert_eq!(recovered(&two, other()).await, 0);
    AHEAD.store(3_600_000, Relaxed);
    assert_eq!(recovered(&two, other()).await, 0, "a jump of an hour");
    AHEAD.store(-3_600_000, Relaxed);
    assert_eq!(recovered(&two, other()).await, 0);
    assert_eq!(recovered(&two, other() + 60_000).await, 1, "a lease that has ended");
    // What is due is said in the machine's own time.
    let waiting = two.waiting().await.unwrap();
    assert!((waiting[0].due - other()).abs() < 30_000, "{waiting:?}");
}
