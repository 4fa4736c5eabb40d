//! A provider's page: its data, in words.

use countersign_core::{
    Secret, Secrets,
    provider::{Identity, Page, Place, Scheme, Scope},
};
use countersign_testkit::payloads;
use serde::{Serialize, Serializer};

use crate::{
    capture::Captured,
    catalog::Entry,
    verification::{EventSummary, Terms},
    words::{self, plain},
};

/// A provider, in words.
#[derive(Serialize)]
pub(crate) struct PageInWords {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) group: &'static str,
    pub(crate) docs: &'static str,
    pub(crate) proof: String,
    pub(crate) signed_bytes: String,
    /// The trust in deliveries that verify.
    #[serde(serialize_with = "code")]
    pub(crate) trust: (&'static str, &'static str),
    pub(crate) secret: String,
    /// Whether `--url` is needed.
    pub(crate) signs_url: bool,
    pub(crate) time: Option<String>,
    pub(crate) tolerance_seconds: Option<u64>,
    /// How long it waits for an answer.
    pub(crate) deadline: String,
    pub(crate) deadline_seconds: Option<u64>,
    pub(crate) handshakes: Vec<String>,
    pub(crate) retries: String,
    pub(crate) retry_delays_seconds: Vec<u64>,
    pub(crate) attempts: Option<u8>,
    /// Where the event's name is.
    pub(crate) event: Option<Named>,
    /// Where the ID of the delivery is.
    pub(crate) id: Option<Named>,
    /// What identifies a delivery for deduplication.
    pub(crate) delivery_id: String,
    /// The typed events.
    pub(crate) events: Vec<EventRow>,
    pub(crate) not_protected: Vec<String>,
    /// The features of the library that it needs.
    pub(crate) features: &'static [&'static str],
    /// The page in Rust, of one's own provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rust: Option<String>,
}

/// A place in a delivery, and whether the proof covers it.
#[derive(Serialize)]
pub(crate) struct Named {
    pub(crate) place: String,
    pub(crate) covered: bool,
}

#[derive(Serialize)]
pub(crate) struct EventRow {
    pub(crate) name: &'static str,
    /// What equal deliveries have in common.
    pub(crate) delivery_id: String,
}

impl PageInWords {
    pub(crate) fn of(entry: &Entry) -> Self {
        let page = entry.page;
        let (scheme, retries) = (page.scheme, page.retries);
        let named = |place: Place| Named { place: plain(place), covered: scheme.covers(place) };
        let is_typed = !page.event_names.is_empty();
        // The other pages leave out what is not certain.
        let stated =
            |text: String| if text == "not documented" && !is_typed { "not stated here".to_owned() } else { text };
        Self {
            name: page.name,
            title: page.title,
            group: entry.group,
            docs: page.docs,
            proof: plain(scheme),
            signed_bytes: signed_bytes(scheme),
            trust: trust(scheme),
            secret: secret(entry),
            signs_url: scheme.signs_url(),
            time: scheme.signed_time().map(|(place, _)| plain(place)),
            tolerance_seconds: scheme.tolerance().map(|tolerance| tolerance.as_secs()),
            deadline: stated(words::deadline(&retries)),
            deadline_seconds: retries.deadline.map(|deadline| deadline.as_secs()),
            handshakes: page.handshakes.iter().map(plain).collect(),
            retries: stated(retries.to_string()),
            retry_delays_seconds: retries.delays.iter().map(|delay| delay.as_secs()).collect(),
            attempts: retries.attempts,
            event: page.event.map(named),
            id: page.id.map(named),
            delivery_id: delivery_id(page),
            events: events(entry),
            not_protected: not_protected(page),
            features: entry.features,
            rust: None,
        }
    }
}

fn signed_bytes(scheme: &Scheme) -> String {
    let text = scheme.signed_text().to_string();
    let place = || scheme.places().next().map(plain).unwrap_or_default();
    match text.as_str() {
        "the body" => "the raw body, every byte as received".to_owned(),
        "nothing" if scheme.places().any(|place| place.as_query().is_some()) => {
            "none: the token in the URL is the only proof".to_owned()
        }
        "nothing" => format!("none: the secret in {} is the only proof", place()),
        _ => plain(text),
    }
}

/// Its code, and what it means.
fn trust(scheme: &Scheme) -> (&'static str, &'static str) {
    match (scheme.covers_body(), scheme.is_credential()) {
        (true, _) => ("signed", "signed"),
        (false, true) => ("token_only", "token only: nothing is signed"),
        (false, false) => ("unbound", "unbound: the signature does not protect the whole body"),
    }
}

fn code<S: Serializer>(trust: &(&'static str, &'static str), serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(trust.0)
}

/// What the provider calls it, and what it looks like.
fn secret(entry: &Entry) -> String {
    let scheme = entry.page.scheme;
    let form = match scheme.key() {
        Some(key) => plain(key),
        None if *scheme == Scheme::basic() => "a name and a password with : between them".to_owned(),
        None => "any text".to_owned(),
    };
    let scope = if entry.page.secrets == Scope::Resource { ", another one for each resource" } else { "" };
    format!("{}: {form}{scope}", entry.secret.replace('_', " "))
}

/// What identifies a delivery. For typed events, see their rows.
fn delivery_id(page: &Page) -> String {
    let scheme = page.scheme;
    let identifies = |place: &Place| scheme.identifies(*place);
    let name = if page.event.as_ref().is_some_and(identifies) { "its name and " } else { "" };
    match page.id.filter(identifies).or_else(|| scheme.signed_id()) {
        Some(place) => format!("{name}{}", plain(place)),
        None if page.identity() == Identity::None => "none: equal deliveries are not duplicates".to_owned(),
        None if page.identity() == Identity::SignedFields => "the SHA-256 digest of the signed fields".to_owned(),
        None if !page.event_names.is_empty() => "see its events".to_owned(),
        // Each scheme of a list signs its own.
        None if scheme.signed_text().to_string().contains("{id}") => format!("{name}the ID that is signed"),
        None if scheme.signed_text().to_string().contains("{sorted form}") => {
            "the SHA-256 digest of the sorted form, or of a body that is not a form".to_owned()
        }
        None => "the SHA-256 digest of the body".to_owned(),
    }
}

fn events(entry: &Entry) -> Vec<EventRow> {
    let payloads = payloads(entry.page).iter().filter(|(name, _)| entry.page.event_names.contains(name));
    payloads.map(|(name, body)| EventRow { name, delivery_id: delivery_id_of(entry, name, body) }).collect()
}

/// What equal deliveries of an event have in common, as its documented payload shows.
fn delivery_id_of(entry: &Entry, name: &str, body: &'static str) -> String {
    let Some(event) = read(entry, body) else { return String::new() };
    let ids = (entry.page.id_paths)(name).join(" or ");
    let time = entry.page.occurred_at.and_then(|place| place.as_json()).unwrap_or_default();
    match event.delivery_id {
        None => "none, because a test is never a duplicate".to_owned(),
        Some(id) if id.to_string().starts_with("sha256:") => "the SHA-256 digest of the body".to_owned(),
        Some(id) if id.time().is_some() => format!("its name, {ids} and {time}"),
        Some(_) => format!("its name and {ids}"),
    }
}

/// Reads a payload as a delivery.
fn read(entry: &Entry, body: &'static str) -> Option<EventSummary> {
    const SECRET: &[u8] = b"any secret";
    let proof = entry.page.scheme.sign(SECRET, body).ok()?;
    let secrets = Secrets::from(Secret::new(SECRET).ok()?);
    let terms = Terms { secrets, url: None, at: None, any_time: false, dedupe: None };
    let verified = entry.verify(&terms, &Captured::of_proof(&proof, body.into()));
    verified.ok()?.ok()?.event.ok()
}

fn not_protected(page: &Page) -> Vec<String> {
    let scheme = page.scheme;
    let mut lines = Vec::new();
    if scheme.is_credential() {
        let what = if scheme.places().any(|place| place.as_query().is_some()) { "URL" } else { "secret" };
        lines.push(format!("the body: anyone who learns the {what} can forge deliveries, and changes are not noticed"));
    } else if !scheme.covers_body() {
        let attack = if scheme.covers(Place::json("any")) {
            "the end of the body: an attacker who recorded a delivery can append bytes to it"
        } else if scheme.signed_fields().any(|place| place.is_in_body() && page.id != Some(place)) {
            "other fields: an attacker who recorded a delivery can change what is not signed"
        } else {
            "the body: an attacker who recorded a delivery can put its signature into any other body"
        };
        lines.push(attack.to_owned());
    }
    let uncovered = |place: &Place| !scheme.covers(*place);
    let in_head = |place: &Place| uncovered(place) && !place.is_in_body();
    if let Some(place) = page.event_copy.filter(uncovered) {
        lines.push(format!("{}: the event is what the body says", plain(place)));
    }
    if let Some(place) = page.event.filter(in_head) {
        lines.push(format!("{}: an attacker can change the event's name", plain(place)));
    }
    if let Some(place) = page.id.filter(in_head) {
        lines.push(format!("{}: an attacker can change this ID", plain(place)));
    }
    if let Some(place) = page.sent_at.filter(uncovered) {
        lines.push(format!("{}: an attacker can change this time", plain(place)));
    }
    let gap = match scheme.tolerance() {
        Some(tolerance) => format!("replays within {}", words::span(tolerance)),
        None => "the time of delivery".to_owned(),
    };
    // Deduplication does not help where equal deliveries are not duplicates.
    let remedy = if page.identity() == Identity::None { "" } else { ", so handle each one once" };
    lines.push(format!("{gap}: a recorded delivery can be sent again{remedy}"));
    if let Some(place) = page.occurred_at.filter(|place| scheme.covers(*place)) {
        let path = place.as_json().unwrap_or_default();
        lines.push(format!("but {path}, the time of the event, is signed: a maximum age can be set"));
    }
    lines
}
