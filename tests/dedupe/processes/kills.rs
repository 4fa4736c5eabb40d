//! Receivers that are killed while they handle a delivery, whose retry another one gets.

use std::{
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
    f1_killed_between_claim_and_handler_a_retry_runs_after_the_lease: |framework| kill(framework, AFTER_CLAIM, (0, 1)),
    f1_killed_in_the_handler_a_retry_runs_after_the_lease: |framework| kill(framework, IN_HANDLER, (0, 1)),
    f2_killed_between_handler_and_commit_a_retry_runs_after_the_lease: |framework| kill(framework, BEFORE_COMMIT, (1, 1)),
    i3_killed_between_commit_and_answer_a_retry_is_a_duplicate: |framework| kill(framework, AFTER_COMMIT, (1, 0)),
];

/// How many are killed at each place.
const TIMES: usize = 3;
const LEASE: Duration = Duration::from_secs(2);
/// The additional time that a busy machine may take.
const SLACK: Duration = Duration::from_secs(10);

/// `runs` says how often the handler ends in the receiver that is killed, and in the one that gets the retry.
fn kill(framework: &str, place: &str, runs: (usize, usize)) {
    let redis = Redis::start();
    let survivor = Victim::start(&Settings::new(framework, &redis, LEASE));
    let settings = Settings::new(framework, &redis, LEASE).that_stops(place);
    // First of all, since it takes longest: then each is killed well within its lease.
    let victims: Vec<_> = (0..TIMES).map(|_| Victim::start(&settings)).collect();
    let mut in_flight = 0;
    for (number, mut victim) in victims.into_iter().enumerate() {
        let id = format!("{number}");
        let request = zeodyn(&id);
        let stream = connect(victim.address);
        std::io::Write::write_all(&mut &stream, &request.bytes()).expect("a server that reads");
        victim.wait_for(&format!("stopped {place}"));
        if place == IN_HANDLER && number == 0 {
            // Four renewals take longer than a lease.
            victim.wait_for_times("renewed", 4);
            assert_eq!(request.send(survivor.address).status, 409, "its lease was renewed");
        }
        victim.kill();
        assert_eq!(read_answer(&stream), None, "nothing was answered");
        assert_eq!(victim.times(&format!("handled {id}")), runs.0);
        in_flight += usize::from(request.send(survivor.address).status == 409);
    }
    assert_eq!(in_flight == 0, place == AFTER_COMMIT, "while the lease lasts, a retry is in flight");

    let killed = Instant::now();
    for number in 0..TIMES {
        let (request, handled) = (zeodyn(&number.to_string()), format!("handled {number}"));
        while request.send(survivor.address).status == 409 {
            assert!(killed.elapsed() < LEASE + SLACK, "it is still claimed");
            thread::sleep(Duration::from_millis(5));
        }
        // The line was written before the answer, but may not have been read yet.
        if runs.1 > 0 {
            survivor.wait_for(&handled);
        }
        let answer = request.send(survivor.address);
        assert_eq!((answer.status, answer.header("countersign-delivery")), (200, Some("duplicate")));
        assert_eq!(survivor.times(&handled), runs.1);
    }
    println!(
        "{framework}: {TIMES} killed {place}, {in_flight} in flight, {:?} until all were answered",
        killed.elapsed()
    );
}
