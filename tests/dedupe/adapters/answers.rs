//! The answers, word for word.

use crate::support::http::Answer;

const PROBLEM: Option<&str> = Some("application/problem+json");
const CONFLICT: &str = r#"{"type":"about:blank","title":"Conflict","status":409,"detail":"The delivery is being handled. Please send it again later."}"#;
const UNAVAILABLE: &str = r#"{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"The delivery could not be accepted at the moment. Please send it again."}"#;
const UNDECODABLE: &str = r#"{"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"The delivery was verified, but its body could not be decoded."}"#;
const UNAUTHORIZED: &str =
    r#"{"type":"about:blank","title":"Unauthorized","status":401,"detail":"The delivery could not be verified."}"#;

/// The handler's own.
#[track_caller]
pub(crate) fn assert_handled(answer: &Answer) {
    assert_eq!(answer.essence(), (200, [None; 4], ""));
    only_expected_headers(answer, &[]);
}

#[track_caller]
pub(crate) fn assert_duplicate(answer: &Answer) {
    assert_eq!(answer.essence(), (200, [None; 4], ""));
    assert_eq!(answer.header("countersign-delivery"), Some("duplicate"), "{answer:?}");
    only_expected_headers(answer, &["countersign-delivery"]);
}

#[track_caller]
pub(crate) fn assert_in_flight(answer: &Answer) {
    assert_eq!(answer.essence(), (409, [PROBLEM, None, None, Some("5")], CONFLICT));
    only_expected_headers(answer, &["content-type", "retry-after"]);
}

#[track_caller]
pub(crate) fn assert_unavailable(answer: &Answer) {
    assert_eq!(answer.essence(), (503, [PROBLEM, None, None, Some("5")], UNAVAILABLE));
    only_expected_headers(answer, &["content-type", "retry-after"]);
}

#[track_caller]
pub(crate) fn assert_undecodable(answer: &Answer) {
    assert_eq!(answer.essence(), (422, [PROBLEM, None, None, None], UNDECODABLE));
    only_expected_headers(answer, &["content-type"]);
}

#[track_caller]
pub(crate) fn assert_unauthorized(answer: &Answer) {
    assert_eq!(answer.essence(), (401, [PROBLEM, None, None, None], UNAUTHORIZED));
    only_expected_headers(answer, &["content-type"]);
}

/// In addition to those that a server writes by itself.
#[track_caller]
fn only_expected_headers(answer: &Answer, expected: &[&str]) {
    let known = |name: &str| ["connection", "content-length", "date"].contains(&name) || expected.contains(&name);
    let other = answer.headers.iter().find(|(name, _)| !known(name));
    assert_eq!(other, None, "{answer:?}");
}
