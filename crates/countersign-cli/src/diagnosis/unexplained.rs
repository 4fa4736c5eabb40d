//! What is said if the capture itself shows what is wrong, or no known mistake explains it.

use countersign_core::{
    Rejection,
    RejectionKind::{MalformedSignature, MissingSignature, MissingToken, SignatureMismatch, TokenMismatch},
};
use countersign_testkit::Documented;

use super::{
    Delivered,
    mistake::{Mistake, Named, mistakes},
    readings::{REPEATED, own_values},
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
    MALFORMED: "signature-malformed",
        "{place} is not {grammar}",
        "Send {place} as {provider} does: {grammar}, and nothing else.";
    IS_SECRET: "signature-is-secret",
        "{place} has the secret itself in it instead of a signature",
        "Sign the body with the secret, and never send it. It is exposed now: set another one.";
    CAPTURE_INCOMPLETE: "capture-incomplete",
        "the capture is incomplete: its body is shorter than what was sent, so that the signature cannot match",
        "Capture the whole body: as many bytes as Content-Length says.";
    BODY_EMPTY: "body-empty",
        "the captured body is empty, but something else was signed",
        "Capture the body before the framework consumes it: a body can be read once.";
    BODY_IS_OBJECT: "body-is-object",
        "the captured body is the text `[object Object]`, but something else was signed",
        "Verify the bytes as received: JavaScript made a string of the parsed object.";
    UNEXPLAINED: "unexplained",
        "the signature does not match the body under {secret}, and no known mistake explains it: the secret is wrong, the \
         body was changed, or the sender signed other bytes than it sent",
        "Check each. Is it the secret of this endpoint at {provider}, and still the current one?{which_secret} Give the \
         previous ones with --previous-secret-env. Was the secret wrapped on its way here: encoded, split into lines, put in \
         JSON? Was the body captured byte for byte, before any framework, proxy or editor changed it? (`curl -d` strips line \
         breaks; `--data-binary` does not.){detail}";
    TOKEN_UNEXPLAINED: "token-unexplained",
        "the token in the URL is not {secret}, and no known mistake explains it: one of them is wrong",
        "Compare the URL that you gave {provider} with the secret of your server, and give the previous secrets with \
         --previous-secret-env. In a URL, an `&` or `#` in the secret ends the token unless it is percent-encoded.";
    UNDECODABLE: "body-undecodable",
        "{detail}",
        "The proof is right, but receivers answer 422: compare the body with {provider}'s documentation.";
    REJECTED: "rejected",
        "{detail}",
        "Receivers reject it for this reason.";
}

/// Describes what the head and the body show of a delivery that no known mistake explains.
pub(super) fn describe<P: Documented>(delivered: &Delivered<'_>, rejection: &Rejection) -> Vec<Named> {
    let captured = delivered.captured;
    let mismatch = if P::SCHEME.covers_body() { of_body(captured) } else { &TOKEN_UNEXPLAINED };
    let values = own_values(captured, P::SCHEME);
    let described: &'static Mistake = match (rejection.kind(), values.as_slice()) {
        (MissingSignature | MissingToken, _) => &MISSING,
        (_, values) if values.iter().all(Vec::is_empty) => &EMPTY,
        (_, [_, _, ..]) => return vec![(&REPEATED).into(), mismatch.into()],
        (_, [value]) if P::SCHEME.covers_body() && *value == *delivered.secret.bytes => &IS_SECRET,
        (MalformedSignature, _) => &MALFORMED,
        (SignatureMismatch | TokenMismatch, _) => mismatch,
        _ => return vec![Named::with_detail(&REJECTED, rejection.to_string())],
    };
    vec![Named::with_detail(described, of_charset(captured))]
}

/// Advice for a body that another charset could have changed.
fn of_charset(captured: &Captured) -> &'static str {
    if captured.body().is_ascii() {
        return "";
    }
    " The body has characters that are not ASCII. If deliveries without such characters verify, the secret is right, and the \
     sender signs in another charset."
}

fn of_body(captured: &Captured) -> &'static Mistake {
    let is_incomplete = |oddity: &Oddity| matches!(oddity, Oddity::Incomplete { .. });
    if captured.body().is_empty() {
        &BODY_EMPTY
    } else if captured.oddities().iter().any(is_incomplete) {
        &CAPTURE_INCOMPLETE
    } else if captured.body().trim_ascii() == b"[object Object]" {
        &BODY_IS_OBJECT
    } else {
        &UNEXPLAINED
    }
}
