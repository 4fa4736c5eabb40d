//! Refusals that are answered with what the user made of them.

use std::time::Duration;

use countersign::VerifyErrorKind::{self, HandlerTimeout, InFlight, StoreUnavailable};

use super::{
    answers::{assert_duplicate, assert_handled},
    book::Step,
    servers::{Kind, Server, zeodyn},
    stores::Fault,
};
use crate::support::http::{Answer, Request, read_answer};

for_all![
    what_is_in_flight_is_answered_with_the_users_own,
    what_the_store_cannot_decide_is_answered_with_the_users_own,
    what_takes_too_long_is_answered_with_the_users_own,
    a_duplicate_is_no_refusal,
];

fn request() -> Request {
    zeodyn("a").with_target("/own/zeodyn")
}

/// With the true reason in the extensions, for who is outside.
#[track_caller]
fn assert_own(server: &Server, answer: &Answer, kind: VerifyErrorKind, status: u16) {
    let expected = format!("own: {}", kind.code());
    assert_eq!((answer.status, &*answer.body, answer.header("retry-after")), (status, &*expected, None));
    server.assert_explained(&[kind]);
}

fn what_is_in_flight_is_answered_with_the_users_own(kind: Kind) {
    let server = Server::start(kind);
    server.book.tell("a", [Step::Wait(200)]);
    let first = server.begin(&request());
    server.book.wait_for("start a", 1);
    assert_own(&server, &server.send(&request()), InFlight, 409);
    server.book.let_go("a");
    assert_handled(&read_answer(&first).expect("an answer"));
}

fn what_the_store_cannot_decide_is_answered_with_the_users_own(kind: Kind) {
    let server = Server::start(kind);
    server.store.fail("claim", Fault::Error);
    assert_own(&server, &server.send(&request()), StoreUnavailable, 503);
}

fn what_takes_too_long_is_answered_with_the_users_own(kind: Kind) {
    let server = Server::start_with(kind, |dedupe| dedupe.with_handler_timeout(Duration::from_millis(50)));
    server.book.tell("a", [Step::Hang]);
    assert_own(&server, &server.send(&request()), HandlerTimeout, 503);
    assert_handled(&server.send(&request()));
}

fn a_duplicate_is_no_refusal(kind: Kind) {
    let server = Server::start(kind);
    assert_handled(&server.send(&request()));
    assert_duplicate(&server.send(&request()));
    server.assert_explained(&[]);
}
