//! Why a delivery does not verify. Only the verifier decides whether it does: everything here
//! explains its rejection.

mod bodies;
mod coding;
mod edits;
mod forms;
mod heads;
mod json;
mod json_forms;
mod mistake;
mod notes;
mod others;
mod places;
mod rejected;
mod report;
mod search;
mod secrets;
mod signed_parts;
mod times;
mod unexplained;
mod urls;
mod verified;

use std::time::SystemTime;

use countersign_core::{
    PublicUrl, Secret,
    provider::{Page, Scheme, Scope},
};

use crate::{
    capture::Captured,
    catalog::Entry,
    secret::SecretInput,
    verification::{Answer, Terms},
};
use mistake::Words;

pub(crate) use report::Report;

/// A captured delivery, and what to verify it with.
pub(crate) struct Delivered<'a> {
    pub(crate) entry: &'static Entry,
    pub(crate) captured: &'a Captured,
    pub(crate) secret: &'a SecretInput,
    pub(crate) previous: &'a [SecretInput],
    /// The public URL, where it is signed.
    pub(crate) url: Option<PublicUrl>,
    /// When it arrived (default: now).
    pub(crate) at: Option<SystemTime>,
}

/// Verifies `delivered`, and explains a rejection.
pub(crate) fn diagnose(delivered: &Delivered<'_>) -> Report {
    let words = words(delivered);
    let mut report = match delivered.verify(delivered.captured) {
        Ok(Ok(summary)) => verified::report(delivered, &summary, &words),
        Ok(Err(rejection)) => rejected::report(delivered, &rejection, &words),
        Err(error) => rejected::report_of_key(delivered, &error, &words),
    };
    report.provider = delivered.page().name;
    report.notes.extend(notes::of(delivered.captured));
    report
}

impl Delivered<'_> {
    fn page(&self) -> &'static Page {
        self.entry.page
    }

    fn scheme(&self) -> &'static Scheme {
        self.entry.page.scheme
    }

    /// What the verifier says with the current secret only.
    fn verify(&self, captured: &Captured) -> Answer {
        self.verify_with(self.entry, captured, &self.secret.bytes, false)
    }

    /// What the verifier of a provider says with a secret, at any time if `any_time`.
    fn verify_with(&self, entry: &Entry, captured: &Captured, secret: &[u8], any_time: bool) -> Answer {
        let secrets = Secret::new(secret)?.into();
        let terms = Terms { secrets, url: self.url.clone(), at: self.at, any_time, dedupe: None };
        entry.verify(&terms, captured)
    }

    /// Of a list, the scheme whose proof the capture has.
    fn met(&self) -> &'static Scheme {
        let has_proof = |one: &&'static Scheme| one.places().any(|place| places::is_there(self.captured, place));
        self.scheme().__each().iter().find(has_proof).unwrap_or(self.scheme())
    }

    fn now(&self) -> SystemTime {
        self.at.unwrap_or_else(SystemTime::now)
    }

    fn as_plain_post(&self) -> Captured {
        self.captured.as_plain_post(self.captured.body().clone())
    }
}

fn words(delivered: &Delivered<'_>) -> Words {
    let (page, scheme) = (delivered.page(), delivered.met());
    let all = || scheme.places().map(|place| (places::is_there(delivered.captured, place), places::described(place)));
    let is_one_there = all().any(|(is_there, _)| is_there);
    let places: Vec<_> =
        all().filter(|(is_there, _)| *is_there || !is_one_there).map(|(_, described)| described).collect();
    Words {
        provider: page.title,
        secret: delivered.secret.origin.clone(),
        place: places.join(" or "),
        grammar: scheme.grammar().to_string(),
        signed: scheme.signed_text().to_string(),
        proof: if scheme.is_credential() { "token" } else { "signature" },
        which_secret: if page.secrets == Scope::Resource { " Every resource has its own secret." } else { "" },
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
#[path = "diagnosis/tests.rs"]
mod tests;

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)]
#[path = "diagnosis/cause_tests.rs"]
mod cause_tests;
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)]
#[path = "diagnosis/page_tests.rs"]
mod page_tests;
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)]
#[path = "diagnosis/table_tests.rs"]
mod table_tests;
