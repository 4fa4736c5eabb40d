//! A delivery that verifies.

use std::{error::Error, time::UNIX_EPOCH};

use countersign_core::{ProviderEvent, RejectionKind, SentAt, Trust, Verified};
use countersign_testkit::Documented;

use super::{
    mistake::{Named, Words},
    report::Report,
    unexplained::UNDECODABLE,
};

pub(super) fn report<P: Documented>(verified: Verified<P>, words: &Words) -> Report {
    let (trust, trusted) = trust(verified.trust());
    let mut report = Report { verified: true, trust: Some(trust), ..Report::default() };
    let sent_at = verified.sent_at();
    match verified.read() {
        Ok(delivery) => {
            let name = delivery.event_name();
            let known = if P::Event::NAMES.contains(&name) { "" } else { " (not documented)" };
            report.first_line = format!("verified: {name} of {}, with {}", words.provider, words.secret);
            report.details.push(("event", format!("{name}{known}")));
            report.event = Some(name.to_owned());
            report.delivery_id = delivery.delivery_id().map(|id| id.to_string());
            report.resource_id = delivery.resource_id().map(str::to_owned);
            let id = report.delivery_id.clone().unwrap_or_else(|| "none: a test event is never a duplicate".to_owned());
            report.details.push(("delivery ID", id));
            report.details.extend(report.resource_id.clone().map(|id| ("resource ID", id)));
        }
        Err(rejection) => {
            let why = rejection.source().map(ToString::to_string).unwrap_or_default();
            report.first_line = format!(
                "verified, but not readable: the {} is right, but the body is not as {} documents it: {why}",
                words.proof, words.provider
            );
            report.reason = Some(RejectionKind::Undecodable.code());
            report.causes.push(Named::with_detail(&UNDECODABLE, why).told(words));
        }
    }
    report.details.push(("trust", trusted.to_owned()));
    if let Some(SentAt::Unsigned(time)) = sent_at {
        let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        report.details.push(("sent at", format!("{seconds}, in seconds since 1970; not signed")));
    }
    report
}

fn trust(trust: Trust) -> (&'static str, &'static str) {
    match trust {
        Trust::TokenOnly => {
            ("token_only", "token only: nothing is signed, and anyone who knows the URL may have sent it")
        }
        Trust::Confirmed => ("confirmed", "confirmed"),
        Trust::Signed => ("signed", "signed: every byte of the body"),
        _ => ("other", "other"),
    }
}
