//! SIGTERM while handlers run.

use std::{
    io::Write,
    thread,
    time::{Duration, Instant},
};

use super::victim::{Settings, Victim, zeodyn};
use crate::{
    redis::Redis,
    support::http::{connect, read_answer},
};

for_both![
    f20_handlers_that_run_at_sigterm_finish_are_committed_and_answered: finishes,
    f20_a_claim_whose_sender_is_gone_at_sigterm_expires_with_its_lease_at_the_latest: sender_is_gone,
];

const LEASE: Duration = Duration::from_secs(1);
/// Longer than a lease.
const HANDLER: Duration = Duration::from_millis(1500);
/// The additional time that a busy machine may take.
const SLACK: Duration = Duration::from_secs(10);

fn finishes(framework: &str) {
    let redis = Redis::start();
    let mut stopped = Victim::start(&Settings { handler: None, ..Settings::new(framework, &redis, LEASE) });
    let other = Victim::start(&Settings::new(framework, &redis, LEASE));
    let ids = ["a", "b", "c"];
    let streams = ids.map(|id| {
        let mut stream = connect(stopped.address);
        stream.write_all(&zeodyn(id).bytes()).expect("a server that reads");
        stopped.wait_for(&format!("started {id}"));
        stream
    });
    stopped.terminate();
    // Four renewals of each take longer than a lease.
    stopped.wait_for_times("renewed", ids.len() * (stopped.times("renewed") / ids.len() + 4));
    assert_eq!(zeodyn("a").send(other.address).status, 409);
    stopped.let_go(ids.len());
    for (id, stream) in ids.iter().zip(&streams) {
        let answer = read_answer(stream).expect("an answer");
        assert_eq!((answer.status, answer.header("countersign-delivery")), (200, None));
        let answer = zeodyn(id).send(other.address);
        assert_eq!((answer.status, answer.header("countersign-delivery")), (200, Some("duplicate")));
    }
    assert!(stopped.wait().success());
    assert_eq!(other.lines().iter().filter(|line| line.starts_with("handled")).count(), 0);
}

fn sender_is_gone(framework: &str) {
    let redis = Redis::start();
    let mut stopped = Victim::start(&Settings { handler: Some(HANDLER), ..Settings::new(framework, &redis, LEASE) });
    let other = Victim::start(&Settings::new(framework, &redis, LEASE));
    let mut stream = connect(stopped.address);
    stream.write_all(&zeodyn("a").bytes()).expect("a server that reads");
    stopped.wait_for("started a");
    drop(stream);
    stopped.terminate();
    assert!(stopped.wait().success());
    let end = Instant::now();
    let answer = loop {
        let answer = zeodyn("a").send(other.address);
        if answer.status != 409 {
            break answer;
        }
        assert!(end.elapsed() < LEASE + SLACK, "it is still claimed");
        thread::sleep(Duration::from_millis(5));
    };
    // One of the two handled it.
    assert_eq!(answer.status, 200);
    let is_duplicate = answer.header("countersign-delivery").is_some();
    println!("{framework}: answered after {:?}, by the one that was stopped: {is_duplicate}", end.elapsed());
    let by = if is_duplicate { &stopped } else { &other };
    by.wait_for("handled a");
}
