//! Rejections that are answered by the user's own function, which here always answers with a success.

use std::time::Duration;

use countersign::RejectionKind::{self, HandlerTimeout, InFlight, SignatureMismatch, StoreUnavailable, Undecodable};

use super::{
    answers::{assert_duplicate, assert_handled},
    book::Step,
    servers::{Kind, Server, zeodyn},
    stores::Fault,
};
use crate::support::{
    http::{Answer, Request, read_answer},
    sender,
};

for_all![
    a_delivery_in_flight_gets_the_users_own_answer_and_keeps_409,
    i5_a_delivery_that_the_store_cannot_decide_gets_the_users_own_answer_and_keeps_503,
    i5_a_handler_timeout_gets_the_users_own_answer_and_keeps_503,
    other_rejections_get_the_users_own_answer_and_status,
    a_duplicate_is_not_a_rejection,
];

fn request() -> Request {
    zeodyn("a").with_target("/own/zeodyn")
}

/// With the true reason in the extensions, for a layer outside.
#[track_caller]
fn assert_own(server: &Server, answer: &Answer, kind: RejectionKind, status: u16) {
    let expected = format!("own: {}", kind.code());
    assert_eq!((answer.status, &*answer.body, answer.header("retry-after")), (status, &*expected, None));
    server.assert_explained(&[kind]);
}

fn a_delivery_in_flight_gets_the_users_own_answer_and_keeps_409(kind: Kind) {
    let server = Server::start(kind);
    server.book.tell("a", [Step::Wait(200)]);
    let first = server.begin(&request());
    server.book.wait_for("start a", 1);
    assert_own(&server, &server.send(&request()), InFlight, 409);
    server.book.let_go("a");
    assert_handled(&read_answer(&first).expect("an answer"));
}

fn i5_a_delivery_that_the_store_cannot_decide_gets_the_users_own_answer_and_keeps_503(kind: Kind) {
    let server = Server::start(kind);
    server.store.fail("claim", Fault::Error);
    assert_own(&server, &server.send(&request()), StoreUnavailable, 503);
}

fn i5_a_handler_timeout_gets_the_users_own_answer_and_keeps_503(kind: Kind) {
    let server = Server::start_with(kind, |dedupe| dedupe.with_handler_timeout(Duration::from_millis(50)));
    server.book.tell("a", [Step::Hang]);
    assert_own(&server, &server.send(&request()), HandlerTimeout, 503);
    assert_handled(&server.send(&request()));
}

fn other_rejections_get_the_users_own_answer_and_status(kind: Kind) {
    let server = Server::start(kind);
    let forged = sender("zeodyn").proven_with(b"guessed", request().body).with_target("/own/zeodyn");
    assert_own(&server, &server.send(&forged), SignatureMismatch, 200);
    server.assert_happened(&[]);
    // The extractor's answer becomes the user's own after the release.
    let unreadable = sender("zeodyn").genuine("{}").with_target("/own/zeodyn");
    for _ in 0..2 {
        assert_own(&server, &server.send(&unreadable), Undecodable, 200);
        server.assert_happened(&["claim", "release"]);
    }
}

fn a_duplicate_is_not_a_rejection(kind: Kind) {
    let server = Server::start(kind);
    assert_handled(&server.send(&request()));
    assert_duplicate(&server.send(&request()));
    server.assert_explained(&[]);
}
