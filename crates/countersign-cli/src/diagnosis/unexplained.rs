//! What is said if the capture itself shows what is wrong, or no known mistake explains it.

use countersign_core::{
    Rejection,
    RejectionKind::{
        MalformedSignature, MalformedTimestamp, MalformedToken, MissingField, MissingSignature, MissingTimestamp,
        MissingToken, SignatureMismatch, TokenMismatch,
    },
    adapter::RequestHead,
};

use super::{
    Delivered, is_plain,
    mistake::{Mistake, Named, mistakes},
    readings::{REPEATED, own_values},
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
    MALFORMED: "signature-malformed",
        "{place} is not {grammar}",
        "Send {place} as {provider} does: {grammar}, and nothing else.";
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
    UNEXPLAINED: "unexplained",
        "the signature does not match the body under {secret}, and no known mistake explains it: the secret is wrong, the \
         body was changed, or the sender signed other bytes than it sent",
        "Check each. Is it the secret of this endpoint at {provider}, and still the current one?{which_secret} Give the \
         previous ones with --previous-secret-env. Was the secret wrapped on its way here: encoded, split into lines, put in \
         JSON? Was the body captured byte for byte, before any framework, proxy or editor changed it, or wrote its JSON again? (`curl -d` strips line \
         breaks; `--data-binary` does not.){detail}";
    TOKEN_UNEXPLAINED: "token-unexplained",
        "the token in the URL is not {secret}, and no known mistake explains it: one of them is wrong",
        "Compare the URL that you gave {provider} with the secret of your server, and give the previous secrets with \
         --previous-secret-env. In a URL, an `&` or `#` in the secret ends the token unless it is percent-encoded.";
    NO_VERSION: "proof-version-missing",
        "{detail} is there, but has no {proof} that {provider} is verified by: {place} is missing",
        "Other versions are skipped. Check which version {provider} sends to this endpoint.";
    MALFORMED_OR_REPEATED: "proof-malformed",
        "{place} is malformed or repeated: it must be {grammar}{detail}",
        "Send {place} as {provider} does: {grammar}. Find what changes it on the way, or adds another one.";
    FIELD_MISSING: "signed-value-missing",
        "a value that is signed is missing, empty, malformed or repeated: {provider} signs {signed}",
        "Check that no proxy removes or adds a header or a parameter of the URL, and that the capture is complete.";
    NOT_A_KEY: "secret-not-a-key",
        "{detail}",
        "Use the key that {provider} issued for this endpoint, whole: {secret} is not one.";
    UNEXPLAINED_SIGNED: "unexplained",
        "the signature does not match under {secret}, and no known mistake explains it: the secret is wrong, or what \
         {provider} signs was changed: {signed}",
        "Check each. Is it the secret of this endpoint at {provider}, and still the current one?{which_secret} Give the \
         previous ones with --previous-secret-env. Was the body captured byte for byte, before any framework, proxy or \
         editor changed it, or wrote its JSON again? (`curl -d` strips line breaks; `--data-binary` does not.){detail}";
    CREDENTIAL_UNEXPLAINED: "token-unexplained",
        "{place} does not have {secret}, and no known mistake explains it: one of them is wrong",
        "Compare what you gave {provider} with the secret of your server, and give the previous secrets with \
         --previous-secret-env.";
    UNDECODABLE: "body-undecodable",
        "{detail}",
        "The proof is right, but receivers answer 422: compare the body with {provider}'s documentation.";
    REJECTED: "rejected",
        "{detail}",
        "Receivers reject it for this reason.";
}

/// Describes what the head and the body show of a delivery that no known mistake explains.
pub(super) fn describe(delivered: &Delivered<'_>, rejection: &Rejection) -> Vec<Named> {
    if !is_plain(delivered.scheme()) {
        return vec![describe_any(delivered, rejection)];
    }
    let captured = delivered.captured;
    let mismatch = if delivered.scheme().covers_body() { of_body(captured) } else { &TOKEN_UNEXPLAINED };
    let values = own_values(captured, delivered.scheme());
    let described: &'static Mistake = match (rejection.kind(), values.as_slice()) {
        (MissingSignature | MissingToken, _) => &MISSING,
        (_, values) if values.iter().all(Vec::is_empty) => &EMPTY,
        (_, [_, _, ..]) => return vec![(&REPEATED).into(), mismatch.into()],
        (_, [value]) if delivered.scheme().covers_body() && *value == *delivered.secret.bytes => &IS_SECRET,
        (MalformedSignature, _) => &MALFORMED,
        (SignatureMismatch | TokenMismatch, _) => mismatch,
        _ => return vec![Named::with_detail(&REJECTED, rejection.to_string())],
    };
    vec![Named::with_detail(described, of_charset(captured))]
}

/// The same for any scheme: what the verifier says, and no more than is known.
fn describe_any(delivered: &Delivered<'_>, rejection: &Rejection) -> Named {
    let (captured, scheme) = (delivered.captured, delivered.scheme());
    let time = || scheme.signed_time().map(|(place, _)| place.to_string()).unwrap_or_default();
    match rejection.kind() {
        MissingSignature | MissingToken => {
            let mut headers = scheme.places().filter_map(|place| place.as_header());
            match headers.find(|name| captured.header_values(name).any(|value| !value.is_empty())) {
                Some(name) => Named::with_detail(&NO_VERSION, format!("the header `{name}`")),
                None => (&MISSING).into(),
            }
        }
        MalformedSignature | MalformedToken => {
            let is_in_body = scheme.places().any(|place| place.as_json().or(place.as_form()).is_some());
            let or = if is_in_body { ". Or the body cannot be read" } else { "" };
            Named::with_detail(&MALFORMED_OR_REPEATED, or)
        }
        MissingTimestamp => Named::with_detail(&times::MISSING, time()),
        MalformedTimestamp => Named::with_detail(&times::MALFORMED, time()),
        MissingField => (&FIELD_MISSING).into(),
        SignatureMismatch if scheme.covers_body() && is_incomplete(captured) => (&CAPTURE_INCOMPLETE).into(),
        SignatureMismatch => {
            let url = " Is the URL, with its query, exactly the one that is registered?";
            let url = if scheme.signs_url() { url } else { "" };
            Named::with_detail(&UNEXPLAINED_SIGNED, format!("{url}{}", of_charset(captured)))
        }
        TokenMismatch => (&CREDENTIAL_UNEXPLAINED).into(),
        _ => Named::with_detail(&REJECTED, rejection.to_string()),
    }
}

/// Advice for a body that another charset could have changed.
fn of_charset(captured: &Captured) -> &'static str {
    if captured.body().is_ascii() {
        return "";
    }
    " The body has characters that are not ASCII. If deliveries without such characters verify, the secret is right, and the \
     sender signs in another charset."
}

fn is_incomplete(captured: &Captured) -> bool {
    captured.oddities().iter().any(|oddity| matches!(oddity, Oddity::Incomplete { .. }))
}

fn of_body(captured: &Captured) -> &'static Mistake {
    if captured.body().is_empty() {
        &BODY_EMPTY
    } else if is_incomplete(captured) {
        &CAPTURE_INCOMPLETE
    } else if captured.body().trim_ascii() == b"[object Object]" {
        &BODY_IS_OBJECT
    } else {
        &UNEXPLAINED
    }
}
