//! A genuine delivery.

use std::error::Error;

use countersign_core::{Delivery, Event, Trust, VerifyErrorKind};
use countersign_testkit::Documented;

use super::{
    mistake::{Named, Words},
    refusals::UNDECODABLE,
    report::Report,
};

pub(super) fn report<P: Documented>(delivery: &Delivery<P>, words: &Words) -> Report {
    let mut report = Report { genuine: true, ..Report::default() };
    let (trust, trusted) = trust(delivery.trust());
    report.trust = Some(trust);
    report.delivery_id = delivery.delivery_id().map(|id| id.to_string());
    match delivery.event() {
        Ok(event) => decoded::<P>(event, words, &mut report),
        Err(error) => {
            let why = error.source().map(ToString::to_string).unwrap_or_default();
            undecodable(&why, words, &mut report);
        }
    }
    let id = report.delivery_id.clone().unwrap_or_else(|| "none: test events are never duplicates".to_owned());
    report.details.push(("delivery id", id));
    report.details.extend(report.resource_id.clone().map(|id| ("resource id", id)));
    report.details.push(("trust", trusted.to_owned()));
    if let (Some(header), Some(time)) = (P::UNVERIFIED_TIMESTAMP_HEADER, delivery.unverified_timestamp()) {
        report.details.push((header, format!("{time}, in seconds since 1970; it is not signed")));
    }
    report
}

fn decoded<P: Documented>(event: &P::Event, words: &Words, report: &mut Report) {
    let name = event.name();
    let known = if P::Event::NAMES.contains(&name) { "" } else { " (not documented)" };
    report.genuine_line = format!("genuine: {name} of {}, verified with {}", words.provider, words.secret);
    report.details.push(("event", format!("{name}{known}")));
    report.event = Some(name.to_owned());
    report.resource_id = event.resource_id().map(str::to_owned);
}

fn undecodable(why: &str, words: &Words, report: &mut Report) {
    let proof = if words.is_token { "token" } else { "signature" };
    report.genuine_line = format!(
        "genuine, and not to be decoded: the {proof} is right, and the body is not what {} documents: {why}",
        words.provider
    );
    report.reason = Some(VerifyErrorKind::Undecodable.code());
    let why = why.strip_prefix("the ").unwrap_or(why);
    report.causes.push(Named::with_detail(&UNDECODABLE, why).told(words));
}

fn trust(trust: Trust) -> (&'static str, &'static str) {
    match trust {
        Trust::TokenOnly => ("token_only", "token only: nothing is signed, and whoever knows the URL can have sent it"),
        Trust::Confirmed => ("confirmed", "confirmed"),
        Trust::Signed => ("signed", "signed: every byte of the body"),
        _ => ("other", "other"),
    }
}
