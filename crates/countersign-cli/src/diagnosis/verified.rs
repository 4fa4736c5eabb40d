//! A delivery that verifies.

use std::time::UNIX_EPOCH;

use countersign_core::{RejectionKind, SentAt, Trust, provider::Scheme};

use super::{
    Delivered,
    mistake::{Named, Words},
    report::Report,
    times,
    unexplained::UNDECODABLE,
};
use crate::{
    verification::{EventSummary, Summary},
    words,
};

pub(super) fn report(delivered: &Delivered<'_>, summary: &Summary, words: &Words) -> Report {
    let (trust, trusted) = trust(summary.trust, delivered.scheme());
    let mut report = Report { verified: true, trust: Some(trust), ..Report::default() };
    match &summary.event {
        Ok(event) => report_event(delivered, event, words, &mut report),
        Err(why) => {
            report.first_line = format!(
                "verified, but not readable: the {} is right, but the body is not as {} documents it: {why}",
                words.proof, words.provider
            );
            report.reason = Some(RejectionKind::Undecodable.code());
            report.causes.push(Named::with_detail(&UNDECODABLE, why).told(words));
        }
    }
    let is_more_signed = summary.trust == Trust::Signed && words.signed != "the body";
    let trusted =
        if is_more_signed { format!("signed: {}", words.signed.replace('`', "")) } else { trusted.to_owned() };
    report.details.push(("trust", trusted));
    if let Some(sent_at) = summary.sent_at {
        let (time, how) = match sent_at {
            SentAt::Signed(time) => {
                let now = delivered.now();
                (time, format!("signed, {}", times::distance(time, now)))
            }
            SentAt::Unsigned(time) => (time, "not signed".to_owned()),
            _ => return report,
        };
        let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        report.sent_at = Some(seconds);
        report.sent_at_is_signed = Some(matches!(sent_at, SentAt::Signed(_)));
        report.details.push(("sent at", format!("{seconds}, in seconds since 1970; {how}")));
    }
    report
}

fn report_event(delivered: &Delivered<'_>, event: &EventSummary, words: &Words, report: &mut Report) {
    let page = delivered.page();
    report.first_line = format!("verified: {} of {}, with {}", words::event(&event.name), words.provider, words.secret);
    if !event.name.is_empty() {
        let is_known = page.event_names.is_empty() || page.event_names.contains(&event.name.as_str());
        let uncovered = page.event.filter(|place| !page.scheme.covers(*place) && place.as_header().is_some());
        let note = match uncovered {
            Some(place) => format!(" (from {}, which is not signed)", words::plain(place)),
            None if is_known => String::new(),
            None => " (not documented)".to_owned(),
        };
        report.details.push(("event", format!("{}{note}", event.name)));
        report.event = Some(event.name.clone());
    }
    report.delivery_id = event.delivery_id.as_ref().map(ToString::to_string);
    report.resource_id.clone_from(&event.resource_id);
    let id = report.delivery_id.clone().unwrap_or_else(|| "none: it is never a duplicate".to_owned());
    report.details.push(("delivery ID", id));
    report.details.extend(report.resource_id.clone().map(|id| ("resource ID", id)));
}

fn trust(trust: Trust, scheme: &Scheme) -> (&'static str, &'static str) {
    match trust {
        Trust::TokenOnly if scheme.places().any(|place| place.as_query().is_some()) => {
            ("token_only", "token only: nothing is signed, and anyone who knows the URL may have sent it")
        }
        Trust::TokenOnly => {
            ("token_only", "token only: nothing is signed, and anyone who knows the secret may have sent it")
        }
        Trust::Unbound => {
            ("unbound", "unbound: the signature does not protect the whole body, and would be right for others")
        }
        Trust::Confirmed => ("confirmed", "confirmed"),
        Trust::Signed => ("signed", "signed: every byte of the body"),
        _ => ("other", "other"),
    }
}
