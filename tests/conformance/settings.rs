//! The settings of a verifier, by way of `VerifyWebhook::from`.

use std::time::Duration;

use countersign::{RejectionKind, Trust};

use crate::{
    case::{Case, scan},
    mounts::{LIMIT, MAX_AGE},
    servers::Server,
    support::http::Framing,
    third_parties::secret_of,
};

fn case<'a>(server: &'a Server, provider: &str, setting: &str) -> Case<'a> {
    Case::new(server, provider, format!("/verifier/{setting}/settings"))
}

/// The only behaviour that moves this clock.
pub(crate) fn an_age_limit_counts_by_the_clock(server: &Server) {
    let case = case(server, "zeodyn", "aged");
    // Nine minutes before the clock starts.
    let fresh = case.genuine(r#"{"event":"scan_complete","scanId":"aged","timestamp":"2026-01-15T09:51:00Z"}"#);
    let is_too_old = |request: &crate::support::http::Request| {
        assert_eq!(case.rejected(request, 401).1.0, RejectionKind::EventTooOld)
    };
    case.accepts(&fresh);
    is_too_old(&case.genuine(r#"{"event":"scan_complete","scanId":"aged","timestamp":"2026-01-15T09:49:59Z"}"#));
    for (body, kind) in [
        (r#"{"event":"scan_complete","scanId":"aged"}"#, RejectionKind::EventTimeMissing),
        (
            r#"{"event":"scan_complete","scanId":"aged","timestamp":"2026-01-15T09:51:00"}"#,
            RejectionKind::EventTimeUnreadable,
        ),
    ] {
        assert_eq!(case.rejected(&case.genuine(body), 401).1.0, kind);
    }
    server.shared.age.advance(Duration::from_secs(60));
    case.accepts(&fresh);
    server.shared.age.advance(Duration::from_secs(1));
    is_too_old(&fresh);
    server.shared.age.advance(MAX_AGE);
    is_too_old(&fresh);
}

/// Inclusive, and of what is received.
pub(crate) fn t15_a_body_limit_can_be_set(server: &Server) {
    for path in ["/verifier/limited/settings", "/limited/settings"] {
        let case = Case::new(server, "zeodyn", path);
        let padded = |length| {
            let mut body = case.sender.fixtures().pop().expect("a fixture").body;
            assert!(body.len() < LIMIT - 1, "the documented body fits");
            body.resize(length, b' ');
            case.genuine(body)
        };
        for framing in [Framing::Length, Framing::Chunked(7), Framing::Chunked(LIMIT), Framing::Chunked(2 * LIMIT)] {
            case.accepts(&padded(LIMIT - 1).framed(framing));
            case.accepts(&padded(LIMIT).framed(framing));
            case.answer(&padded(LIMIT + 1).framed(framing), 413);
        }
        case.answer(&padded(LIMIT).framed(Framing::Declared(LIMIT as u128 + 1)), 413);
    }
}

pub(crate) fn a_verifiers_trust_look_up_confirmation_and_sources_reach_the_layer(server: &Server) {
    let run = case(server, "screenshotrun", "at-least-confirmed");
    assert_eq!(run.rejected(&run.documented(), 401).1.0, RejectionKind::InsufficientTrust);

    let run = case(server, "screenshotrun", "confirmed");
    let screenshot = |id: &str| run.genuine(format!(r#"{{"event":"screenshot.completed","data":{{"id":"{id}"}}}}"#));
    assert_eq!(run.accepts(&screenshot("known-setting")).trust, Trust::Confirmed);
    run.rejects(&screenshot("unknown-setting"));

    let geoscored = case(server, "geoscored", "looked-up");
    assert_eq!(geoscored.accepts(&geoscored.proven_with(&secret_of("known-1"), scan("known-1"))).id, "known-1");
    geoscored.rejects(&geoscored.proven_with(&secret_of("unknown-1"), scan("unknown-1")));

    let zeodyn = case(server, "zeodyn", "from-elsewhere");
    assert_eq!(zeodyn.rejected(&zeodyn.documented(), 401).1.0, RejectionKind::SourceNotAllowed);
}
