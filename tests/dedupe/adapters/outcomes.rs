//! How the end of a handler decides about the next equal delivery.

use countersign::dedupe::Outcome;

use super::{
    answers::{assert_duplicate, assert_handled},
    book::Step,
    servers::{Kind, Server, zeodyn},
};
use crate::support::http::read_answer;

for_all![
    t10_after_a_success_every_copy_is_a_duplicate,
    t12_after_any_2xx_a_copy_is_a_duplicate,
    t12_after_a_status_other_than_2xx_the_retry_runs,
    t12_f13_after_an_error_or_a_panic_the_retry_runs,
    f13_after_an_uncaught_panic_the_retry_runs,
    i2_however_often_it_fails_the_retry_runs,
    an_outcome_of_done_commits_a_delivery_that_was_not_answered_2xx,
    an_outcome_of_not_done_releases_a_delivery_that_was_answered_2xx,
];

fn t10_after_a_success_every_copy_is_a_duplicate(kind: Kind) {
    let server = Server::start(kind);
    assert_handled(&server.send(&zeodyn("a")));
    server.assert_happened(&["claim", "start a", "end a", "commit"]);
    for _ in 0..3 {
        assert_duplicate(&server.send(&zeodyn("a")));
        server.assert_happened(&["claim"]);
    }
    assert_handled(&server.send(&zeodyn("b")));
    let counts = &server.counters;
    assert_eq!((counts.committed(), counts.duplicates(), counts.released()), (2, 3, 0));
    server.assert_explained(&[]);
}

fn t12_after_any_2xx_a_copy_is_a_duplicate(kind: Kind) {
    let server = Server::start(kind);
    for status in [201, 202, 203, 299] {
        let id = status.to_string();
        server.book.tell(&id, [Step::Answer(status)]);
        assert_eq!(server.send(&zeodyn(&id)).status, status);
        assert_duplicate(&server.send(&zeodyn(&id)));
        server.assert_happened(&["claim", &format!("start {id}"), &format!("end {id}"), "commit", "claim"]);
    }
}

fn t12_after_a_status_other_than_2xx_the_retry_runs(kind: Kind) {
    let server = Server::start(kind);
    for status in [302, 400, 401, 404, 409, 410, 422, 429, 500, 502, 503, 599] {
        let id = status.to_string();
        server.book.tell(&id, [Step::Answer(status)]);
        assert_fails_once_with(&server, &id, status);
    }
    assert_eq!(server.counters.released(), 12);
    server.assert_explained(&[]);
}

fn t12_f13_after_an_error_or_a_panic_the_retry_runs(kind: Kind) {
    let server = Server::start(kind);
    server.book.tell("error", [Step::Fail]);
    assert_fails_once_with(&server, "error", 500);
    server.book.tell("panic", [Step::Panic]);
    assert_eq!(server.send(&zeodyn("panic")).status, 500);
    server.assert_happened(&["claim", "start panic", "drop panic", "release"]);
    assert_retry_runs_once(&server, "panic");
}

/// The connection ends, as without the claim, and the process lives on.
fn f13_after_an_uncaught_panic_the_retry_runs(kind: Kind) {
    let server = Server::start(kind);
    let request = zeodyn("a").with_target("/uncaught/zeodyn");
    server.book.tell("a", [Step::Panic]);
    assert_eq!(read_answer(&server.begin(&request)), None);
    server.assert_happened(&["claim", "start a", "drop a", "release"]);
    assert_handled(&server.send(&request));
    assert_duplicate(&server.send(&request));
    server.assert_happened(&["claim", "start a", "end a", "commit", "claim"]);
}

fn i2_however_often_it_fails_the_retry_runs(kind: Kind) {
    let server = Server::start(kind);
    let failures = [Step::Answer(500), Step::Panic, Step::Fail, Step::Say(200, Outcome::NotDone), Step::Answer(404)];
    server.book.tell("a", failures);
    for status in [500, 500, 500, 200, 404] {
        let answer = server.send(&zeodyn("a"));
        assert_eq!((answer.status, answer.header("countersign-delivery")), (status, None));
    }
    assert_eq!(server.book.times("start a"), 5);
    server.book.take();
    assert_retry_runs_once(&server, "a");
}

fn an_outcome_of_done_commits_a_delivery_that_was_not_answered_2xx(kind: Kind) {
    let server = Server::start(kind);
    for status in [302, 404, 500, 503] {
        let id = status.to_string();
        server.book.tell(&id, [Step::Say(status, Outcome::Done)]);
        let answer = server.send(&zeodyn(&id));
        assert_eq!((answer.status, answer.header("countersign-delivery")), (status, None));
        assert_duplicate(&server.send(&zeodyn(&id)));
        server.assert_happened(&["claim", &format!("start {id}"), &format!("end {id}"), "commit", "claim"]);
    }
}

fn an_outcome_of_not_done_releases_a_delivery_that_was_answered_2xx(kind: Kind) {
    let server = Server::start(kind);
    for status in [200, 202] {
        let id = status.to_string();
        server.book.tell(&id, [Step::Say(status, Outcome::NotDone)]);
        assert_fails_once_with(&server, &id, status);
    }
}

#[track_caller]
fn assert_fails_once_with(server: &Server, id: &str, status: u16) {
    let answer = server.send(&zeodyn(id));
    assert_eq!((answer.status, answer.header("countersign-delivery")), (status, None));
    server.assert_happened(&["claim", &format!("start {id}"), &format!("end {id}"), "release"]);
    assert_retry_runs_once(server, id);
}

#[track_caller]
fn assert_retry_runs_once(server: &Server, id: &str) {
    assert_handled(&server.send(&zeodyn(id)));
    assert_duplicate(&server.send(&zeodyn(id)));
    server.assert_happened(&["claim", &format!("start {id}"), &format!("end {id}"), "commit", "claim"]);
}
