//! Any sequence of deliveries, handlers, faults, kills and waits, held against the invariants I1–I8.

use std::{
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
    thread,
    time::Duration,
};

use countersign::dedupe::{ClaimStore, MemoryStore};
use proptest::{
    prelude::*,
    test_runner::{Config, TestCaseError, TestRunner},
};

use crate::{
    deliveries::tokio_clock,
    ledger::Fault,
    machine::{Handler, Machine, Scope},
    redis::Redis,
};

#[derive(Clone, Copy, Debug)]
enum Step {
    Deliver {
        instance: usize,
        scope: Scope,
        id: usize,
        handler: Handler,
        killed_after: Option<usize>,
    },
    /// The handlers that wait for it are told to end.
    Finish {
        is_success: bool,
    },
    /// The oldest of the instance's deliveries that are under way is stopped where it is.
    Kill {
        instance: usize,
    },
    /// In hundredths of a lease.
    Wait(u32),
    Fail {
        after: usize,
        fault: Fault,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let scope = prop_oneof![
        6 => Just(Scope::Plain),
        1 => Just(Scope::Namespace),
        1 => Just(Scope::Tenant),
        1 => Just(Scope::Event),
        1 => Just(Scope::Provider),
    ];
    let handler = prop_oneof![
        4 => Just(Handler::Succeed),
        2 => Just(Handler::Fail),
        1 => Just(Handler::Panic),
        3 => Just(Handler::Wait),
        2 => (1_u32..400).prop_map(Handler::SucceedLate),
    ];
    let killed_after = prop_oneof![8 => Just(None), 1 => (0_usize..14).prop_map(Some)];
    let deliver = (0..2_usize, scope, 0..2_usize, handler, killed_after).prop_map(
        |(instance, scope, id, handler, killed_after)| Step::Deliver { instance, scope, id, handler, killed_after },
    );
    let fault = prop_oneof![Just(Fault::Error), Just(Fault::Hang), Just(Fault::Lost)];
    prop_oneof![
        8 => deliver,
        2 => any::<bool>().prop_map(|is_success| Step::Finish { is_success }),
        1 => (0..2_usize).prop_map(|instance| Step::Kill { instance }),
        4 => prop_oneof![1_u32..40, 40_u32..150, 150_u32..600].prop_map(Step::Wait),
        2 => (0..4_usize, fault).prop_map(|(after, fault)| Step::Fail { after, fault }),
    ]
}

async fn run<S: ClaimStore>(mut machine: Machine<S>, steps: Vec<Step>) -> Result<(), TestCaseError> {
    for step in steps {
        match step {
            Step::Deliver { instance, scope, id, handler, killed_after } => {
                machine.deliver(instance, scope, id, handler, killed_after);
            }
            Step::Finish { is_success } => machine.finish(is_success),
            Step::Kill { instance } => machine.kill(instance),
            Step::Wait(hundredths) => machine.wait(hundredths).await,
            Step::Fail { after, fault } => machine.books().fail(after, fault),
        }
        machine.settle().await;
        machine.check().map_err(TestCaseError::fail)?;
    }
    machine.comes_to_rest().await.map_err(TestCaseError::fail)
}

/// How many sequences are tried, unless `PROPTEST_CASES` says otherwise.
const CASES: u32 = 32;

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES)
}

/// Runs any sequences of up to so many steps on machines that `machine` makes.
fn run_any<S: ClaimStore>(cases: u32, steps: usize, is_paused: bool, machine: impl AsyncFn() -> Machine<S>) {
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 300, ..Config::default() };
    let result = TestRunner::new(config).run(&prop::collection::vec(step(), 1..steps), |steps| {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().start_paused(is_paused).build().unwrap();
        runtime.block_on(async { run(machine().await, steps).await })
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn i1_to_i8_hold_for_any_sequence_in_memory() {
    let store = || MemoryStore::new().with_clock(tokio_clock());
    run_any(cases(), 40, true, async || Machine::new(store(), Duration::from_secs(10), true));
}

#[test]
fn i1_to_i8_hold_for_any_sequence_on_redis() {
    let redis = Redis::start();
    let number = AtomicUsize::new(0);
    let machine = async || {
        let store = redis.store().await.with_prefix(format!("{}{}:", redis.prefix, number.fetch_add(1, SeqCst)));
        Machine::new(store, Duration::from_secs(1), false)
    };
    // A lease is a second of real time here: few sequences, side by side, which mostly wait.
    let each = (cases() / 32).max(1);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| run_any(each, 12, false, machine));
        }
    });
}
