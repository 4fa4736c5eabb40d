//! What is said if the capture itself shows what is wrong, or no known mistake explains it.

use countersign_core::{
    Rejection,
    RejectionKind::{
        MalformedSignature, MalformedTimestamp, MalformedToken, MissingField, MissingSignature, MissingTimestamp,
        MissingToken, SignatureMismatch, TokenMismatch,
    },
    adapter::RequestHead,
    provider::Scheme,
};

use super::{
    Delivered,
    heads::{REPEATED, own_values},
    mistake::{Named, mistakes},
    times,
};
use crate::capture::{Captured, Oddity};

mistakes! {
    NOT_POST: "not-post",
        "the request is not a POST",
        "Deliveries are POST requests, and receivers answer others with 405. A redirect turns a POST into a GET: give \
         {provider} the URL that it leads to.";
    CONTENT_CODING: "content-coding",
        "the body has a content coding, so it would have to be decompressed before it is verified",
        "Have it delivered without `Content-Encoding`; receivers answer 415.";
    MISSING: "proof-missing",
        "{place} is missing",
        "Check that {provider} has the secret set for this endpoint, that no proxy removes the {proof}, and that the capture \
         is complete.";
    EMPTY: "proof-empty",
        "{place} is empty",
        "The sender had no {proof} to send, or something on the way removes it.";
    IS_SECRET: "signature-is-secret",
        "{place} has the secret itself in it instead of a signature",
        "Sign the body with the secret, and never send it. It is exposed now: set another one.";
    CAPTURE_INCOMPLETE: "capture-incomplete",
        "the capture is incomplete, or its body was written again: it is shorter than what was sent, so that the signature cannot \
         match",
        "Capture the whole body: as many bytes as Content-Length says.";
    BODY_EMPTY: "body-empty",
        "the captured body is empty, but something else was signed",
        "Capture the body before the framework consumes it: a body can be read once.";
    BODY_IS_OBJECT: "body-is-object",
        "the captured body is the text `[object Object]`, but something else was signed",
        "Verify the bytes as received: JavaScript made a string of the parsed object.";
    NO_VERSION: "proof-version-missing",
        "{detail} is there, but has no {proof} that {provider} is verified by: {place} is missing",
        "Other versions are skipped. Check which version {provider} sends to this endpoint.";
    FIELD_MISSING: "signed-value-missing",
        "a value that is signed is missing, empty, malformed or repeated: {provider} signs {signed}",
        "Check that no proxy removes or adds a header or a parameter of the URL, and that the capture is complete.";
    NOT_A_KEY: "secret-not-a-key",
        "{detail}",
        "Use the key that {provider} issued for this endpoint, whole: {secret} is not one.";
    MALFORMED: "proof-malformed",
        "{place} is malformed: it must be {grammar}{detail}",
        "Send {place} as {provider} does: {grammar}, and nothing else. Find what changes it on the way.";
    UNEXPLAINED: "unexplained",
        "the signature does not match under {secret}, and no known mistake explains it: the secret is wrong, {signed} was \
         changed, or the sender signed other bytes than it sent",
        "To tell which: have {provider} send a short delivery with only ASCII characters, such as a test event, and capture it \
         before anything reads it. If it verifies, the secret is right, and this body was changed or signed in another form. If \
         it does not, the secret is wrong, or the sender signs in another way than {provider}: is it the secret of this \
         endpoint, and was it wrapped on its way here (encoded, split into lines, put in JSON)?{which_secret} Give previous \
         secrets with --previous-secret-env.{detail} `curl -d` strips line breaks; `--data-binary` does not.";
    TOKEN_UNEXPLAINED: "token-unexplained",
        "{place} does not have {secret}, and no known mistake explains it: one of them is wrong",
        "Compare what you gave {provider} with the secret of your server, and give the previous secrets with \
         --previous-secret-env.{detail}";
    UNDECODABLE: "body-undecodable",
        "{detail}",
        "The proof is right, but receivers answer 422: compare the body with {provider}'s documentation.";
    REJECTED: "rejected",
        "{detail}",
        "Receivers reject it for this reason.";
}

/// Describes what the head and the body show of a delivery that no known mistake explains.
pub(super) fn describe(delivered: &Delivered<'_>, rejection: &Rejection) -> Vec<Named> {
    let (captured, scheme) = (delivered.captured, delivered.scheme());
    let values = own_values(captured, scheme);
    let is_malformed = matches!(rejection.kind(), MalformedSignature | MalformedToken);
    let is_in_url = scheme.places().any(|place| place.as_query().is_some());
    let time = || scheme.signed_time().map(|(place, _)| place.to_string()).unwrap_or_default();
    let named = match rejection.kind() {
        _ if !values.is_empty() && values.iter().all(Vec::is_empty) => (&EMPTY).into(),
        _ if is_malformed && values.len() > 1 => return vec![(&REPEATED).into(), mismatch(delivered)],
        MissingSignature | MissingToken => {
            let mut headers = scheme.places().filter_map(|place| place.as_header());
            match headers.find(|name| captured.header_values(name).any(|value| !value.is_empty())) {
                Some(name) => Named::with_detail(&NO_VERSION, format!("the header `{name}`")),
                None => (&MISSING).into(),
            }
        }
        _ if !scheme.is_credential() && values.iter().any(|value| *value == *delivered.secret.bytes) => {
            (&IS_SECRET).into()
        }
        MalformedSignature | MalformedToken if !is_in_url => {
            let is_in_body = scheme.places().any(|place| place.is_in_body());
            let or = if is_in_body { ". Or the body cannot be read" } else { "" };
            Named::with_detail(&MALFORMED, or)
        }
        MissingTimestamp => Named::with_detail(&times::MISSING, time()),
        MalformedTimestamp => Named::with_detail(&times::MALFORMED, time()),
        MissingField => (&FIELD_MISSING).into(),
        SignatureMismatch | TokenMismatch => mismatch(delivered),
        _ => Named::with_detail(&REJECTED, rejection.to_string()),
    };
    vec![named]
}

/// A proof that is well formed and wrong.
fn mismatch(delivered: &Delivered<'_>) -> Named {
    let (captured, scheme) = (delivered.captured, delivered.scheme());
    if scheme.is_credential() {
        let in_url = " In a URL, an `&` or `#` in the secret ends the token unless it is percent-encoded.";
        let is_in_url = scheme.places().any(|place| place.as_query().is_some());
        return Named::with_detail(&TOKEN_UNEXPLAINED, if is_in_url { in_url } else { "" });
    }
    if scheme.covers_body() && captured.body().is_empty() {
        (&BODY_EMPTY).into()
    } else if scheme.covers_body() && is_incomplete(captured) {
        (&CAPTURE_INCOMPLETE).into()
    } else if captured.body().trim_ascii() == b"[object Object]" {
        (&BODY_IS_OBJECT).into()
    } else {
        Named::with_detail(&UNEXPLAINED, evidence(captured, scheme))
    }
}

/// What the capture says for and against a change of what is signed.
fn evidence(captured: &Captured, scheme: &Scheme) -> String {
    let length = captured.body().len();
    let declared = captured.oddities().is_empty()
        && captured.header_values("content-length").any(|value| *value == *length.to_string().as_bytes());
    let lines = [
        (
            declared,
            " The body is as long as its Content-Length says: if it was changed, then before the sender wrote that.",
        ),
        (scheme.signs_url(), " Is the URL, with its query, exactly the one that is registered?"),
        (
            !captured.body().is_ascii(),
            " The body has characters that are not ASCII. If deliveries without such characters verify, the secret is right, \
             and the sender signs in another charset.",
        ),
    ];
    lines.iter().filter(|(is_so, _)| *is_so).map(|(_, line)| *line).collect()
}

fn is_incomplete(captured: &Captured) -> bool {
    captured.oddities().iter().any(|oddity| matches!(oddity, Oddity::Incomplete { .. }))
}
