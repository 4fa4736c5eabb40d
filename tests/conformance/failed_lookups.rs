//! Look-ups that fail, hang or panic: the sender is asked to send the delivery again, and other deliveries are handled.

use std::{
    io::Write,
    time::{Duration, Instant},
};

use crate::{
    case::{Case, scan, wait_until},
    mounts::SOON,
    servers::Server,
    support::http::{Framing, connect},
    third_parties::{TIMEOUT, secret_of},
};

fn case<'a>(server: &'a Server, name: &str) -> Case<'a> {
    Case::new(server, "geoscored", format!("/lookups/{name}"))
}

#[track_caller]
fn goes_on(case: &Case<'_>) {
    case.accepts(&case.proven_with(&secret_of("known-1"), scan("known-1")));
    case.rejects(&case.proven_with(&secret_of("unknown-1"), scan("unknown-1")));
}

pub(crate) fn i5_a_look_up_that_fails_is_answered_503(server: &Server) {
    let case = case(server, "failing");
    for framing in [Framing::Length, Framing::Chunked(7)] {
        case.cannot_decide(&case.proven_with(&secret_of("failing-1"), scan("failing-1")).framed(framing));
        // A forged one is told the same: nothing is known of it either.
        case.cannot_decide(&case.proven_with("guessed", scan("failing-1")).framed(framing));
    }
    goes_on(&case);
    assert_eq!(case.asked().len(), 6, "each is looked up once");
}

pub(crate) fn i5_a_look_up_that_panics_is_answered_503(server: &Server) {
    let case = case(server, "panicking");
    for id in ["panicking-1", "abrupt-1"] {
        for _ in 0..5 {
            case.cannot_decide(&case.proven_with(&secret_of(id), scan(id)));
        }
    }
    goes_on(&case);
}

pub(crate) fn i5_a_look_up_that_hangs_is_dropped_in_time(server: &Server) {
    let case = case(server, "hanging");
    let start = Instant::now();
    case.cannot_decide(&case.proven_with(&secret_of("hanging-1"), scan("hanging-1")));
    let elapsed = start.elapsed();
    assert!((TIMEOUT..SOON).contains(&elapsed), "{elapsed:?}");
    assert_eq!(server.shared.diary.given_up(&case.path), 1);
    goes_on(&case);
}

/// It uses up its task's budget at each poll.
pub(crate) fn a1_a_look_up_that_never_rests_does_not_escape_its_time(server: &Server) {
    let case = case(server, "spinning");
    case.cannot_decide(&case.proven_with(&secret_of("spinning-1"), scan("spinning-1")));
    goes_on(&case);
}

/// The provider's next attempt is as good as the first would have been.
pub(crate) fn i5_a_retry_after_a_failed_look_up_is_accepted(server: &Server) {
    let case = case(server, "flaky");
    for id in ["flaky-1", "flaky-2"] {
        let request = case.proven_with(&secret_of(id), scan(id));
        case.cannot_decide(&request);
        assert_eq!(case.accepts(&request).id, id);
    }
    case.cannot_decide(&case.proven_with("guessed", scan("flaky-3")));
    case.rejects(&case.proven_with("guessed", scan("flaky-3")));
}

pub(crate) fn look_ups_that_hang_keep_no_other_delivery_waiting(server: &Server) {
    const HANGING: usize = 50;

    let case = Case::new(server, "geoscored", "/patient-lookups/beside");
    let request = case.proven_with(&secret_of("hanging-1"), scan("hanging-1"));
    let streams: Vec<_> = (0..HANGING)
        .map(|_| {
            let stream = connect(server.address);
            (&stream).write_all(&request.bytes()).expect("a connection");
            stream
        })
        .collect();
    wait_until(Duration::from_secs(30), "all of them wait", || case.asked().len() == HANGING);
    let start = Instant::now();
    goes_on(&case);
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    assert_eq!(server.shared.diary.given_up(&case.path), 0);
    drop(streams);
}

/// A client that closed looks like one that has nothing more to send and waits for its answer: hyper takes it for gone,
/// actix-web answers it unless it is told not to.
pub(crate) fn t26_the_look_up_of_a_sender_that_hangs_up_is_dropped(server: &Server) {
    is_dropped(&server.another_without_half_closed(), "closed", &[]);
}

/// A sender that closes a socket with something in it unread resets the connection: here the `100 Continue` is never read.
pub(crate) fn t26_the_look_up_of_a_sender_that_resets_is_dropped(server: &Server) {
    is_dropped(server, "reset", &[("expect", "100-continue")]);
}

/// Whatever a server makes of it, it is over in time.
pub(crate) fn t26_a_look_up_outlives_its_sender_for_no_longer_than_its_time(server: &Server) {
    let case = case(server, "outlived");
    let stream = connect(server.address);
    let request = case.proven_with(&secret_of("hanging-1"), scan("hanging-1"));
    (&stream).write_all(&request.bytes()).expect("a connection");
    wait_until(Duration::from_secs(30), "it is looked up", || case.asked().len() == 1);
    drop(stream);
    wait_until(SOON, "it is dropped", || server.shared.diary.given_up(&case.path) == 1);
    assert_eq!(case.take_handled(), []);
}

#[track_caller]
fn is_dropped(server: &Server, name: &str, headers: &[(&str, &str)]) {
    let case = Case::new(server, "geoscored", format!("/patient-lookups/{name}"));
    let mut request = case.proven_with(&secret_of("hanging-1"), scan("hanging-1"));
    for (name, value) in headers {
        request = request.with_header(name, *value);
    }
    for number in 1..=3 {
        let stream = connect(server.address);
        (&stream).write_all(&request.bytes()).expect("a connection");
        wait_until(Duration::from_secs(30), "it is looked up", || case.asked().len() == number);
        if !headers.is_empty() {
            wait_until(Duration::from_secs(30), "something stays unread", || stream.peek(&mut [0; 16]).is_ok());
        }
        drop(stream);
        wait_until(Duration::from_secs(30), "it is dropped", || server.shared.diary.given_up(&case.path) == number);
    }
    assert_eq!((case.take_handled(), case.asked().len()), (vec![], 3));
}
