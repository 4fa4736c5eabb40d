//! Stores that fail, hang or panic.

use std::time::{Duration, Instant};

use countersign::{VerifyErrorKind, dedupe::WhenUnavailable};

use super::{
    answers::{assert_duplicate, assert_handled, assert_in_flight, assert_unavailable},
    book::Step,
    servers::{Kind, Server, zeodyn},
    stores::{FAULTS, Fault},
};

for_all![
    i5_f6_without_an_answer_to_the_claim_nothing_runs,
    f6_without_an_answer_to_the_claim_it_runs_if_that_is_to_be_risked,
    f7_a_commit_that_fails_leaves_the_answer_and_risks_another_run,
    a_release_that_fails_leaves_the_answer_and_ends_with_the_lease,
    i2_f8_a_claim_that_took_effect_unanswered_is_over_with_its_lease,
    f7_a_commit_that_took_effect_unanswered_is_counted_and_holds,
];

const LIMIT: Duration = Duration::from_millis(200);
/// What a busy machine may take on top.
const PATIENCE: Duration = Duration::from_secs(20);
/// What is not refused by the default lease is refused by nothing.
const LEASE: Duration = Duration::from_secs(11);

#[track_caller]
fn assert_in_time(fault: Fault, start: Instant) {
    let took = start.elapsed();
    let least = if matches!(fault, Fault::Hang) { LIMIT } else { Duration::ZERO };
    assert!(took >= least && took < LIMIT + PATIENCE, "{fault:?}: {took:?}");
}

fn i5_f6_without_an_answer_to_the_claim_nothing_runs(kind: Kind) {
    for fault in FAULTS {
        let server = Server::start_with(kind, |dedupe| dedupe.with_store_timeout(LIMIT));
        server.store.fail("claim", fault);
        for _ in 0..2 {
            let start = Instant::now();
            assert_unavailable(&server.send(&zeodyn("a")));
            assert_in_time(fault, start);
            server.assert_happened(&["claim"]);
            server.assert_explained(&[VerifyErrorKind::StoreUnavailable]);
        }
        assert!(server.book.take_traces().contains(r#"reason="store_unavailable""#), "{fault:?}");
        server.store.heal();
        assert_handled(&server.send(&zeodyn("a")));
        assert_duplicate(&server.send(&zeodyn("a")));
        let counts = &server.counters;
        assert_eq!((counts.unavailable(), counts.committed(), counts.duplicates()), (2, 1, 1), "{fault:?}");
    }
}

fn f6_without_an_answer_to_the_claim_it_runs_if_that_is_to_be_risked(kind: Kind) {
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
        // What is known is not risked.
        server.store.heal();
        assert_handled(&server.send(&zeodyn("a")));
        assert_duplicate(&server.send(&zeodyn("a")));
    }
}

fn f7_a_commit_that_fails_leaves_the_answer_and_risks_another_run(kind: Kind) {
    for fault in FAULTS {
        let server = Server::start_with(kind, |dedupe| dedupe.with_store_timeout(LIMIT));
        server.store.fail("commit", fault);
        let start = Instant::now();
        assert_handled(&server.send(&zeodyn("a")));
        assert_in_time(fault, start);
        let counts = &server.counters;
        assert_eq!((counts.not_committed(), counts.committed(), counts.lost()), (1, 0, 0), "{fault:?}");
        let traces = server.book.take_traces();
        let error = traces.lines().find(|line| line.contains("could not be remembered")).expect("a trace");
        assert!(error.contains("ERROR"), "{error}");
        server.store.heal();
        // Claimed, and never given up.
        assert_in_flight(&server.send(&zeodyn("a")));
        server.store.let_pass(LEASE);
        assert_handled(&server.send(&zeodyn("a")));
        assert_duplicate(&server.send(&zeodyn("a")));
    }
}

fn a_release_that_fails_leaves_the_answer_and_ends_with_the_lease(kind: Kind) {
    for fault in FAULTS {
        let server = Server::start_with(kind, |dedupe| dedupe.with_store_timeout(LIMIT));
        server.store.fail("release", fault);
        server.book.tell("a", [Step::Answer(404)]);
        let start = Instant::now();
        assert_eq!(server.send(&zeodyn("a")).status, 404);
        assert_in_time(fault, start);
        let counts = &server.counters;
        assert_eq!((counts.not_released(), counts.released(), counts.lost()), (1, 0, 0), "{fault:?}");
        assert!(server.book.take_traces().contains("could not be given up"), "{fault:?}");
        server.store.heal();
        assert_in_flight(&server.send(&zeodyn("a")));
        server.store.let_pass(LEASE);
        assert_handled(&server.send(&zeodyn("a")));
        assert_duplicate(&server.send(&zeodyn("a")));
    }
}

/// As on a Redis that is slow: what was refused with 503 is claimed, by nobody who would handle it.
fn i2_f8_a_claim_that_took_effect_unanswered_is_over_with_its_lease(kind: Kind) {
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

fn f7_a_commit_that_took_effect_unanswered_is_counted_and_holds(kind: Kind) {
    let server = Server::start_with(kind, |dedupe| dedupe.with_store_timeout(LIMIT));
    server.store.fail("commit", Fault::Unanswered);
    assert_handled(&server.send(&zeodyn("a")));
    server.store.heal();
    assert_duplicate(&server.send(&zeodyn("a")));
    let counts = &server.counters;
    assert_eq!((counts.not_committed(), counts.committed(), counts.duplicates()), (1, 0, 1));
}
