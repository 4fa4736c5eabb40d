//! Handlers that miss their deadline.

use std::time::{Duration, Instant};

use countersign::RejectionKind;

use super::{
    answers::{assert_duplicate, assert_handled, assert_unavailable},
    book::{Step, wait_until},
    servers::{Kind, Server, zeodyn},
};

for_all![
    f14_a_handler_over_its_deadline_is_dropped_before_its_delivery_is_released,
    f14_a_sender_that_hung_up_does_not_keep_a_handler_from_its_deadline,
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
    assert!(server.book.take_traces().contains(r#"reason="handler_timeout""#));
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
