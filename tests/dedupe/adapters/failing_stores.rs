//! Stores that fail, hang or panic.

use std::time::{Duration, Instant};

use countersign::{
    RejectionKind,
    dedupe::{Counters, WhenUnavailable},
};

use super::{
    answers::{assert_duplicate, assert_handled, assert_in_flight, assert_unavailable},
    book::Step,
    servers::{Kind, Server, zeodyn},
    stores::{FAULTS, Fault},
};

for_all![
    i5_f6_without_an_answer_to_the_claim_no_handler_runs,
    f6_without_an_answer_to_the_claim_the_handler_runs_if_the_user_takes_the_risk,
    f7_a_commit_that_fails_keeps_the_answer_and_the_retry_runs,
    a_release_that_fails_keeps_the_answer_and_the_claim_expires_with_its_lease,
    i2_f8_a_claim_that_took_effect_unanswered_expires_with_its_lease,
    f7_a_commit_that_took_effect_unanswered_is_counted_and_stays_committed,
];

const LIMIT: Duration = Duration::from_millis(200);
/// The additional time that a busy machine may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// Longer than the default lease.
const LEASE: Duration = Duration::from_secs(11);

#[track_caller]
fn assert_in_time(fault: Fault, start: Instant) {
    let took = start.elapsed();
    let least = if matches!(fault, Fault::Hang) { LIMIT } else { Duration::ZERO };
    assert!(took >= least && took < LIMIT + PATIENCE, "{fault:?}: {took:?}");
}

fn i5_f6_without_an_answer_to_the_claim_no_handler_runs(kind: Kind) {
    for fault in FAULTS {
        let server = Server::start_with(kind, |dedupe| dedupe.with_store_timeout(LIMIT));
        server.store.fail("claim", fault);
        for _ in 0..2 {
            let start = Instant::now();
            assert_unavailable(&server.send(&zeodyn("a")));
            assert_in_time(fault, start);
            server.assert_happened(&["claim"]);
            server.assert_explained(&[RejectionKind::StoreUnavailable]);
        }
        assert!(server.book.take_traces().contains(r#"reason="store_unavailable""#), "{fault:?}");
        server.store.heal();
        assert_handled(&server.send(&zeodyn("a")));
        assert_duplicate(&server.send(&zeodyn("a")));
        let counts = &server.counters;
        assert_eq!((counts.unavailable(), counts.committed(), counts.duplicates()), (2, 1, 1), "{fault:?}");
    }
}

fn f6_without_an_answer_to_the_claim_the_handler_runs_if_the_user_takes_the_risk(kind: Kind) {
    for fault in FAULTS {
        let server = Server::start_with(kind, |dedupe| {
            dedupe.with_store_timeout(LIMIT).with_unavailable_store(WhenUnavailable::RiskHandlingTwice)
        });
        server.store.fail("claim", fault);
        for _ in 0..2 {
            let start = Instant::now();
            assert_handled(&server.send(&zeodyn("a")));
            assert_in_time(fault, start);
            // Without a claim there is nothing to commit.
            server.assert_happened(&["claim", "start a", "end a"]);
        }
        assert_eq!(server.counters.unavailable(), 2);
        assert!(server.book.take_traces().contains("ERROR"), "{fault:?}");
        // A known duplicate is still a duplicate.
        server.store.heal();
        assert_handled(&server.send(&zeodyn("a")));
        assert_duplicate(&server.send(&zeodyn("a")));
    }
}

fn f7_a_commit_that_fails_keeps_the_answer_and_the_retry_runs(kind: Kind) {
    let text = "handled but could not be committed";
    after_a_failed_end(kind, "commit", (200, text), |counts| (counts.not_committed(), counts.committed()));
}

fn a_release_that_fails_keeps_the_answer_and_the_claim_expires_with_its_lease(kind: Kind) {
    after_a_failed_end(kind, "release", (404, "could not be released"), |counts| {
        (counts.not_released(), counts.released())
    });
}

/// `count` returns the ends that failed and those that did not.
fn after_a_failed_end(kind: Kind, end: &'static str, (status, text): (u16, &str), count: fn(&Counters) -> (u64, u64)) {
    for fault in FAULTS {
        let server = Server::start_with(kind, |dedupe| dedupe.with_store_timeout(LIMIT));
        server.store.fail(end, fault);
        server.book.tell("a", [Step::Answer(status)]);
        let start = Instant::now();
        let answer = server.send(&zeodyn("a"));
        assert_eq!((answer.status, answer.header("countersign-delivery")), (status, None));
        assert_in_time(fault, start);
        assert_eq!((count(&server.counters), server.counters.lost()), ((1, 0), 0), "{fault:?}");
        let traces = server.book.take_traces();
        let line = traces.lines().find(|line| line.contains(text)).expect("a trace");
        assert!(line.contains(if end == "commit" { "ERROR" } else { "WARN" }), "{line}");
        server.store.heal();
        // Claimed, and never released.
        assert_in_flight(&server.send(&zeodyn("a")));
        server.store.let_pass(LEASE);
        assert_handled(&server.send(&zeodyn("a")));
        assert_duplicate(&server.send(&zeodyn("a")));
    }
}

/// As on a slow Redis: a delivery that was answered 503 is claimed, and no handler runs for it.
fn i2_f8_a_claim_that_took_effect_unanswered_expires_with_its_lease(kind: Kind) {
    let server = Server::start_with(kind, |dedupe| dedupe.with_store_timeout(LIMIT));
    server.store.fail("claim", Fault::Unanswered);
    assert_unavailable(&server.send(&zeodyn("a")));
    server.store.heal();
    assert_in_flight(&server.send(&zeodyn("a")));
    server.store.let_pass(LEASE);
    assert_handled(&server.send(&zeodyn("a")));
    assert_duplicate(&server.send(&zeodyn("a")));
    assert_eq!(server.book.times("start a"), 1);
}

fn f7_a_commit_that_took_effect_unanswered_is_counted_and_stays_committed(kind: Kind) {
    let server = Server::start_with(kind, |dedupe| dedupe.with_store_timeout(LIMIT));
    server.store.fail("commit", Fault::Unanswered);
    assert_handled(&server.send(&zeodyn("a")));
    server.store.heal();
    assert_duplicate(&server.send(&zeodyn("a")));
    let counts = &server.counters;
    assert_eq!((counts.not_committed(), counts.committed(), counts.duplicates()), (1, 0, 1));
}
