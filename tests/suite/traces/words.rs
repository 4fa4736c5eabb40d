//! Every error word for word: messages, codes, statuses, headers and answers are API.

use countersign_test_support::{headers, problem};
use std::{collections::BTreeSet, error::Error, fs};

use countersign::{Rejection, RejectionKind, providers::Zeodyn};

struct Row {
    kind: RejectionKind,
    code: &'static str,
    status: u16,
    message: &'static str,
    headers: &'static [(&'static str, &'static str)],
    problem: &'static str,
}

const TYPE: (&str, &str) = ("content-type", "application/problem+json");
const UNAUTHORIZED: &str =
    r#"{"type":"about:blank","title":"Unauthorized","status":401,"detail":"The delivery could not be verified."}"#;

const UNAVAILABLE: &str = r#"{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"The delivery could not be accepted at the moment. Please send it again."}"#;

const ROWS: &[Row] = &[
    Row {
        kind: RejectionKind::MethodNotAllowed,
        code: "method_not_allowed",
        status: 405,
        message: "the method is not POST",
        headers: &[TYPE, ("allow", "POST")],
        problem: r#"{"type":"about:blank","title":"Method Not Allowed","status":405,"detail":"Webhooks are delivered with POST."}"#,
    },
    Row {
        kind: RejectionKind::BodyTooLarge,
        code: "body_too_large",
        status: 413,
        message: "the body is larger than the limit",
        headers: &[TYPE],
        problem: r#"{"type":"about:blank","title":"Content Too Large","status":413,"detail":"The request body is larger than this endpoint accepts."}"#,
    },
    Row {
        kind: RejectionKind::MissingSignature,
        code: "missing_signature",
        status: 401,
        message: "the signature is missing",
        headers: &[TYPE],
        problem: UNAUTHORIZED,
    },
    Row {
        kind: RejectionKind::MalformedSignature,
        code: "malformed_signature",
        status: 401,
        message: "the signature is malformed or repeated",
        headers: &[TYPE],
        problem: UNAUTHORIZED,
    },
    Row {
        kind: RejectionKind::SignatureMismatch,
        code: "signature_mismatch",
        status: 401,
        message: "the signature does not match the body with any accepted secret",
        headers: &[TYPE],
        problem: UNAUTHORIZED,
    },
    Row {
        kind: RejectionKind::MissingField,
        code: "missing_field",
        status: 401,
        message: "a value that is signed is missing or repeated",
        headers: &[TYPE],
        problem: UNAUTHORIZED,
    },
    Row {
        kind: RejectionKind::MissingTimestamp,
        code: "missing_timestamp",
        status: 401,
        message: "the signed time is missing",
        headers: &[TYPE],
        problem: UNAUTHORIZED,
    },
    Row {
        kind: RejectionKind::MalformedTimestamp,
        code: "malformed_timestamp",
        status: 401,
        message: "the signed time is malformed or repeated",
        headers: &[TYPE],
        problem: UNAUTHORIZED,
    },
    Row {
        kind: RejectionKind::StaleTimestamp,
        code: "stale_timestamp",
        status: 401,
        message: "the signed time is further from the clock than the tolerance",
        headers: &[TYPE],
        problem: UNAUTHORIZED,
    },
    Row {
        kind: RejectionKind::MissingToken,
        code: "missing_token",
        status: 401,
        message: "the token is missing",
        headers: &[TYPE],
        problem: UNAUTHORIZED,
    },
    Row {
        kind: RejectionKind::MalformedToken,
        code: "malformed_token",
        status: 401,
        message: "the token is malformed or repeated, or its name is escaped",
        headers: &[TYPE],
        problem: UNAUTHORIZED,
    },
    Row {
        kind: RejectionKind::TokenMismatch,
        code: "token_mismatch",
        status: 401,
        message: "the token does not match any accepted secret",
        headers: &[TYPE],
        problem: UNAUTHORIZED,
    },
    Row {
        kind: RejectionKind::UnsupportedEncoding,
        code: "unsupported_encoding",
        status: 415,
        message: "the body has a content coding, which would have to be undone before it is verified",
        headers: &[TYPE, ("accept-encoding", "identity")],
        problem: r#"{"type":"about:blank","title":"Unsupported Media Type","status":415,"detail":"The request body must be sent without a content coding."}"#,
    },
    Row {
        kind: RejectionKind::BodyTimeout,
        code: "body_timeout",
        status: 408,
        message: "the body did not arrive in time",
        headers: &[TYPE],
        problem: r#"{"type":"about:blank","title":"Request Timeout","status":408,"detail":"The request body did not arrive in time."}"#,
    },
    Row {
        kind: RejectionKind::BodyIncomplete,
        code: "body_incomplete",
        status: 400,
        message: "the body ended early or is malformed",
        headers: &[TYPE],
        problem: r#"{"type":"about:blank","title":"Bad Request","status":400,"detail":"The request body ended early or is malformed."}"#,
    },
    Row {
        kind: RejectionKind::SourceNotAllowed,
        code: "source_not_allowed",
        status: 401,
        message: "the delivery does not come from an allowed source",
        headers: &[TYPE],
        problem: UNAUTHORIZED,
    },
    Row {
        kind: RejectionKind::SourceUnknown,
        code: "source_unknown",
        status: 401,
        message: "allowed sources are set, but the peer's address is not known",
        headers: &[TYPE],
        problem: UNAUTHORIZED,
    },
    Row {
        kind: RejectionKind::InsufficientTrust,
        code: "insufficient_trust",
        status: 401,
        message: "the proof is weaker than the minimum trust",
        headers: &[TYPE],
        problem: UNAUTHORIZED,
    },
    Row {
        kind: RejectionKind::HandshakeRejected,
        code: "handshake_rejected",
        status: 401,
        message: "the handshake cannot be answered",
        headers: &[TYPE],
        problem: UNAUTHORIZED,
    },
    Row {
        kind: RejectionKind::SecretNotFound,
        code: "secret_not_found",
        status: 401,
        message: "no secret is known for the delivery",
        headers: &[TYPE],
        problem: UNAUTHORIZED,
    },
    Row {
        kind: RejectionKind::AmbiguousId,
        code: "ambiguous_id",
        status: 401,
        message: "the secret was looked up by an ID that is not the event's",
        headers: &[TYPE],
        problem: UNAUTHORIZED,
    },
    Row {
        kind: RejectionKind::LookupFailed,
        code: "lookup_failed",
        status: 503,
        message: "the look-up of the secrets failed",
        headers: &[TYPE, ("retry-after", "5")],
        problem: UNAVAILABLE,
    },
    Row {
        kind: RejectionKind::LookupTimeout,
        code: "lookup_timeout",
        status: 503,
        message: "the look-up of the secrets timed out",
        headers: &[TYPE, ("retry-after", "5")],
        problem: UNAVAILABLE,
    },
    Row {
        kind: RejectionKind::NotConfirmed,
        code: "not_confirmed",
        status: 401,
        message: "the confirmation denied the delivery",
        headers: &[TYPE],
        problem: UNAUTHORIZED,
    },
    Row {
        kind: RejectionKind::ConfirmationFailed,
        code: "confirmation_failed",
        status: 503,
        message: "the confirmation failed",
        headers: &[TYPE, ("retry-after", "5")],
        problem: UNAVAILABLE,
    },
    Row {
        kind: RejectionKind::ConfirmationTimeout,
        code: "confirmation_timeout",
        status: 503,
        message: "the confirmation timed out",
        headers: &[TYPE, ("retry-after", "5")],
        problem: UNAVAILABLE,
    },
    Row {
        kind: RejectionKind::EventTooOld,
        code: "event_too_old",
        status: 401,
        message: "the event is older than the maximum age",
        headers: &[TYPE],
        problem: UNAUTHORIZED,
    },
    Row {
        kind: RejectionKind::EventTimeMissing,
        code: "event_time_missing",
        status: 401,
        message: "the event has no timestamp, and a maximum age is set",
        headers: &[TYPE],
        problem: UNAUTHORIZED,
    },
    Row {
        kind: RejectionKind::EventTimeUnreadable,
        code: "event_time_unreadable",
        status: 401,
        message: "the event's timestamp cannot be read, and a maximum age is set",
        headers: &[TYPE],
        problem: UNAUTHORIZED,
    },
    Row {
        kind: RejectionKind::InFlight,
        code: "in_flight",
        status: 409,
        message: "an equal delivery is in flight",
        headers: &[TYPE, ("retry-after", "5")],
        problem: r#"{"type":"about:blank","title":"Conflict","status":409,"detail":"The delivery is being handled. Please send it again later."}"#,
    },
    Row {
        kind: RejectionKind::StoreUnavailable,
        code: "store_unavailable",
        status: 503,
        message: "the store could not say whether the delivery was handled before",
        headers: &[TYPE, ("retry-after", "5")],
        problem: UNAVAILABLE,
    },
    Row {
        kind: RejectionKind::InboxUnavailable,
        code: "inbox_unavailable",
        status: 503,
        message: "the inbox could not store the delivery",
        headers: &[TYPE, ("retry-after", "5")],
        problem: UNAVAILABLE,
    },
    Row {
        kind: RejectionKind::HandlerTimeout,
        code: "handler_timeout",
        status: 503,
        message: "the handler did not answer in time",
        headers: &[TYPE, ("retry-after", "5")],
        problem: UNAVAILABLE,
    },
    Row {
        kind: RejectionKind::ShuttingDown,
        code: "shutting_down",
        status: 503,
        message: "the receiver is shutting down",
        headers: &[TYPE, ("retry-after", "5")],
        problem: UNAVAILABLE,
    },
    Row {
        kind: RejectionKind::Undecodable,
        code: "undecodable",
        status: 422,
        message: "the delivery was verified, but its body could not be decoded",
        headers: &[TYPE],
        problem: r#"{"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"The delivery was verified, but its body could not be decoded."}"#,
    },
];

#[test]
fn t28_every_kind_word_for_word() {
    for row in ROWS {
        let error = Rejection::new(row.kind);
        assert_eq!(error.kind(), row.kind);
        assert_eq!(row.kind.code(), row.code);
        assert_eq!(error.status(), row.status, "{}", row.code);
        assert_eq!(error.to_string(), row.message);
        assert_eq!(headers(&error), row.headers, "{}", row.code);
        assert_eq!(problem(&error), row.problem);
        assert!(error.source().is_none());
    }
}

/// `match` would not tell: the enum may grow, so that a wildcard is always needed outside of core.
#[test]
fn no_kind_is_forgotten() {
    let path = "crates/countersign-core/src/error/rejection.rs";
    let source = fs::read_to_string(countersign_test_support::root().join(path)).expect("the table of kinds");
    let (_, rows) = source.split_once("\nkinds! {\n").expect("the table");
    let (rows, _) = rows.split_once("\n}").expect("its end");
    let declared: BTreeSet<_> = rows
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("//"))
        .filter_map(|line| line.split(',').next())
        .collect();
    let listed: Vec<_> = ROWS.iter().map(|row| format!("{:?}", row.kind)).collect();
    assert_eq!(declared, listed.iter().map(String::as_str).collect());
    assert_eq!(declared.len(), ROWS.len(), "none is there twice");
}

#[test]
fn codes_are_names_of_their_own() {
    let codes: BTreeSet<_> = ROWS.iter().map(|row| row.code).collect();
    assert_eq!(codes.len(), ROWS.len());
    assert!(codes.iter().all(|code| code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')));
}

/// T20: by the answer alone, no 401 is told from another.
#[test]
fn t20_a_status_has_one_answer() {
    for row in ROWS {
        for other in ROWS.iter().filter(|other| other.status == row.status) {
            assert_eq!((row.problem, row.headers), (other.problem, other.headers));
        }
    }
}

#[test]
fn problems_are_json_that_says_its_status() {
    for row in ROWS {
        let problem: serde_json::Value = serde_json::from_str(row.problem).expect("JSON");
        assert_eq!(problem["status"], row.status);
        assert_eq!(problem["type"], "about:blank");
        assert_eq!(problem.as_object().expect("an object").len(), 4);
    }
}

#[test]
fn a_missing_verification_word_for_word() {
    let error = countersign::adapter::Received::<Zeodyn>::extract(None).expect_err("there is none");
    let message = "no delivery of Zeodyn was verified before this handler: put `VerifyWebhook` for Zeodyn around its \
                   route. A `VerifyWebhook` for another provider, or around another route, does not count";
    assert_eq!((error.status(), error.to_string().as_str()), (500, message));
    let answer = error.answer();
    assert_eq!((answer.status(), answer.headers()), (500, [TYPE].as_slice()));
    let problem: serde_json::Value = serde_json::from_slice(&answer.body()).expect("JSON");
    let expected = serde_json::json!({
        "type": "about:blank", "title": "Internal Server Error", "status": 500, "detail": message,
    });
    assert_eq!(problem, expected);
}
