//! Deliveries that a third party has to confirm.

use std::{
    io::Write,
    time::{Duration, Instant},
};

use countersign::Trust;
use serde_json::Value;

use crate::{
    case::{Case, wait_until},
    mounts::SOON,
    servers::Server,
    support::http::{Framing, Request, connect},
    third_parties::{OF_ZEODYN, TIMEOUT, as_the_api_has_it, token_of},
};

fn case<'a>(server: &'a Server, name: &str) -> Case<'a> {
    Case::new(server, "screenshotrun", format!("/confirmed/{name}"))
}

fn screenshot(id: &str) -> String {
    format!(
        r#"{{ "event":"screenshot.completed", "data":{{"id":"{id}","status":"completed","url":"https://example.com"}} }}"#
    )
}

fn about(case: &Case<'_>, id: &str) -> Request {
    case.genuine(screenshot(id))
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn asked(server: &Server, id: &str) -> usize {
    server.shared.diary.confirmations(id)
}

/// Nothing but the API's answer has to be believed. The body stays as it came.
pub(crate) fn the_handler_gets_what_was_confirmed(server: &Server) {
    let case = case(server, "confirmed");
    for id in ["known-1", "late-1"] {
        for framing in [Framing::Length, Framing::Chunked(7)] {
            let handled = case.accepts(&about(&case, id).framed(framing));
            assert_eq!((&*handled.event, &*handled.id), ("screenshot.failed", id));
            assert_eq!(handled.trust, Trust::Confirmed);
            assert_eq!(handled.body, screenshot(id).into_bytes());
            assert_eq!(handled.json["data"]["url"], json(&as_the_api_has_it(id))["data"]["url"]);
            assert!(!handled.json.to_string().contains("https://example.com"), "{handled:?}");
        }
        assert_eq!(asked(server, id), 2, "each was confirmed once");
    }
}

pub(crate) fn what_was_denied_is_rejected(server: &Server) {
    let case = case(server, "denied");
    for id in ["unknown-denied", "../../x?", "KNOWN-1"] {
        let before = asked(server, id);
        case.rejects(&about(&case, id));
        assert_eq!(asked(server, id), before + 1);
    }
    case.rejects(&case.genuine(r#"{"event":"screenshot.completed"}"#));
    case.rejects(&case.documented());
}

/// A sender without the token cannot cause a confirmation.
pub(crate) fn what_was_not_verified_is_not_confirmed(server: &Server) {
    let case = case(server, "unproven");
    let id = "known-unproven";
    case.rejects(&case.proven_with("guessed", screenshot(id)));
    case.rejects(&case.here(case.sender.unproven(screenshot(id))));
    case.answer(&about(&case, id).with_method("PUT"), 405);
    case.answer(&about(&case, id).with_header("content-encoding", "gzip"), 415);
    case.answer(&about(&case, id).framed(Framing::Unfinished), 400);
    let over = vec![b' '; countersign::adapter::DEFAULT_BODY_LIMIT + 1];
    case.answer(&case.genuine(over).framed(Framing::Chunked(100_000)), 413);
    assert_eq!(asked(server, id), 0);

    let signed = Case::new(server, "zeodyn", "/signed-and-confirmed/unproven");
    let body = r#"{"event":"scan_complete","scanId":"zeodyn-unproven"}"#;
    signed.rejects(&signed.proven_with("guessed", body));
    assert_eq!(asked(server, "zeodyn-unproven"), 0);
}

pub(crate) fn a_body_that_is_not_an_event_is_not_confirmed(server: &Server) {
    let case = case(server, "undecodable");
    let id = "known-undecodable";
    for body in [
        format!(r#"{{"event":7,"data":{{"id":"{id}"}}}}"#),
        format!(r#"{{"data":{{"id":"{id}"}}}}"#),
        format!("{} {{}}", screenshot(id)),
        format!(r#"{{"event":"screenshot.completed","data":{{"id":"{id}","id":"{id}"}}}}"#),
        format!(r#"{{"event":"screenshot.completed","data":{{"id":"{id}"}},"data":{{}}}}"#),
    ] {
        let answer = case.answer(&case.genuine(body), 422);
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    }
    assert_eq!(asked(server, id), 0);
}

/// A signature stays what it is worth.
pub(crate) fn a_signed_delivery_stays_signed_when_it_is_confirmed(server: &Server) {
    let case = Case::new(server, "zeodyn", "/signed-and-confirmed/trust");
    let request = case.documented();
    let handled = case.accepts(&request);
    assert_eq!((handled.trust, &*handled.event, &*handled.id), (Trust::Signed, "batch_complete", "of-the-api"));
    assert_eq!(handled.json["batchId"], json(OF_ZEODYN)["batchId"]);
}

pub(crate) fn i5_a_confirmation_that_fails_or_panics_is_answered_503(server: &Server) {
    let case = case(server, "failing");
    for id in ["failing-1", "panicking-1", "abrupt-1"] {
        for number in 1..=3 {
            case.cannot_decide(&about(&case, id));
            assert_eq!(asked(server, id), number);
        }
    }
    case.accepts(&about(&case, "known-afterwards"));
    case.rejects(&about(&case, "unknown-afterwards"));
}

pub(crate) fn i5_a_retry_after_a_failed_confirmation_is_accepted(server: &Server) {
    let case = case(server, "flaky");
    let request = about(&case, "flaky-1");
    case.cannot_decide(&request);
    assert_eq!(case.accepts(&request).trust, Trust::Confirmed);
}

pub(crate) fn i5_a_confirmation_that_hangs_is_dropped_in_time(server: &Server) {
    let case = case(server, "hanging");
    let start = Instant::now();
    case.cannot_decide(&about(&case, "hanging-1"));
    let elapsed = start.elapsed();
    assert!((TIMEOUT..SOON).contains(&elapsed), "{elapsed:?}");
    assert_eq!(server.shared.diary.given_up("hanging-1"), 1);
    case.accepts(&about(&case, "known-beside"));
}

/// It uses up its task's budget at each poll.
pub(crate) fn a1_a_confirmation_that_never_rests_does_not_escape_its_time(server: &Server) {
    let case = case(server, "spinning");
    case.cannot_decide(&about(&case, "spinning-1"));
    case.accepts(&about(&case, "known-beside"));
}

pub(crate) fn t26_the_confirmation_of_a_sender_that_hangs_up_is_dropped(server: &Server) {
    is_dropped(&server.another_without_half_closed(), "hanging-closed", &[]);
}

/// A sender that closes a socket with something in it unread resets the connection: here the `100 Continue` is never read.
pub(crate) fn t26_the_confirmation_of_a_sender_that_resets_is_dropped(server: &Server) {
    is_dropped(server, "hanging-reset", &[("expect", "100-continue")]);
}

#[track_caller]
fn is_dropped(server: &Server, id: &str, headers: &[(&str, &str)]) {
    let case = Case::new(server, "screenshotrun", format!("/patiently-confirmed/{id}"));
    let mut request = about(&case, id);
    for (name, value) in headers {
        request = request.with_header(name, *value);
    }
    let stream = connect(server.address);
    (&stream).write_all(&request.bytes()).expect("a connection");
    wait_until(Duration::from_secs(30), "it is to be confirmed", || asked(server, id) == 1);
    if !headers.is_empty() {
        wait_until(Duration::from_secs(30), "something stays unread", || stream.peek(&mut [0; 16]).is_ok());
    }
    drop(stream);
    wait_until(Duration::from_secs(30), "it is dropped", || server.shared.diary.given_up(id) == 1);
    assert_eq!(case.take_handled(), []);
}

/// A token that is looked up, an allowed source, a confirmation, and a demand for it.
pub(crate) fn everything_can_be_demanded_at_once(server: &Server) {
    let case = |name| Case::new(server, "screenshotrun", format!("/all/{name}/screenshotrun"));
    let alice = case("alice");
    let proven = |id: &str| alice.proven_with(&token_of("alice"), screenshot(id));
    let handled = alice.accepts(&proven("known-all"));
    assert_eq!((&*handled.event, handled.trust), ("screenshot.failed", Trust::Confirmed));
    assert_eq!(asked(server, "known-all"), 1);
    alice.rejects(&proven("unknown-all"));
    alice.cannot_decide(&proven("failing-all"));
    alice.cannot_decide(&proven("hanging-all"));

    alice.rejects(&alice.proven_with(&token_of("bob"), screenshot("known-not-asked")));
    let mallory = case("mallory");
    mallory.rejects(&mallory.proven_with(&token_of("alice"), screenshot("known-not-asked")));
    let undecodable = r#"{"event":7,"data":{"id":"known-not-asked"}}"#;
    alice.answer(&alice.proven_with(&token_of("alice"), undecodable), 422);
    assert_eq!(asked(server, "known-not-asked"), 0);
}
