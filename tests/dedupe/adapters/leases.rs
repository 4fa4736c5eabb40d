//! Leases that are renewed, and leases that are lost.

use std::time::Duration;

use super::{
    answers::{assert_duplicate, assert_handled, assert_in_flight},
    book::{Step, wait_until},
    servers::{Kind, Server, zeodyn},
    stores::Fault,
};
use crate::support::http::read_answer;

for_all![
    f12_a_lease_is_renewed_for_as_long_as_its_handler_runs,
    f12_a_renewal_that_fails_once_keeps_the_lease,
    a1_a_handler_that_uses_up_its_budget_does_not_starve_its_renewals,
    i8_a_worker_that_lost_its_lease_cannot_commit,
    i8_a_worker_that_lost_its_lease_cannot_release,
];

/// Renewed every 30 ms of real time; it expires by the store's clock, which a test advances.
const LEASE: Duration = Duration::from_millis(100);

fn f12_a_lease_is_renewed_for_as_long_as_its_handler_runs(kind: Kind) {
    let server = Server::start_with(kind, |dedupe| dedupe.with_lease(LEASE));
    server.book.tell("a", [Step::Wait(200)]);
    let first = server.begin(&zeodyn("a"));
    server.book.wait_for("start a", 1);
    for _ in 0..6 {
        pass_a_third(&server);
        assert_in_flight(&server.send(&zeodyn("a")));
    }
    server.book.let_go("a");
    assert_handled(&read_answer(&first).expect("an answer"));
    assert_duplicate(&server.send(&zeodyn("a")));
    assert_eq!((server.book.times("start a"), server.book.times("commit")), (1, 1));
    assert!(server.book.times("renew") >= 5, "{:?}", server.book.take());
    let counts = &server.counters;
    assert_eq!((counts.committed(), counts.lost()), (1, 0));
}

fn a1_a_handler_that_uses_up_its_budget_does_not_starve_its_renewals(kind: Kind) {
    let server =
        Server::start_with(kind, |dedupe| dedupe.with_lease(LEASE).with_handler_timeout(Duration::from_secs(100)));
    server.book.tell("a", [Step::Spin]);
    let first = server.begin(&zeodyn("a"));
    server.book.wait_for("start a", 1);
    (0..6).for_each(|_| pass_a_third(&server));
    server.book.stop_spinning();
    assert_handled(&read_answer(&first).expect("an answer"));
    assert_duplicate(&server.send(&zeodyn("a")));
    assert_eq!((server.counters.committed(), server.counters.lost()), (1, 0));
}

fn f12_a_renewal_that_fails_once_keeps_the_lease(kind: Kind) {
    for fault in [Fault::Error, Fault::Panic] {
        let server = Server::start_with(kind, |dedupe| dedupe.with_lease(LEASE));
        server.book.tell("a", [Step::Wait(200)]);
        server.store.fail("renew", fault);
        let first = server.begin(&zeodyn("a"));
        server.book.wait_for("renew", 1);
        server.store.heal();
        (0..6).for_each(|_| pass_a_third(&server));
        assert_in_flight(&server.send(&zeodyn("a")));
        server.book.let_go("a");
        assert_handled(&read_answer(&first).expect("an answer"));
        assert_duplicate(&server.send(&zeodyn("a")));
        let counts = &server.counters;
        assert_eq!((counts.committed(), counts.lost()), (1, 0), "{fault:?}");
        assert!(server.book.take_traces().contains("the lease could not be renewed"), "{fault:?}");
    }
}

/// The first gets its handler's answer, and changes nothing of what the second did.
fn i8_a_worker_that_lost_its_lease_cannot_commit(kind: Kind) {
    let server = Server::start(kind);
    server.book.tell("a", [Step::Wait(200), Step::Answer(500), Step::Wait(200)]);
    let first = server.begin(&zeodyn("a"));
    server.book.wait_for("start a", 1);
    lose_the_lease(&server);
    // The second failed: the first must not have it taken for done.
    assert_eq!(server.send(&zeodyn("a")).status, 500);
    let third = server.begin(&zeodyn("a"));
    server.book.wait_for("start a", 3);
    server.book.let_go("a");
    assert_handled(&read_answer(&first).expect("an answer"));
    wait_until("it is lost", || server.counters.lost() == 1);
    assert_in_flight(&server.send(&zeodyn("a")));
    server.book.let_go("a");
    assert_handled(&read_answer(&third).expect("an answer"));
    assert_duplicate(&server.send(&zeodyn("a")));
    let counts = &server.counters;
    assert_eq!((counts.committed(), counts.released(), counts.lost(), counts.not_committed()), (1, 1, 1, 0));
    assert!(
        server
            .book
            .take_traces()
            .contains("the lease expired before the delivery was handled: it may have been handled twice")
    );
}

fn i8_a_worker_that_lost_its_lease_cannot_release(kind: Kind) {
    let server = Server::start(kind);
    server.book.tell("a", [Step::Wait(500), Step::Wait(200)]);
    let first = server.begin(&zeodyn("a"));
    server.book.wait_for("start a", 1);
    lose_the_lease(&server);
    let second = server.begin(&zeodyn("a"));
    server.book.wait_for("start a", 2);
    server.book.let_go("a");
    assert_eq!(read_answer(&first).expect("an answer").status, 500);
    assert_in_flight(&server.send(&zeodyn("a")));
    server.book.let_go("a");
    assert_handled(&read_answer(&second).expect("an answer"));
    assert_duplicate(&server.send(&zeodyn("a")));
    let counts = &server.counters;
    assert_eq!((counts.committed(), counts.released(), counts.lost(), counts.not_released()), (1, 0, 1, 0));
}

/// After a new renewal, so that two leases pass in six, and none expires however late the test is.
fn pass_a_third(server: &Server) {
    server.book.wait_for("renew", server.book.times("renew") + 1);
    server.store.let_pass(LEASE / 3);
}

fn lose_the_lease(server: &Server) {
    server.store.let_pass(Duration::from_secs(11));
}
