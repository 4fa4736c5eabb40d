//! A provider's page: what its consts say, in words.

use countersign_core::{Event, Identity, Scheme};
use countersign_testkit::Documented;
use serde::Serialize;

use crate::words;

/// What there is to know of a provider.
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
            // Markdown's marks are not for terminals.
            proof: P::SCHEME.to_string().replace('`', ""),
            signed_bytes: match P::SCHEME {
                Scheme::UrlToken { .. } => "none: the token in the URL is all the proof there is",
                _ => "the raw body, every byte as it came",
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

/// What equal deliveries of an event have in common, as its documented payload shows.
fn delivery_id<P: Documented>(name: &str, body: &str) -> String {
    let Ok(event) = P::Event::decode(body.as_bytes()) else { return String::new() };
    match P::identity(&event) {
        Identity::Id(_) => format!("its name and {}", P::Event::id_paths(name).join(" or ")),
        Identity::Test => "none, for a test is never a duplicate".to_owned(),
        _ => "the SHA-256 digest of the body".to_owned(),
    }
}

fn not_protected<P: Documented>() -> Vec<String> {
    let mut lines = Vec::new();
    if let Scheme::UrlToken { .. } = P::SCHEME {
        lines
            .push("the body: whoever learns the URL can forge deliveries, and a changed one is not noticed".to_owned());
    }
    if let Some(header) = P::UNVERIFIED_EVENT_HEADER {
        lines.push(format!("the header {header}: the event is what the body says"));
    }
    if let Some(header) = P::UNVERIFIED_TIMESTAMP_HEADER {
        lines.push(format!("the header {header}: anybody can change the time that it says"));
    }
    lines.push("the time of delivery: what was recorded can be sent again, so remember what was handled".to_owned());
    if let Some(path) = P::SIGNED_TIME {
        lines.push(format!("but {path}, the time of the event, is signed: a maximum age can be demanded"));
    }
    lines
}
