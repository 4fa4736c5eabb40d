//! Deliveries that arrive while an equal one is in flight, and senders that hang up.

use std::{
    net::{Shutdown, TcpStream},
    sync::Barrier,
    thread,
    time::Duration,
};

use countersign::{RejectionKind, dedupe::WhenUnavailable};

use super::{
    answers::{assert_duplicate, assert_handled, assert_in_flight},
    book::{Step, wait_until},
    servers::{Kind, Server, geoscored_test, zeodyn},
    stores::Fault,
};
use crate::support::http::{Request, read_answer};

for_all![
    a_copy_is_in_flight_while_the_first_is_handled_and_then_a_duplicate,
    i2_a_copy_is_in_flight_while_the_first_is_handled_and_runs_after_a_failure,
    t13_of_many_copies_at_once_one_is_handled,
    f16_a_sender_that_closes_neither_stops_the_handler_nor_repeats_it,
    f16_a_sender_that_resets_neither_stops_the_handler_nor_repeats_it,
    f16_a_delivery_whose_sender_hung_up_runs_again_after_a_failure,
    a2_a_sender_that_hangs_up_does_not_stop_a_handler_without_a_claim,
    a_claimed_handler_runs_in_the_span_of_its_request,
];

fn a_copy_is_in_flight_while_the_first_is_handled_and_then_a_duplicate(kind: Kind) {
    let server = Server::start(kind);
    server.book.tell("a", [Step::Wait(200)]);
    let first = server.begin(&zeodyn("a"));
    server.book.wait_for("start a", 1);
    for _ in 0..3 {
        assert_in_flight(&server.send(&zeodyn("a")));
        server.assert_explained(&[RejectionKind::InFlight]);
    }
    // Another delivery does not have to wait.
    assert_handled(&server.send(&zeodyn("b")));
    server.book.let_go("a");
    assert_handled(&read_answer(&first).expect("an answer"));
    assert_duplicate(&server.send(&zeodyn("a")));
    assert_eq!(server.book.times("start a"), 1);
    let counts = &server.counters;
    assert_eq!((counts.committed(), counts.in_flight(), counts.duplicates()), (2, 3, 1));
}

fn i2_a_copy_is_in_flight_while_the_first_is_handled_and_runs_after_a_failure(kind: Kind) {
    let server = Server::start(kind);
    server.book.tell("a", [Step::Wait(500)]);
    let first = server.begin(&zeodyn("a"));
    server.book.wait_for("start a", 1);
    assert_in_flight(&server.send(&zeodyn("a")));
    server.book.let_go("a");
    assert_eq!(read_answer(&first).expect("an answer").status, 500);
    assert_handled(&server.send(&zeodyn("a")));
    assert_duplicate(&server.send(&zeodyn("a")));
    assert_eq!(server.book.times("start a"), 2);
}

fn t13_of_many_copies_at_once_one_is_handled(kind: Kind) {
    const COPIES: usize = 20;
    let server = Server::start(kind);
    for id in ["a", "b"] {
        let start = Barrier::new(COPIES);
        let copies: Vec<_> = thread::scope(|scope| {
            let send = || {
                start.wait();
                server.send(&zeodyn(id))
            };
            let copies: Vec<_> = (0..COPIES).map(|_| scope.spawn(send)).collect();
            copies.into_iter().map(|copy| copy.join().expect("an answer")).collect()
        });
        assert_eq!(server.book.times(&format!("start {id}")), 1);
        let (handled, others): (Vec<_>, Vec<_>) = copies
            .into_iter()
            .partition(|answer| answer.status == 200 && answer.header("countersign-delivery").is_none());
        assert_eq!(handled.len(), 1, "{handled:?}");
        for answer in others {
            if answer.status == 200 { assert_duplicate(&answer) } else { assert_in_flight(&answer) }
        }
    }
}

fn f16_a_sender_that_closes_neither_stops_the_handler_nor_repeats_it(kind: Kind) {
    assert_runs_to_its_end(kind, |stream| stream.shutdown(Shutdown::Both).expect("a socket"));
}

/// Closing a socket with unread data resets the connection.
fn f16_a_sender_that_resets_neither_stops_the_handler_nor_repeats_it(kind: Kind) {
    assert_runs_to_its_end(kind, drop);
}

fn assert_runs_to_its_end(kind: Kind, hang_up: fn(TcpStream)) {
    let server = Server::start(kind);
    for round in 0..2 {
        let id = &round.to_string();
        server.book.tell(id, [Step::Wait(200)]);
        // The answer to `Expect` is left unread.
        let stream = server.begin(&zeodyn(id).with_header("Expect", "100-continue"));
        server.book.wait_for(&format!("start {id}"), 1);
        hang_up(stream);
        assert_in_flight(&server.send(&zeodyn(id)));
        server.book.let_go(id);
        server.book.wait_for("commit", round + 1);
        wait_until("it is committed", || server.counters.committed() == round as u64 + 1);
        assert_duplicate(&server.send(&zeodyn(id)));
        assert_eq!(server.book.times(&format!("start {id}")), 1);
        assert_eq!(server.book.times(&format!("end {id}")), 1);
    }
}

fn f16_a_delivery_whose_sender_hung_up_runs_again_after_a_failure(kind: Kind) {
    let server = Server::start(kind);
    server.book.tell("a", [Step::Wait(500)]);
    drop(server.begin(&zeodyn("a")));
    server.book.wait_for("start a", 1);
    server.book.let_go("a");
    wait_until("it is released", || server.counters.released() == 1);
    assert_handled(&server.send(&zeodyn("a")));
    server.assert_happened(&["claim", "start a", "end a", "release", "claim", "start a", "end a", "commit"]);
}

/// Although it runs in a separate task.
fn a_claimed_handler_runs_in_the_span_of_its_request(kind: Kind) {
    let server = Server::start(kind);
    assert_handled(&server.send(&zeodyn("a")));
    let traces = server.book.take_traces();
    let line = traces.lines().find(|line| line.contains("the handler runs")).expect("a trace");
    assert!(line.contains("request"), "{traces}");
}

/// A test event, which is never claimed, and a delivery that is handled although the store is down.
fn a2_a_sender_that_hangs_up_does_not_stop_a_handler_without_a_claim(kind: Kind) {
    let server = Server::start_with(kind, |dedupe| dedupe.with_unavailable_store(WhenUnavailable::RiskHandlingTwice));
    server.store.fail("claim", Fault::Error);
    for (request, id) in [(geoscored_test(), "test_00000000"), (zeodyn("a"), "a")] {
        server.book.tell(id, [Step::Wait(200)]);
        // The answer to `Expect` is left unread, so that the connection is reset.
        drop_once_started(&server, &request.with_header("Expect", "100-continue"), id);
        server.book.let_go(id);
        server.book.wait_for(&format!("end {id}"), 1);
        assert_eq!(server.book.times(&format!("drop {id}")), 0);
    }
}

fn drop_once_started(server: &Server, request: &Request, id: &str) {
    let stream = server.begin(request);
    server.book.wait_for(&format!("start {id}"), 1);
    drop(stream);
    // Handled after the server has seen that the sender is gone.
    assert_handled(&server.send(&zeodyn("another")));
    thread::sleep(Duration::from_millis(200));
}
