//! What layers outside are told of every rejection, and the user's own response to it.

use countersign::{RejectionKind as Kind, adapter::DEFAULT_BODY_LIMIT};

use crate::{
    case::{Case, scan},
    servers::Server,
    support::http::{Framing, Request},
    third_parties::secret_of,
};

fn screenshot(id: &str) -> String {
    format!(r#"{{"event":"screenshot.completed","data":{{"id":"{id}"}}}}"#)
}

/// A request for every reason that a server can give, with the text of the error behind it, or of the details.
fn all<'a>(server: &'a Server, mount: &str) -> Vec<(Case<'a>, Request, u16, Kind, Option<&'static str>)> {
    let case = |provider: &str, way: &str| Case::new(server, provider, format!("/{mount}/{way}/reasons"));
    let zeodyn = |of: fn(&Case<'_>) -> Request, status, kind, told| {
        let case = case("zeodyn", "fixed");
        let request = of(&case);
        (case, request, status, kind, told)
    };
    let run = |of: fn(&Case<'_>) -> Request, status, kind, cause| {
        let case = case("screenshotrun", "confirmed");
        let request = of(&case);
        (case, request, status, kind, cause)
    };
    let scanned = |id: &str, secret: &str, status, kind, cause| {
        let case = case("geoscored", "looked-up");
        let request = case.proven_with(&secret_of(secret), scan(id));
        (case, request, status, kind, cause)
    };
    let undecodable = Some("the body does not fit the type that it is read as");
    let over = Framing::Declared(DEFAULT_BODY_LIMIT as u128 + 1);
    let mut all = vec![
        zeodyn(|case| case.documented().with_method("PUT"), 405, Kind::MethodNotAllowed, Some("the method is PUT")),
        zeodyn(|case| case.here(case.sender.unproven("{}")), 401, Kind::MissingSignature, None),
        zeodyn(|case| case.here(case.sender.with_tag("abc", "{}")), 401, Kind::MalformedSignature, None),
        zeodyn(|case| case.proven_with("guessed", "{}"), 401, Kind::SignatureMismatch, None),
        zeodyn(|case| case.documented().with_header("content-encoding", "gzip"), 415, Kind::UnsupportedEncoding, None),
        zeodyn(
            |case| case.genuine("{}").framed(Framing::Declared(100)),
            400,
            Kind::BodyIncomplete,
            Some("2 of the 100 bytes that were declared were received"),
        ),
        zeodyn(|case| case.documented().framed(Framing::Unfinished), 400, Kind::BodyIncomplete, Some("")),
        zeodyn(
            |case| case.genuine(vec![b' '; DEFAULT_BODY_LIMIT + 1]).framed(Framing::Chunked(9999)),
            413,
            Kind::BodyTooLarge,
            Some("at least 10"),
        ),
        run(|case| case.here(case.sender.unproven("{}")), 401, Kind::MissingToken, None),
        run(
            |case| case.here(case.sender.unproven("{}").with_target("?token=a&token=b")),
            401,
            Kind::MalformedToken,
            None,
        ),
        run(|case| case.proven_with("guessed", "{}"), 401, Kind::TokenMismatch, None),
        run(|case| case.genuine("{}"), 422, Kind::Undecodable, undecodable),
        run(|case| case.genuine(screenshot("denied-reason")), 401, Kind::NotConfirmed, None),
        run(|case| case.genuine(screenshot("failing-reason")), 503, Kind::ConfirmationFailed, Some("the API is down")),
        run(|case| case.genuine(screenshot("hanging-reason")), 503, Kind::ConfirmationTimeout, None),
        scanned("unknown-1", "unknown-1", 401, Kind::SecretNotFound, None),
        scanned("known-1", "known-2", 401, Kind::SignatureMismatch, None),
        scanned("failing-1", "failing-1", 503, Kind::LookupFailed, Some("the store is down")),
        scanned("hanging-1", "hanging-1", 503, Kind::LookupTimeout, None),
    ];
    let declared = case("zeodyn", "fixed");
    let request = declared.genuine("{}").framed(over);
    let told = Some("1048577 bytes were declared, and the limit is 1048576 bytes");
    all.push((declared, request, 413, Kind::BodyTooLarge, told));
    all
}

pub(crate) fn layers_outside_are_told_the_true_reason(server: &Server) {
    let mut all = all(server, "takes");
    let trust = Case::new(server, "screenshotrun", "/at-least-confirmed/reasons");
    all.push((
        trust,
        Case::new(server, "screenshotrun", "/at-least-confirmed/reasons").documented(),
        401,
        Kind::InsufficientTrust,
        None,
    ));
    let source = Case::new(server, "zeodyn", "/from/elsewhere/reasons");
    let request = source.documented();
    let told = Some("the peer 127.0.0.1 is not allowed, and is not a trusted proxy");
    all.push((source, request, 401, Kind::SourceNotAllowed, told));
    let ambiguous = Case::new(server, "geoscored", "/one-for-all/reasons");
    let request = ambiguous.proven_with("one for all", scan(&"x".repeat(257)));
    all.push((ambiguous, request, 401, Kind::AmbiguousId, None));
    for (case, request, status, kind, cause) in all {
        // It compares the answer with that of the reason.
        let (_, reason) = case.rejected(&request, status);
        assert_eq!(reason.0, kind, "{request:?}");
        match (&reason.1, cause) {
            (None, None) => {}
            (Some(text), Some(start)) => assert!(text.starts_with(start), "{reason:?}"),
            other => panic!("{other:?} of {kind:?}"),
        }
    }
    let case = Case::new(server, "zeodyn", "/takes/fixed/no-reason");
    case.accepts(&case.documented());
    assert_eq!(server.shared.diary.take_reason(&case.path), None);
}

pub(crate) fn a_rejection_response_replaces_every_rejection(server: &Server) {
    for (case, request, _, kind, _) in all(server, "takes-own") {
        let answer = request.send(server.address);
        assert_eq!((answer.status, &*answer.body), (403, kind.code()), "{request:?}");
        // An `Allow` is axum's own, too.
        for name in ["retry-after", "accept-encoding"] {
            assert_eq!(answer.header(name), None, "{kind:?}");
        }
        let (told, _) = server.shared.diary.take_reason(&case.path).expect("layers outside are told the reason");
        assert_eq!((told, case.take_handled()), (kind, vec![]));
    }
    let case = Case::new(server, "zeodyn", "/takes-own/fixed/genuine");
    case.accepts(&case.documented());
}
