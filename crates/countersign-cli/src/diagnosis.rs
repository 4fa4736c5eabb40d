//! Why a delivery does not verify. Only the verifier decides that one is genuine: what is found out here is never more
//! than an explanation of its refusal.

mod bodies;
mod bodies_undone;
mod coding;
mod genuine;
mod json;
mod json_forms;
mod matching;
mod mistake;
mod notes;
mod others;
mod refusals;
mod refused;
mod report;
mod search;
mod secrets;
mod secrets_undone;
mod signature_forms;
mod signatures;
mod tokens;

use countersign_core::{Delivery, Provider, RequestHead, Scheme, Secret, Verifier, VerifyError, providers::GeoScored};
use countersign_testkit::Documented;

use crate::{capture::Captured, output::Failure, secret::SecretInput};
use mistake::Words;

pub(crate) use report::Report;

/// A captured delivery, and the secrets that it is held against.
pub(crate) struct Delivered<'a> {
    pub(crate) captured: &'a Captured,
    pub(crate) secret: &'a SecretInput,
    pub(crate) previous: &'a [SecretInput],
}

/// What the verifier says of `delivered` as a delivery of `P`, and why if it refuses it.
pub(crate) fn diagnose<P: Documented>(delivered: &Delivered<'_>) -> Result<Report, Failure> {
    let words = words::<P>(delivered)?;
    let mut report = match delivered.verify::<P>(delivered.captured)? {
        Ok(delivery) => genuine::report(&delivery, &words),
        Err(error) => refused::report::<P>(delivered, &error, &words)?,
    };
    report.provider = P::NAME;
    report.notes.extend(notes::of(delivered.captured));
    Ok(report)
}

impl<'a> Delivered<'a> {
    /// The verifier's word, with the current secret alone.
    fn verify<P: Documented>(&self, head: &impl RequestHead) -> Result<Result<Delivery<P>, VerifyError>, Failure> {
        let secret = Secret::new(self.secret.bytes.to_vec()).map_err(|error| Failure::usage(error.to_string()))?;
        // The length is not to decide: a note tells what receivers make of it.
        let verifier = Verifier::<P>::new(secret).with_body_limit(usize::MAX);
        Ok(verifier.verify(head, self.captured.body().clone()))
    }

    fn as_plain_post(&self) -> PlainPost<'a> {
        PlainPost(self.captured)
    }
}

/// The same head as if it were that of a POST without a content coding.
struct PlainPost<'a>(&'a Captured);

impl RequestHead for PlainPost<'_> {
    fn method(&self) -> &str {
        "POST"
    }

    fn path(&self) -> &str {
        self.0.path()
    }

    fn query(&self) -> Option<&str> {
        self.0.query()
    }

    fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let undone = ["content-encoding", "content-length"];
        self.0.headers().filter(move |(name, _)| !undone.iter().any(|undone| name.eq_ignore_ascii_case(undone)))
    }
}

fn words<P: Documented>(delivered: &Delivered<'_>) -> Result<Words, Failure> {
    let (place, grammar, is_token) = match P::SCHEME {
        Scheme::HmacSha256 { header, prefix: "", .. } => (header, "64 hex digits".to_owned(), false),
        Scheme::HmacSha256 { header, prefix, .. } => (header, format!("`{prefix}` and 64 hex digits"), false),
        Scheme::UrlToken { parameter, .. } => (parameter, String::new(), true),
        _ => return Err(Failure::usage(format!("how {} proves a delivery is not known here", P::TITLE))),
    };
    let has_secret_each = P::NAME == GeoScored::NAME;
    let which_secret = if has_secret_each { "Every scan has a secret of its own. " } else { "" };
    let secret = delivered.secret.origin.clone();
    Ok(Words { provider: P::TITLE, secret, place, grammar, is_token, which_secret })
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
#[path = "diagnosis/tests.rs"]
mod tests;
