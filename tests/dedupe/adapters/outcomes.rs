//! What a handler's end means for the next delivery that is equal.

use countersign::dedupe::Outcome;

use super::{
    answers::{assert_duplicate, assert_handled},
    book::Step,
    servers::{Kind, Server, zeodyn},
};
use crate::support::{http::read_answer, senders};

for_all![
    t10_after_a_success_every_copy_is_a_duplicate,
    t10_every_documented_delivery_is_handled_once,
    t12_after_any_2xx_a_copy_is_a_duplicate,
    t12_after_a_status_that_is_no_success_the_retry_runs,
    t12_after_an_error_of_the_service_the_retry_runs,
    f13_after_a_panic_the_retry_runs,
    f13_after_a_panic_that_nobody_catches_the_retry_runs,
    i2_however_often_it_fails_the_retry_runs,
    a_handler_says_that_it_is_done_though_its_answer_is_no_success,
    a_handler_says_that_it_is_not_done_though_its_answer_is_a_success,
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

fn t10_every_documented_delivery_is_handled_once(kind: Kind) {
    let server = Server::start(kind);
    for sender in senders() {
        // Test events are never duplicates.
        for fixture in sender.fixtures().into_iter().filter(|fixture| fixture.event != "scan.test") {
            let request = match &fixture.tag {
                Some(tag) => sender.with_tag(tag, fixture.body.clone()),
                None => sender.genuine(fixture.body.clone()),
            };
            let id = sender.id_of(&fixture.event, &fixture.body);
            assert_handled(&server.send(&request));
            server.assert_happened(&["claim", &format!("start {id}"), &format!("end {id}"), "commit"]);
            assert_duplicate(&server.send(&request));
            server.assert_happened(&["claim"]);
        }
    }
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

fn t12_after_a_status_that_is_no_success_the_retry_runs(kind: Kind) {
    let server = Server::start(kind);
    for status in [302, 400, 401, 404, 409, 410, 422, 429, 500, 502, 503, 599] {
        let id = status.to_string();
        server.book.tell(&id, [Step::Answer(status)]);
        assert_fails_once_with(&server, &id, status);
    }
    assert_eq!(server.counters.released(), 12);
    server.assert_explained(&[]);
}

fn t12_after_an_error_of_the_service_the_retry_runs(kind: Kind) {
    let server = Server::start(kind);
    server.book.tell("a", [Step::Fail]);
    assert_fails_once_with(&server, "a", 500);
}

fn f13_after_a_panic_the_retry_runs(kind: Kind) {
    let server = Server::start(kind);
    server.book.tell("a", [Step::Panic]);
    assert_eq!(server.send(&zeodyn("a")).status, 500);
    server.assert_happened(&["claim", "start a", "drop a", "release"]);
    assert_retry_runs_once(&server, "a");
}

/// The connection ends, as without the claim, and the process lives on.
fn f13_after_a_panic_that_nobody_catches_the_retry_runs(kind: Kind) {
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

fn a_handler_says_that_it_is_done_though_its_answer_is_no_success(kind: Kind) {
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

fn a_handler_says_that_it_is_not_done_though_its_answer_is_a_success(kind: Kind) {
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
