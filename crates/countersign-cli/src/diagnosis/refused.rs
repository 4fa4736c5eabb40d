//! A delivery that the verifier refuses, and why it does.

use countersign_core::{RequestHead, Scheme, VerifyError, VerifyErrorKind};
use countersign_testkit::Documented;

use super::{
    Delivered, bodies,
    matching::{self, is_same},
    mistake::{Mistake, Named, Words},
    others, refusals,
    report::Report,
    search::{self, Outcome},
    secrets, signatures, tokens,
};
use crate::{
    capture::{Captured, Oddity},
    output::Failure,
};

const CUT_SHORT: &str = "not every combination of mistakes was tried, because the body is long";

pub(super) fn report<P: Documented>(
    delivered: &Delivered<'_>,
    error: &VerifyError,
    words: &Words,
) -> Result<Report, Failure> {
    let mut causes = of_the_request(delivered.captured);
    let mut notes = Vec::new();
    // What else is the matter is found out as if the request were in order.
    if let Err(error) = delivered.verify::<P>(&delivered.as_plain_post())? {
        let (explained, is_cut_short) = explain::<P>(delivered, &error);
        causes.extend(explained);
        notes.extend(is_cut_short.then(|| CUT_SHORT.to_owned()));
    }
    if causes.is_empty() {
        causes.push(Named::with_detail(&refusals::REFUSED, error.to_string()));
    }
    let causes = causes.iter().map(|cause| cause.told(words)).collect();
    Ok(Report { reason: Some(error.kind().code()), causes, notes, ..Report::default() })
}

fn of_the_request(captured: &Captured) -> Vec<Named> {
    let is_coded = captured
        .header_values("content-encoding")
        .flat_map(|value| value.split(|&byte| byte == b','))
        .any(|coding| !coding.trim_ascii().is_empty() && !coding.trim_ascii().eq_ignore_ascii_case(b"identity"));
    let mut lengths = captured.header_values("content-length");
    let is_too_long = lengths.any(|length| {
        let is_number = !length.is_empty() && length.iter().all(u8::is_ascii_digit);
        is_number && std::str::from_utf8(length).is_ok_and(|length| length.parse::<usize>().is_err())
    });
    let checks = [
        (captured.method() != "POST", &refusals::NOT_POST),
        (is_coded, &refusals::CONTENT_CODING),
        (is_too_long, &refusals::LENGTH),
    ];
    checks.into_iter().filter(|(is_so, _)| *is_so).map(|(_, mistake)| mistake.into()).collect()
}

/// What is wrong with the proof, and whether not everything was tried.
fn explain<P: Documented>(delivered: &Delivered<'_>, error: &VerifyError) -> (Vec<Named>, bool) {
    let is_missing = matches!(error.kind(), VerifyErrorKind::MissingSignature | VerifyErrorKind::MissingToken);
    let is_token = matches!(P::SCHEME, Scheme::UrlToken { .. });
    let other = is_missing.then(|| others::other(delivered, P::NAME, is_token)).flatten();
    let is_others = |named: &Named| std::ptr::eq(named.mistake, &raw const refusals::WRONG_PROVIDER);
    if let Some(wrong) = other.clone().filter(is_others) {
        return (vec![wrong], false);
    }
    let secrets = secrets::candidates(delivered.secret, delivered.previous);
    let captured = delivered.captured;
    let (outcome, fallback) = match P::SCHEME {
        Scheme::HmacSha256 { header, prefix, .. } => {
            let readings = signatures::readings(captured, header, prefix);
            let fallback = unexplained_signature(delivered, header, &readings);
            let given = given::<P>(captured);
            (search::Signed::new(readings, secrets, &given).explain(), fallback)
        }
        Scheme::UrlToken { parameter, .. } => {
            let readings = tokens::readings(captured, parameter);
            (search::explain_token(&readings, secrets), unexplained_token(captured, parameter))
        }
        _ => (Outcome::Unexplained, vec![Named::with_detail(&refusals::REFUSED, error.to_string())]),
    };
    match outcome {
        Outcome::Explained(mistakes) => (mistakes, false),
        unexplained => {
            let fallback = other.map_or(fallback, |other| vec![other]);
            (fallback, matches!(unexplained, Outcome::CutShort))
        }
    }
}

fn given<P: Documented>(captured: &Captured) -> bodies::Given<'_> {
    let is_time = |name: &str| name.to_ascii_lowercase().contains("timestamp");
    let times = captured.headers().filter(|(name, value)| is_time(name) && value.len() <= 64).map(|(_, value)| value);
    bodies::Given {
        body: captured.body(),
        uncut: captured.uncut().map(|body| &**body),
        times: times.take(4).collect(),
        documented: P::PAYLOADS,
    }
}

/// What the head shows, and then that the signature does not match.
fn unexplained_signature(
    delivered: &Delivered<'_>,
    header: &'static str,
    readings: &[matching::Reading],
) -> Vec<Named> {
    let captured = delivered.captured;
    let values: Vec<_> = captured.header_values(header).collect();
    let [value] = values.as_slice() else {
        let is_same = values.first().is_some_and(|first| values.iter().all(|value| value == first));
        return match values.len() {
            0 => vec![(&refusals::SIGNATURE_MISSING).into()],
            _ if is_same => vec![(&signatures::REPEATED).into(), unexplained(captured)],
            _ => vec![(&signatures::CONTRADICTORY).into(), unexplained(captured)],
        };
    };
    if value.is_empty() {
        return vec![(&refusals::SIGNATURE_EMPTY).into()];
    }
    if is_same(value, &delivered.secret.bytes) {
        return vec![(&refusals::SIGNATURE_IS_SECRET).into()];
    }
    match readings.first().map(|reading| reading.mistakes.as_slice()) {
        None => vec![(&refusals::SIGNATURE_MALFORMED).into()],
        Some(form) => form.iter().cloned().chain([unexplained(captured)]).collect(),
    }
}

/// That the signature does not match, with the reason if the body shows it.
fn unexplained(captured: &Captured) -> Named {
    let is_incomplete = |oddity: &Oddity| matches!(oddity, Oddity::Incomplete { .. } | Oddity::ChunksIncomplete);
    let mistake: &'static Mistake = if captured.body().is_empty() {
        &refusals::BODY_EMPTY
    } else if captured.oddities().iter().any(is_incomplete) {
        &refusals::CAPTURE_INCOMPLETE
    } else if captured.body().trim_ascii() == b"[object Object]" {
        &refusals::BODY_IS_OBJECT
    } else {
        &refusals::UNEXPLAINED
    };
    mistake.into()
}

fn unexplained_token(captured: &Captured, parameter: &'static str) -> Vec<Named> {
    let own = tokens::own_values(captured, parameter);
    let is_empty = own.iter().all(|(_, value)| value.is_empty());
    let what: Option<&'static Mistake> = match own.as_slice() {
        [] => return vec![(&refusals::TOKEN_MISSING).into()],
        _ if is_empty => return vec![(&refusals::TOKEN_EMPTY).into()],
        [(true, _)] => None,
        [(false, _)] => Some(&tokens::NAME_ESCAPED),
        [(_, first), rest @ ..] if rest.iter().all(|(_, value)| value == first) => Some(&tokens::REPEATED),
        _ => Some(&tokens::CONTRADICTORY),
    };
    let unexplained: Named = (&refusals::TOKEN_UNEXPLAINED).into();
    what.map(Named::from).into_iter().chain([unexplained]).collect()
}
