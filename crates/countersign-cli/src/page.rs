//! A provider's page: its consts, in words.

use countersign_core::{ProviderEvent, provider::Place};
use countersign_testkit::{Documented, Payload};
use serde::Serialize;

use crate::words;

/// A provider, in words.
#[derive(Serialize)]
pub(crate) struct Page {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) docs: &'static str,
    pub(crate) proof: String,
    pub(crate) signed_bytes: &'static str,
    /// How long it waits for an answer.
    pub(crate) deadline: String,
    pub(crate) deadline_seconds: Option<u64>,
    pub(crate) retries: String,
    pub(crate) retry_delays_seconds: Vec<u64>,
    pub(crate) attempts: Option<u8>,
    pub(crate) events: Vec<EventRow>,
    pub(crate) not_protected: Vec<String>,
}

#[derive(Serialize)]
pub(crate) struct EventRow {
    pub(crate) name: &'static str,
    /// What equal deliveries have in common.
    pub(crate) delivery_id: String,
}

impl Page {
    pub(crate) fn of<P: Documented>() -> Self {
        Self {
            name: P::NAME,
            title: P::TITLE,
            docs: P::DOCS,
            proof: plain(P::SCHEME),
            signed_bytes: if P::SCHEME.covers_body() {
                "the raw body, every byte as received"
            } else {
                "none: the token in the URL is the only proof"
            },
            deadline: words::deadline(&P::RETRIES),
            deadline_seconds: P::RETRIES.deadline.map(|deadline| deadline.as_secs()),
            retries: P::RETRIES.to_string(),
            retry_delays_seconds: P::RETRIES.delays.iter().map(|delay| delay.as_secs()).collect(),
            attempts: P::RETRIES.attempts,
            events: P::PAYLOADS
                .iter()
                .map(|(name, body)| EventRow { name, delivery_id: delivery_id::<P>(name, body) })
                .collect(),
            not_protected: not_protected::<P>(),
        }
    }
}

/// Markdown's marks are not for terminals.
fn plain(text: impl std::fmt::Display) -> String {
    text.to_string().replace('`', "")
}

/// What equal deliveries of an event have in common, as its documented payload shows.
fn delivery_id<P: Documented>(name: &str, body: &'static str) -> String {
    let Ok(delivery) = Payload::<P>::new(body).signed_with("any secret").delivery() else { return String::new() };
    let ids = P::Event::id_paths(name).join(" or ");
    let time = P::OCCURRED_AT.and_then(|place| place.as_json()).unwrap_or_default();
    match delivery.delivery_id() {
        None => "none, because a test is never a duplicate".to_owned(),
        Some(id) if id.to_string().starts_with("sha256:") => "the SHA-256 digest of the body".to_owned(),
        Some(id) if id.time().is_some() => format!("its name, {ids} and {time}"),
        Some(_) => format!("its name and {ids}"),
    }
}

fn not_protected<P: Documented>() -> Vec<String> {
    let mut lines = Vec::new();
    if !P::SCHEME.covers_body() {
        lines.push("the body: anyone who learns the URL can forge deliveries, and changes are not noticed".to_owned());
    }
    let uncovered = |place: &Place| !P::SCHEME.covers(*place);
    if let Some(place) = P::EVENT_COPY.filter(uncovered) {
        lines.push(format!("{}: the event is what the body says", plain(place)));
    }
    if let Some(place) = P::SENT_AT.filter(uncovered) {
        lines.push(format!("{}: an attacker can change this time", plain(place)));
    }
    lines.push("the time of delivery: a recorded delivery can be sent again, so handle each one once".to_owned());
    if let Some(place) = P::OCCURRED_AT.filter(|place| P::SCHEME.covers(*place)) {
        let path = place.as_json().unwrap_or_default();
        lines.push(format!("but {path}, the time of the event, is signed: a maximum age can be set"));
    }
    lines
}
