//! Any sequence of deliveries, handlers, faults, kills and waits, checked against the invariants I1–I8.

use std::time::Duration;

use proptest::{
    prelude::*,
    test_runner::{Config, TestCaseError, TestRunner},
};

use crate::{
    ledger::Fault,
    machine::{Handler, Machine, Scope},
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
    /// The oldest delivery in flight of the instance is stopped.
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

async fn run(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut machine = Machine::new(Duration::from_secs(10));
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

/// That the state machine of the core holds on every store that keeps the contract follows from this and the contract.
/// `PROPTEST_CASES` says how many sequences are tried (default: 64).
#[test]
fn i1_to_i8_hold_for_any_sequence() {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(64);
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 300, ..Config::default() };
    let result = TestRunner::new(config).run(&prop::collection::vec(step(), 1..40), |steps| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(run(steps))
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}
