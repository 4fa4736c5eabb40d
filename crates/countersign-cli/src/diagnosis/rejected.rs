//! A delivery that the verifier rejects, and why it does.

use countersign_core::{__private::is_encoded, Rejection, RejectionKind, adapter::RequestHead};
use countersign_testkit::Documented;

use super::{
    Delivered, bodies,
    mistake::{Named, Words},
    others, readings,
    report::Report,
    search, secrets, unexplained,
};
use crate::{capture::Captured, output::Failure};

/// For longer bodies, in bytes, only single mistakes are tried, and JSON is not written again.
pub(super) const LONG: usize = 256 * 1024;

const CUT_SHORT: &str = "the body is long: only single mistakes were tried, and no other ways to write its JSON";

pub(super) fn report<P: Documented>(
    delivered: &Delivered<'_>,
    rejection: &Rejection,
    words: &Words,
) -> Result<Report, Failure> {
    let mut causes = of_the_request(delivered.captured);
    let mut notes = Vec::new();
    // The rest is explained as if the request were in order.
    if let Err(rejection) = delivered.verify::<P>(&delivered.as_plain_post())? {
        let explained = explain::<P>(delivered, &rejection);
        if explained.is_none() && delivered.captured.body().len() > LONG {
            notes.push(CUT_SHORT.to_owned());
        }
        causes.extend(explained.unwrap_or_else(|| unexplained::describe::<P>(delivered, &rejection)));
    }
    if causes.is_empty() {
        causes.push(Named::with_detail(&unexplained::REJECTED, rejection.to_string()));
    }
    let causes = causes.iter().map(|cause| cause.told(words)).collect();
    Ok(Report { reason: Some(rejection.kind().code()), causes, notes, ..Report::default() })
}

fn of_the_request(captured: &Captured) -> Vec<Named> {
    let is_coded = captured.header_values("content-encoding").any(is_encoded);
    let checks = [(captured.method() != "POST", &unexplained::NOT_POST), (is_coded, &unexplained::CONTENT_CODING)];
    checks.into_iter().filter(|(is_so, _)| *is_so).map(|(_, mistake)| mistake.into()).collect()
}

/// The known mistakes that explain the rejection.
fn explain<P: Documented>(delivered: &Delivered<'_>, rejection: &Rejection) -> Option<Vec<Named>> {
    let is_missing = matches!(rejection.kind(), RejectionKind::MissingSignature | RejectionKind::MissingToken);
    let other = if is_missing { others::other(delivered, P::NAME) } else { None };
    if let Some(others::Other::Verified(wrong)) = other {
        return Some(vec![wrong]);
    }
    let found = search::explain::<P>(
        &readings::readings(delivered.captured, P::SCHEME),
        &secrets::candidates(delivered.secret, delivered.previous),
        &bodies::candidates::<P>(delivered.captured),
    );
    found.or_else(|| match other {
        Some(others::Other::LooksLike(other)) => Some(vec![other]),
        _ => None,
    })
}
