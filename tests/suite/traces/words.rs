//! Every error word for word: messages, codes, statuses, headers and answers are API.

use std::{collections::BTreeSet, error::Error, fs, path::Path};

use countersign::{Delivery, ExtractionError, VerifyError, VerifyErrorKind, providers::Zeodyn};

struct Row {
    kind: VerifyErrorKind,
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
        kind: VerifyErrorKind::MethodNotAllowed,
        code: "method_not_allowed",
        status: 405,
        message: "the method is not POST",
        headers: &[TYPE, ("allow", "POST")],
        problem: r#"{"type":"about:blank","title":"Method Not Allowed","status":405,"detail":"Webhooks are delivered with POST."}"#,
    },
    Row {
        kind: VerifyErrorKind::BodyTooLarge,
        code: "body_too_large",
        status: 413,
        message: "the body is larger than the limit",
        headers: &[TYPE],
        problem: r#"{"type":"about:blank","title":"Content Too Large","status":413,"detail":"The request body is larger than this endpoint accepts."}"#,
    },
    Row {
        kind: VerifyErrorKind::MissingSignature,
        code: "missing_signature",
        status: 401,
        message: "the signature header is missing",
        headers: &[TYPE],
        problem: UNAUTHORIZED,
    },
    Row {
        kind: VerifyErrorKind::MalformedSignature,
        code: "malformed_signature",
        status: 401,
        message: "the signature header is malformed or repeated",
        headers: &[TYPE],
        problem: UNAUTHORIZED,
    },
    Row {
        kind: VerifyErrorKind::SignatureMismatch,
        code: "signature_mismatch",
        status: 401,
        message: "the signature does not match the body under any accepted secret",
        headers: &[TYPE],
        problem: UNAUTHORIZED,
    },
    Row {
        kind: VerifyErrorKind::MissingToken,
        code: "missing_token",
        status: 401,
        message: "the URL has no token",
        headers: &[TYPE],
        problem: UNAUTHORIZED,
    },
    Row {
        kind: VerifyErrorKind::MalformedToken,
        code: "malformed_token",
        status: 401,
        message: "the URL's token is repeated or its name is escaped",
        headers: &[TYPE],
        problem: UNAUTHORIZED,
    },
    Row {
        kind: VerifyErrorKind::TokenMismatch,
        code: "token_mismatch",
        status: 401,
        message: "the URL's token is not an accepted one",
        headers: &[TYPE],
        problem: UNAUTHORIZED,
    },
    Row {
        kind: VerifyErrorKind::UnsupportedEncoding,
        code: "unsupported_encoding",
        status: 415,
        message: "the body has a content coding other than identity",
        headers: &[TYPE, ("accept-encoding", "identity")],
        problem: r#"{"type":"about:blank","title":"Unsupported Media Type","status":415,"detail":"The request body must be sent without a content coding."}"#,
    },
    Row {
        kind: VerifyErrorKind::BodyTimeout,
        code: "body_timeout",
        status: 408,
        message: "the body did not arrive in time",
        headers: &[TYPE],
        problem: r#"{"type":"about:blank","title":"Request Timeout","status":408,"detail":"The request body did not arrive in time."}"#,
    },
    Row {
        kind: VerifyErrorKind::BodyIncomplete,
        code: "body_incomplete",
        status: 400,
        message: "the body ended early or is malformed",
        headers: &[TYPE],
        problem: r#"{"type":"about:blank","title":"Bad Request","status":400,"detail":"The request body ended early or is malformed."}"#,
    },
    Row {
        kind: VerifyErrorKind::SourceNotAllowed,
        code: "source_not_allowed",
        status: 401,
        message: "the delivery does not come from an allowed source",
        headers: &[TYPE],
        problem: UNAUTHORIZED,
    },
    Row {
        kind: VerifyErrorKind::SourceUnknown,
        code: "source_unknown",
        status: 401,
        message: "allowed sources are set, and the peer's address is not known",
        headers: &[TYPE],
        problem: UNAUTHORIZED,
    },
    Row {
        kind: VerifyErrorKind::InsufficientTrust,
        code: "insufficient_trust",
        status: 401,
        message: "the proof is weaker than what is demanded",
        headers: &[TYPE],
        problem: UNAUTHORIZED,
    },
    Row {
        kind: VerifyErrorKind::SecretNotFound,
        code: "secret_not_found",
        status: 401,
        message: "no secret is known for the delivery",
        headers: &[TYPE],
        problem: UNAUTHORIZED,
    },
    Row {
        kind: VerifyErrorKind::AmbiguousId,
        code: "ambiguous_id",
        status: 401,
        message: "the secret was looked up by an id that is not the event's",
        headers: &[TYPE],
        problem: UNAUTHORIZED,
    },
    Row {
        kind: VerifyErrorKind::LookupFailed,
        code: "lookup_failed",
        status: 503,
        message: "the secrets could not be looked up",
        headers: &[TYPE, ("retry-after", "5")],
        problem: UNAVAILABLE,
    },
    Row {
        kind: VerifyErrorKind::LookupTimeout,
        code: "lookup_timeout",
        status: 503,
        message: "the secrets were not looked up in time",
        headers: &[TYPE, ("retry-after", "5")],
        problem: UNAVAILABLE,
    },
    Row {
        kind: VerifyErrorKind::NotConfirmed,
        code: "not_confirmed",
        status: 401,
        message: "the delivery was not confirmed",
        headers: &[TYPE],
        problem: UNAUTHORIZED,
    },
    Row {
        kind: VerifyErrorKind::ConfirmationFailed,
        code: "confirmation_failed",
        status: 503,
        message: "the delivery could not be confirmed or denied",
        headers: &[TYPE, ("retry-after", "5")],
        problem: UNAVAILABLE,
    },
    Row {
        kind: VerifyErrorKind::ConfirmationTimeout,
        code: "confirmation_timeout",
        status: 503,
        message: "the delivery was not confirmed or denied in time",
        headers: &[TYPE, ("retry-after", "5")],
        problem: UNAVAILABLE,
    },
    Row {
        kind: VerifyErrorKind::NotAwaited,
        code: "not_awaited",
        status: 503,
        message: "a look-up or a confirmation has to be waited for: verify asynchronously",
        headers: &[TYPE, ("retry-after", "5")],
        problem: UNAVAILABLE,
    },
    Row {
        kind: VerifyErrorKind::EventTooOld,
        code: "event_too_old",
        status: 401,
        message: "the event is older than is accepted, or does not say when it was",
        headers: &[TYPE],
        problem: UNAUTHORIZED,
    },
    Row {
        kind: VerifyErrorKind::InFlight,
        code: "in_flight",
        status: 409,
        message: "the delivery is being handled already",
        headers: &[TYPE, ("retry-after", "5")],
        problem: r#"{"type":"about:blank","title":"Conflict","status":409,"detail":"The delivery is being handled. Please send it again later."}"#,
    },
    Row {
        kind: VerifyErrorKind::StoreUnavailable,
        code: "store_unavailable",
        status: 503,
        message: "the store could not say whether the delivery was handled before",
        headers: &[TYPE, ("retry-after", "5")],
        problem: UNAVAILABLE,
    },
    Row {
        kind: VerifyErrorKind::HandlerTimeout,
        code: "handler_timeout",
        status: 503,
        message: "the handler did not answer in time",
        headers: &[TYPE, ("retry-after", "5")],
        problem: UNAVAILABLE,
    },
    Row {
        kind: VerifyErrorKind::Undecodable,
        code: "undecodable",
        status: 422,
        message: "the delivery is genuine, but its body could not be decoded",
        headers: &[TYPE],
        problem: r#"{"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"The delivery was verified, but its body could not be decoded."}"#,
    },
];

#[test]
fn t28_every_kind_word_for_word() {
    for row in ROWS {
        let error = VerifyError::from(row.kind);
        assert_eq!(error.kind(), row.kind);
        assert_eq!(row.kind.code(), row.code);
        assert_eq!(error.status(), row.status, "{}", row.code);
        assert_eq!(error.to_string(), row.message);
        assert_eq!(error.headers(), row.headers, "{}", row.code);
        assert_eq!(error.problem(), row.problem);
        assert!(error.source().is_none());
    }
}

/// The text of the file below `directory` that has `text` in it.
fn find(directory: &Path, text: &str) -> Option<String> {
    fs::read_dir(directory).expect("a directory").find_map(|entry| {
        let path = entry.expect("an entry").path();
        if path.is_dir() { find(&path, text) } else { fs::read_to_string(path).ok().filter(|file| file.contains(text)) }
    })
}

/// `match` would not tell: the enum may grow, so that from outside a wildcard is always asked for.
#[test]
fn no_kind_is_forgotten() {
    let sources = countersign_test_support::root().join("crates/countersign-core/src");
    if !sources.exists() {
        return; // The tests of the packaged crate: its sources are elsewhere.
    }
    let declaration = "pub enum VerifyErrorKind {\n";
    let source = find(&sources, declaration).expect("the file with the enum");
    let (_, after) = source.split_once(declaration).expect("the enum");
    let (within, _) = after.split_once("\n}").expect("its end");
    let declared: BTreeSet<_> = within
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("//"))
        .map(|line| line.trim_end_matches(','))
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
    let error = Delivery::<Zeodyn>::extract(None).expect_err("there is none");
    let message = "no delivery of Zeodyn was verified before this handler: put `VerifyWebhook` for Zeodyn around its \
                   route. A `VerifyWebhook` for another provider, or around another route, does not count";
    assert_eq!((error.status(), error.to_string().as_str()), (500, message));
    assert_eq!(error.headers(), [TYPE]);
    let problem: serde_json::Value = serde_json::from_str(&error.problem()).expect("JSON");
    let expected = serde_json::json!({
        "type": "about:blank", "title": "Internal Server Error", "status": 500, "detail": message,
    });
    assert_eq!(problem, expected);

    let undecodable = ExtractionError::Undecodable(VerifyErrorKind::Undecodable.into());
    let row = ROWS.iter().find(|row| row.kind == VerifyErrorKind::Undecodable).expect("a row");
    assert_eq!(
        (undecodable.status(), undecodable.to_string().as_str(), undecodable.problem().as_str()),
        (row.status, row.message, row.problem)
    );
    assert_eq!(undecodable.headers(), row.headers);
}
