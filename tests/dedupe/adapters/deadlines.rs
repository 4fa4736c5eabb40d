//! Handlers that miss their deadline.

use std::time::{Duration, Instant};

use countersign::{RejectionKind, dedupe::WhenUnavailable};

use super::{
    answers::{assert_duplicate, assert_handled, assert_unavailable},
    book::{Step, wait_until},
    servers::{Kind, Server, geoscored_test, zeodyn},
    stores::Fault,
};

for_all![
    f14_a_handler_over_its_deadline_is_dropped_before_its_delivery_is_released,
    f14_a_sender_that_hung_up_does_not_keep_a_handler_from_its_deadline,
    a1_a_handler_that_uses_up_its_budget_does_not_escape_its_deadline,
    a2_a_handler_without_a_claim_has_its_deadline,
    a5_a_stopped_handler_that_panics_when_it_is_dropped_is_released,
];

const DEADLINE: Duration = Duration::from_millis(150);
/// The additional time that a busy machine may take.
const PATIENCE: Duration = Duration::from_secs(20);

fn f14_a_handler_over_its_deadline_is_dropped_before_its_delivery_is_released(kind: Kind) {
    let server = Server::start_with(kind, |dedupe| dedupe.with_handler_timeout(DEADLINE));
    server.book.tell("a", [Step::Hang, Step::Hang]);
    for _ in 0..2 {
        let start = Instant::now();
        assert_unavailable(&server.send(&zeodyn("a")));
        let took = start.elapsed();
        assert!(took >= DEADLINE && took < DEADLINE + PATIENCE, "{took:?}");
        server.assert_happened(&["claim", "start a", "drop a", "release"]);
        server.assert_explained(&[RejectionKind::HandlerTimeout]);
    }
    assert_handled(&server.send(&zeodyn("a")));
    assert_duplicate(&server.send(&zeodyn("a")));
    server.assert_happened(&["claim", "start a", "end a", "commit", "claim"]);
    let counts = &server.counters;
    assert_eq!((counts.timed_out(), counts.released(), counts.committed()), (2, 2, 1));
    let traces = server.book.take_traces();
    assert!(traces.contains(r#"webhook handler stopped at its deadline provider="zeodyn" reason="handler_timeout""#));
    assert!(!traces.contains("rejected"), "C27: {traces}");
}

fn f14_a_sender_that_hung_up_does_not_keep_a_handler_from_its_deadline(kind: Kind) {
    let server = Server::start_with(kind, |dedupe| dedupe.with_handler_timeout(DEADLINE));
    server.book.tell("a", [Step::Hang]);
    let first = server.begin(&zeodyn("a"));
    server.book.wait_for("start a", 1);
    drop(first);
    wait_until("it is released", || server.counters.released() == 1);
    server.assert_happened(&["claim", "start a", "drop a", "release"]);
    assert_handled(&server.send(&zeodyn("a")));
}

/// As tokio recommends for loops that take much CPU time: `consume_budget().await`.
fn a1_a_handler_that_uses_up_its_budget_does_not_escape_its_deadline(kind: Kind) {
    let server = Server::start_with(kind, |dedupe| dedupe.with_handler_timeout(DEADLINE));
    server.book.tell("a", [Step::Spin]);
    assert_unavailable(&server.send(&zeodyn("a")));
    server.assert_happened(&["claim", "start a", "drop a", "release"]);
    server.assert_explained(&[RejectionKind::HandlerTimeout]);
    assert_handled(&server.send(&zeodyn("a")));
}

/// A test event, which is never claimed, and a delivery that is handled although the store is down.
fn a2_a_handler_without_a_claim_has_its_deadline(kind: Kind) {
    let server = Server::start_with(kind, |dedupe| {
        dedupe.with_handler_timeout(DEADLINE).with_unavailable_store(WhenUnavailable::RiskHandlingTwice)
    });
    server.store.fail("claim", Fault::Error);
    for (request, id, claims) in [(geoscored_test(), "test_00000000", 0), (zeodyn("a"), "a", 1)] {
        server.book.tell(id, [Step::Hang]);
        assert_unavailable(&server.send(&request));
        server.assert_explained(&[RejectionKind::HandlerTimeout]);
        let (start, drop) = (format!("start {id}"), format!("drop {id}"));
        server.assert_happened(&[&["claim"; 1][..claims], &[&start, &drop]].concat());
        assert_handled(&server.send(&request));
        server.book.take();
    }
}

fn a5_a_stopped_handler_that_panics_when_it_is_dropped_is_released(kind: Kind) {
    let server = Server::start_with(kind, |dedupe| dedupe.with_handler_timeout(DEADLINE));
    server.book.tell("a", [Step::HangAndPanicInDrop]);
    assert_unavailable(&server.send(&zeodyn("a")));
    server.assert_happened(&["claim", "start a", "drop a", "release"]);
    server.assert_explained(&[RejectionKind::HandlerTimeout]);
    assert_handled(&server.send(&zeodyn("a")));
    assert_duplicate(&server.send(&zeodyn("a")));
}
