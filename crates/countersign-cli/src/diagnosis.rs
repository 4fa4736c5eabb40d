//! Why a delivery does not verify. Only the verifier decides whether it does: everything here
//! explains its rejection.

mod bodies;
mod coding;
mod json;
mod json_forms;
mod mistake;
mod notes;
mod others;
mod readings;
mod rejected;
mod report;
mod search;
mod secrets;
mod unexplained;
mod verified;

use countersign_core::{
    Rejection, Secret, Verified, Verifier,
    adapter::RequestHead,
    provider::{Provider, Scope},
};
use countersign_testkit::Documented;

use crate::{capture::Captured, output::Failure, secret::SecretInput};
use mistake::Words;

pub(crate) use report::Report;

/// A captured delivery, and the secrets to verify it with.
pub(crate) struct Delivered<'a> {
    pub(crate) captured: &'a Captured,
    pub(crate) secret: &'a SecretInput,
    pub(crate) previous: &'a [SecretInput],
}

/// Verifies `delivered` as a delivery of `P`, and explains a rejection.
pub(crate) fn diagnose<P: Documented>(delivered: &Delivered<'_>) -> Result<Report, Failure> {
    let words = words::<P>(delivered);
    let mut report = match delivered.verify::<P>(delivered.captured)? {
        Ok(verified) => verified::report(verified, &words),
        Err(rejection) => rejected::report::<P>(delivered, &rejection, &words)?,
    };
    report.provider = P::NAME;
    report.notes.extend(notes::of(delivered.captured));
    Ok(report)
}

impl<'a> Delivered<'a> {
    /// What the verifier says with the current secret only.
    fn verify<P: Provider>(&self, head: &impl RequestHead) -> Result<Result<Verified<P>, Rejection>, Failure> {
        let secret = Secret::new(self.secret.bytes.to_vec()).map_err(|error| Failure::usage(error.to_string()))?;
        // The length does not decide: a note says what receivers make of it.
        let verifier = Verifier::<P>::new(secret).with_body_limit(usize::MAX);
        Ok(verifier.verify_only(head, self.captured.body().clone()))
    }

    fn as_plain_post(&self) -> PlainPost<'a> {
        PlainPost(self.captured)
    }
}

/// The same head as a POST without a content coding.
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

fn words<P: Provider>(delivered: &Delivered<'_>) -> Words {
    let places: Vec<_> = P::SCHEME.places().map(|place| place.to_string()).collect();
    Words {
        provider: P::TITLE,
        secret: delivered.secret.origin.clone(),
        place: places.join(" or "),
        grammar: P::SCHEME.grammar().to_string(),
        proof: if P::SCHEME.covers_body() { "signature" } else { "token" },
        which_secret: if P::SECRETS == Scope::Resource { " Every resource has its own secret." } else { "" },
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
#[path = "diagnosis/tests.rs"]
mod tests;
