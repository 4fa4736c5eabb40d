//! The answers themselves, word for word.

use std::io::Write;

use crate::{
    support::{
        Sender,
        http::{Framing, connect, read_answer},
    },
    surfaces::Surface,
};

pub(crate) const UNAUTHORIZED: &str =
    r#"{"type":"about:blank","title":"Unauthorized","status":401,"detail":"The delivery could not be verified."}"#;

pub(crate) fn t20_answers_are_the_same_bytes_everywhere(sender: &Sender, surface: &Surface) {
    let problem = Some("application/problem+json");
    let body = sender.fixture().body;
    let genuine = sender.genuine(body.clone());

    let mut unauthorized = vec![sender.unproven(body.clone()), sender.proven_with(b"guessed", body.clone())];
    if sender.is_signed() {
        let (header, _) = sender.header();
        unauthorized.push(sender.with_tag("abc", body.clone()));
        unauthorized.push(genuine.clone().with_header(header, "x"));
    } else {
        unauthorized.push(genuine.clone().with_target(format!("{}&token=x", genuine.target)));
        unauthorized.push(genuine.clone().with_target(format!("{}?token", sender.path())));
    }
    for request in unauthorized {
        let answer = surface.rejects(&request, 401);
        assert_eq!(answer.essence(), (401, [problem, None, None, None], UNAUTHORIZED));
    }

    assert_eq!(
        surface.rejects(&genuine.clone().with_method("PUT"), 405).essence(),
        (
            405,
            [problem, Some("POST"), None, None],
            r#"{"type":"about:blank","title":"Method Not Allowed","status":405,"detail":"Webhooks are delivered with POST."}"#
        )
    );
    let over = vec![b' '; countersign::adapter::DEFAULT_BODY_LIMIT + 1];
    for framing in [Framing::Length, Framing::Chunked(10_000)] {
        let over = sender.genuine(over.clone()).framed(framing);
        assert_eq!(
            surface.rejects(&over, 413).essence(),
            (
                413,
                [problem, None, None, None],
                r#"{"type":"about:blank","title":"Content Too Large","status":413,"detail":"The request body is larger than this endpoint accepts."}"#
            )
        );
    }
    assert_eq!(
        surface.rejects(&genuine.clone().with_header("content-encoding", "gzip"), 415).essence(),
        (
            415,
            [problem, None, Some("identity"), None],
            r#"{"type":"about:blank","title":"Unsupported Media Type","status":415,"detail":"The request body must be sent without a content coding."}"#
        )
    );
    assert_eq!(
        surface.rejects(&sender.genuine("{}"), 422).essence(),
        (
            422,
            [problem, None, None, None],
            r#"{"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"The delivery was verified, but its body could not be decoded."}"#
        )
    );
    if surface.is_socket() {
        assert_eq!(
            surface.rejects(&genuine.clone().framed(Framing::Declared(100_000)), 400).essence(),
            (
                400,
                [problem, None, None, None],
                r#"{"type":"about:blank","title":"Bad Request","status":400,"detail":"The request body ended early or is malformed."}"#
            )
        );
        let stream = connect(surface.address());
        (&stream).write_all(&genuine.head()).expect("a connection");
        assert_eq!(
            read_answer(&stream).expect("an answer").essence(),
            (
                408,
                [problem, None, None, None],
                r#"{"type":"about:blank","title":"Request Timeout","status":408,"detail":"The request body did not arrive in time."}"#
            )
        );
    }
}
