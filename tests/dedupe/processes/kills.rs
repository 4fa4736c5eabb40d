//! 200 receivers that are killed, each at a delivery that another one then gets.

use std::{
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use super::{
    child_store::{AFTER_CLAIM, AFTER_COMMIT, BEFORE_COMMIT, IN_HANDLER},
    victim::{Settings, Victim, zeodyn},
};
use crate::{
    redis::Redis,
    support::http::{connect, read_answer},
};

for_both![
    f1_killed_between_claim_and_handler_it_runs_after_the_lease,
    f1_killed_in_the_handler_it_runs_after_the_lease,
    f2_killed_between_handler_and_commit_it_runs_again_after_the_lease,
    i3_killed_between_commit_and_answer_it_is_done,
];

const LEASE: Duration = Duration::from_millis(60);
/// What the machine's other work may add.
const SLACK: Duration = Duration::from_millis(500);

fn f1_killed_between_claim_and_handler_it_runs_after_the_lease(framework: &str) {
    kill(framework, AFTER_CLAIM, 30, (0, 1));
}

/// The lease was renewed all the while.
fn f1_killed_in_the_handler_it_runs_after_the_lease(framework: &str) {
    kill(framework, IN_HANDLER, 30, (0, 1));
}

/// Twice, and never not at all.
fn f2_killed_between_handler_and_commit_it_runs_again_after_the_lease(framework: &str) {
    kill(framework, BEFORE_COMMIT, 30, (1, 1));
}

fn i3_killed_between_commit_and_answer_it_is_done(framework: &str) {
    kill(framework, AFTER_COMMIT, 10, (1, 0));
}

/// `runs` are those of the one that is killed and of the one that gets the delivery then.
fn kill(framework: &str, place: &str, times: usize, runs: (usize, usize)) {
    let redis = Redis::start();
    let survivor = Victim::start(&Settings::new(framework, &redis, LEASE));
    let (mut refused, mut longest) = (0, Duration::ZERO);
    thread::scope(|scope| {
        // The next one starts while one is killed.
        let (ready, victims) = mpsc::sync_channel(1);
        let settings = Settings::new(framework, &redis, LEASE).that_stops(place);
        scope.spawn(move || (0..times).try_for_each(|_| ready.send(Victim::start(&settings))));
        for (number, mut victim) in victims.iter().enumerate() {
            let id = format!("{number}");
            let request = zeodyn(&id);
            let stream = connect(victim.address);
            std::io::Write::write_all(&mut &stream, &request.bytes()).expect("a server that reads");
            victim.wait_for(&format!("stopped {place}"));
            if place == IN_HANDLER && number % 5 == 0 {
                // By the first lease alone it would be over.
                thread::sleep(LEASE * 2);
                assert_eq!(request.send(survivor.address).status, 409, "it is renewed");
            }
            victim.kill();
            let killed = Instant::now();
            assert_eq!(read_answer(&stream), None, "nothing was answered");
            assert_eq!(victim.times(&format!("handled {id}")), runs.0);

            let answer = loop {
                let answer = request.send(survivor.address);
                match answer.status {
                    409 => refused += 1,
                    200 => break answer,
                    _ => panic!("{answer:?}"),
                }
                assert_eq!(survivor.times(&format!("handled {id}")), 0);
                assert!(killed.elapsed() < LEASE + SLACK, "it is blocked still");
                thread::sleep(Duration::from_millis(5));
            };
            let took = killed.elapsed();
            assert!(took < LEASE + SLACK, "it was blocked for {took:?}");
            longest = longest.max(took);
            // It was said before it was answered; what was said has to be read.
            let handled = format!("handled {id}");
            if runs.1 > 0 {
                survivor.wait_for(&handled);
            }
            assert_eq!(survivor.times(&handled), runs.1);
            assert_eq!(answer.header("countersign-delivery").is_some(), runs.1 == 0);
            let answer = request.send(survivor.address);
            assert_eq!((answer.status, answer.header("countersign-delivery")), (200, Some("duplicate")));
            assert_eq!(survivor.times(&handled), runs.1);
        }
    });
    println!("{framework}: {times} killed {place}, {refused} put off, {longest:?} at most until it was answered");
    assert_eq!(refused == 0, place == AFTER_COMMIT, "while the lease lasts, it is put off");
}
