//! One contract for every store. It rejects every store with a single flaw.

use countersign::dedupe::{MemoryStore, contract};
use tokio::task::{JoinHandle, JoinSet, spawn};

use crate::{
    flawed::{Flaw, Flawed},
    redis::Redis,
};

async fn accepts(check: JoinHandle<()>) -> bool {
    check.await.is_ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_contract_accepts_the_stores() {
    let redis = Redis::start();
    let on_redis = spawn(contract::check(redis.store().await));
    let in_memory = spawn(contract::check(MemoryStore::new()));
    // The store in which the flaws are made.
    let unflawed = spawn(contract::check(Flawed::new(Flaw::None)));
    assert!(accepts(on_redis).await, "Redis");
    assert!(accepts(in_memory).await, "memory");
    assert!(accepts(unflawed).await, "without a flaw");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_contract_rejects_every_flaw() {
    let mut checks = JoinSet::new();
    for &flaw in Flaw::ALL {
        checks.spawn(async move { (flaw, accepts(spawn(contract::check(Flawed::new(flaw)))).await) });
    }
    let ended = checks.join_all().await;
    let accepted: Vec<_> = ended.iter().filter(|(_, is_accepted)| *is_accepted).map(|(flaw, _)| flaw).collect();
    assert!(accepted.is_empty(), "the contract lets these pass: {accepted:?}");
}

#[tokio::test(start_paused = true)]
async fn the_contract_does_not_wait_forever() {
    for flaw in [Flaw::Hangs, Flaw::KeepsItsLockWhenDropped] {
        assert!(!accepts(spawn(contract::check(Flawed::new(flaw)))).await, "{flaw:?}");
    }
}
