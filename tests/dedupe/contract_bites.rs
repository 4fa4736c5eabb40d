//! The contract refuses every store that is wrong in one thing alone.

use countersign::dedupe::contract;
use tokio::task::JoinSet;

use crate::flawed::{Flaw, Flawed};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_contract_accepts_the_store_that_the_flaws_are_made_in() {
    contract::check(Flawed::new(Flaw::None)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_contract_refuses_every_flaw() {
    let mut checks = JoinSet::new();
    for flaw in Flaw::ALL {
        checks.spawn(async move {
            (flaw, tokio::spawn(contract::check(Flawed::new(flaw))).await.is_err_and(|error| error.is_panic()))
        });
    }
    let ended = checks.join_all().await;
    let accepted: Vec<_> = ended.iter().filter(|(_, is_refused)| !is_refused).map(|(flaw, _)| flaw).collect();
    assert!(accepted.is_empty(), "the contract lets these pass: {accepted:?}");
}

#[tokio::test(start_paused = true)]
async fn the_contract_does_not_wait_for_ever() {
    for flaw in [Flaw::Hangs, Flaw::KeepsItsLockWhenDropped] {
        let check = tokio::spawn(contract::check(Flawed::new(flaw))).await;
        assert!(check.is_err_and(|error| error.is_panic()), "{flaw:?}");
    }
}
