//! A delivery that the verifier rejects, and why it does.

use countersign_core::{__private::is_encoded, Rejection, RejectionKind, SecretError, adapter::RequestHead};

use super::{
    Delivered,
    mistake::{Named, Words},
    others,
    report::Report,
    search::{self, Found},
    unexplained,
};
use crate::capture::Captured;

/// Longer bodies, in bytes, are not parsed and written again.
pub(super) const LONG: usize = 256 * 1024;

const CUT_SHORT: &str = "the request is long: not every known mistake was tried";

/// The reason if the verifier does not take the secret.
const NOT_A_KEY: &str = "secret_not_a_key";

pub(super) fn report(delivered: &Delivered<'_>, rejection: &Rejection, words: &Words) -> Report {
    let mut causes = of_the_request(delivered.captured);
    let mut notes = Vec::new();
    // The rest is explained as if the request were in order.
    if let Ok(Err(rejection)) = delivered.verify(&delivered.as_plain_post()) {
        let found = explain(delivered, &rejection);
        if found.mistakes.is_none() && (found.is_cut || delivered.captured.body().len() > LONG) {
            notes.push(CUT_SHORT.to_owned());
        }
        causes.extend(found.mistakes.unwrap_or_else(|| unexplained::describe(delivered, &rejection)));
    }
    if causes.is_empty() {
        causes.push(Named::with_detail(&unexplained::REJECTED, rejection.to_string()));
    }
    told(rejection.kind().code(), causes, notes, words)
}

/// Of a secret that is not a key of the provider's form.
pub(super) fn report_of_key(delivered: &Delivered<'_>, error: &SecretError, words: &Words) -> Report {
    let mut causes = of_the_request(delivered.captured);
    let not_a_key = || vec![Named::with_detail(&unexplained::NOT_A_KEY, error.to_string())];
    let found = if search::is_too_long(delivered.captured) {
        Found::default()
    } else {
        search::explain(delivered, search::MOST_WORK)
    };
    causes.extend(found.mistakes.unwrap_or_else(not_a_key));
    told(NOT_A_KEY, causes, Vec::new(), words)
}

fn told(reason: &'static str, causes: Vec<Named>, notes: Vec<String>, words: &Words) -> Report {
    let causes = causes.iter().map(|cause| cause.told(words)).collect();
    Report { reason: Some(reason), causes, notes, ..Report::default() }
}

fn of_the_request(captured: &Captured) -> Vec<Named> {
    let is_coded = captured.header_values("content-encoding").any(is_encoded);
    let checks = [(captured.method() != "POST", &unexplained::NOT_POST), (is_coded, &unexplained::CONTENT_CODING)];
    checks.into_iter().filter(|(is_so, _)| *is_so).map(|(_, mistake)| mistake.into()).collect()
}

/// The known mistakes that explain the rejection.
fn explain(delivered: &Delivered<'_>, rejection: &Rejection) -> Found {
    use RejectionKind::{MissingSignature, MissingToken, StaleTimestamp};

    if rejection.kind() == StaleTimestamp {
        return search::explain_time(delivered);
    }
    if search::is_too_long(delivered.captured) {
        return Found { mistakes: None, is_cut: true };
    }
    let is_missing = matches!(rejection.kind(), MissingSignature | MissingToken);
    let mut other = if is_missing { others::other(delivered, true) } else { None };
    if let Some(others::Other::Verified(wrong)) = other {
        return Found { mistakes: Some(wrong), is_cut: false };
    }
    let found = search::explain(delivered, search::MOST_WORK);
    if found.mistakes.is_some() {
        return found;
    }
    // Several providers share a header.
    other = if is_missing { other } else { others::other(delivered, false) };
    let is_own = |name: &str| delivered.scheme().places().any(|place| place.is_in_header(name));
    let mistakes = match other {
        Some(others::Other::Verified(wrong)) => Some(wrong),
        // With the header there, only its version is another.
        Some(others::Other::LooksLike(other)) if !delivered.captured.headers().any(|(name, _)| is_own(name)) => {
            Some(vec![other])
        }
        _ => None,
    };
    Found { mistakes, ..found }
}
