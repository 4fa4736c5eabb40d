//! What is said if the capture itself shows what is wrong, or no known mistake explains it.

use countersign_core::{
    __private::{Oddity as Looks, oddities},
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
    heads::REPEATED,
    json::Json,
    mistake::{Named, mistakes},
    places::{is_there, may_repeat, optional, own_values},
    times,
};
use crate::capture::{Captured, Oddity};

/// What keys of APIs begin with, and secrets of webhooks do not.
const API_KEYS: [&str; 12] =
    ["sk_", "pk_", "rk_", "sk-", "xoxb-", "xoxp-", "ghp_", "github_pat_", "shpat_", "SG.", "pat-", "Bearer "];

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
        "Send it as {provider} does: {grammar}. Other versions are skipped: check which one this endpoint is set to.";
    FIELD_MISSING: "signed-value-missing",
        "a value that is signed is missing, empty, malformed or repeated: {provider} signs {signed}",
        "Check that no proxy removes or adds a header or a parameter of the URL, and that the capture is complete.";
    NOT_A_KEY: "secret-not-a-key",
        "{detail}",
        "Use the key that {provider} issued for this endpoint, whole: {secret} is not one.";
    MALFORMED: "proof-malformed",
        "{place} is malformed: it must be {grammar}",
        "Send {place} as {provider} does: {grammar}, and nothing else. Find what changes it on the way.";
    UNREADABLE: "body-unreadable",
        "{place} cannot be read: the body is not {detail}",
        "Capture the body as {provider} sends it, and check that this webhook has the format of {provider}'s current version.";
    UNEXPLAINED: "unexplained",
        "the signature does not match under {secret}, and no known mistake explains it: the secret is wrong, {signed} was \
         changed, or the sender signed other bytes than it sent",
        "To tell which: have {provider} send a test event, and capture it before anything reads it. If it verifies, the secret \
         is right, and this request was changed, or was signed in another form. If it does not, the secret is wrong, or the \
         sender signs in another way than {provider}: is it the secret of this endpoint, and did something change it on its \
         way here?{which_secret} Give previous secrets with --previous-secret-env.{detail}";
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
    let (captured, scheme) = (delivered.captured, delivered.met());
    let unreadable = unreadable(captured, scheme);
    let values = own_values(captured, scheme);
    let is_malformed = matches!(rejection.kind(), MalformedSignature | MalformedToken);
    let is_single = !scheme.places().any(may_repeat);
    let is_in_url = scheme.places().any(|place| place.as_query().is_some());
    let time = || scheme.signed_time().map(|(place, _)| place.to_string()).unwrap_or_default();
    let named = match rejection.kind() {
        _ if !values.is_empty() && values.iter().all(Vec::is_empty) => (&EMPTY).into(),
        _ if is_malformed && values.len() > 1 && is_single => return vec![(&REPEATED).into(), mismatch(delivered)],
        _ if !scheme.is_credential() && values.iter().any(|value| *value == *delivered.secret.bytes) => {
            (&IS_SECRET).into()
        }
        MalformedSignature | MalformedToken | MissingSignature | MissingToken if !is_in_url && unreadable.is_some() => {
            Named::with_detail(&UNREADABLE, unreadable.unwrap_or_default())
        }
        MissingSignature | MissingToken => {
            let mut headers = scheme.places().filter_map(|place| place.as_header());
            match headers.find(|name| captured.header_values(name).any(|value| !value.is_empty())) {
                Some(name) => Named::with_detail(&NO_VERSION, format!("the header `{name}`")),
                None => (&MISSING).into(),
            }
        }
        MalformedSignature | MalformedToken if !is_in_url => (&MALFORMED).into(),
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
    let (captured, scheme) = (delivered.captured, delivered.met());
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
        Named::with_detail(&UNEXPLAINED, evidence(delivered, scheme))
    }
}

/// What the body would have to be.
fn unreadable(captured: &Captured, scheme: &Scheme) -> Option<&'static str> {
    let is_json = scheme.places().any(|place| place.as_json().is_some());
    let is_form = scheme.places().any(|place| place.as_form().is_some());
    let has_json = captured.body().first().is_some_and(|first| b"{[".contains(first));
    match () {
        () if is_json && Json::read(captured.body()).is_none() => Some("JSON"),
        () if is_form && has_json => Some("a form"),
        () => None,
    }
}

/// What the capture says for and against each of the causes.
fn evidence(delivered: &Delivered<'_>, scheme: &Scheme) -> String {
    let (captured, body) = (delivered.captured, delivered.captured.body());
    let declared = captured.oddities().is_empty()
        && captured.header_values("content-length").any(|value| *value == *body.len().to_string().as_bytes());
    let has = |oddity| oddities(&delivered.secret.bytes).any(|found| found == oddity);
    // Some sign with the key of their API.
    let is_of_api = matches!(delivered.entry.secret, "secret" | "signing_secret" | "client_secret")
        && API_KEYS.iter().any(|start| delivered.secret.bytes.starts_with(start.as_bytes()));
    let is_signed = scheme.covers_body();
    let lost = "\u{fffd}".as_bytes();
    let is_lost = body.windows(lost.len()).any(|part| part == lost);
    let lines = [
        (has(Looks::Placeholder), " The secret looks like a placeholder."),
        (has(Looks::Reference), " The secret looks like a path or a reference to a secret."),
        (is_of_api, " The secret looks like the key of an API, and webhooks have another one."),
        (
            is_signed && declared,
            " The body is as long as its Content-Length says: if it was changed, then before the sender wrote that.",
        ),
        (scheme.signs_url(), " Is the URL, with its query, exactly the one that is registered?"),
        (
            is_signed && is_lost,
            " The body has the character U+FFFD: something read it as text in a wrong charset, and what was there is lost.",
        ),
        (
            is_signed && !is_lost && !body.is_ascii(),
            " The body has characters that are not ASCII. If deliveries without such characters verify, the secret is right, \
             and the sender signs in another charset.",
        ),
        (is_signed, " `curl -d` strips line breaks; `--data-binary` does not."),
    ];
    let optional = optional(scheme).filter(|place| !is_there(captured, *place));
    let missing = optional
        .map(|place| format!(" The capture does not have {place}, which is signed if it is sent: was it removed?"));
    missing.chain(lines.iter().filter(|(is_so, _)| *is_so).map(|(_, line)| (*line).to_owned())).collect()
}

fn is_incomplete(captured: &Captured) -> bool {
    captured.oddities().iter().any(|oddity| matches!(oddity, Oddity::Incomplete { .. }))
}
