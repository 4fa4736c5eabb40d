//! How deliveries of an inbox are shown.

use std::{
    borrow::Cow,
    time::{Duration, UNIX_EPOCH},
};

use bytes::Bytes;
use countersign_core::provider::Unit;
use countersign_inbox::store::{Row, State};
use serde::Serialize;

use crate::{
    inbox_keys::SealState,
    output::{printable, shortened},
};

/// A delivery, as JSON.
#[derive(Serialize)]
pub(super) struct Shown<'a> {
    id: i64,
    state: &'static str,
    provider: &'a str,
    tenant: Option<&'a str>,
    event: &'a str,
    resource: Option<&'a str>,
    key: String,
    received_at: String,
    due_at: Option<String>,
    settled_at: Option<String>,
    attempts: u32,
    duplicates: u32,
    deaths: u32,
    bytes: Option<u64>,
    errors: Vec<ShownError<'a>>,
    /// `right`, or what is wrong with it; `None` if it was not checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    seal: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Cow<'a, str>>,
}

#[derive(Serialize)]
struct ShownError<'a> {
    attempt: u32,
    at: String,
    why: &'a str,
}

pub(super) fn shown<'a>(row: &'a Row, seal: &'a SealState, body: Option<&'a Bytes>) -> Shown<'a> {
    let columns = row.sealed.columns();
    let resource = match seal {
        SealState::Right(contents) => contents.resource.as_deref(),
        _ => columns.resource.as_deref(),
    };
    Shown {
        id: row.id.0,
        state: row.state.name(),
        provider: &columns.provider,
        tenant: columns.tenant.as_deref(),
        event: &columns.event,
        resource,
        key: columns.key.to_string(),
        received_at: time(columns.received_at),
        due_at: (row.state == State::Ready).then(|| time(row.due)),
        settled_at: row.settled.map(time),
        attempts: row.attempts,
        duplicates: row.duplicates,
        deaths: row.deaths,
        bytes: row.bytes,
        errors: row
            .errors
            .iter()
            .map(|error| ShownError { attempt: error.attempt, at: time(error.at), why: &error.why })
            .collect(),
        seal: seal.text(),
        body: body.map(|body| String::from_utf8_lossy(body)),
    }
}

/// A delivery, for people.
pub(super) fn lines(row: &Row, seal: &SealState) -> Vec<String> {
    let shown = shown(row, seal, None);
    let bytes = shown.bytes.map_or_else(|| "purged".to_owned(), |bytes| format!("{bytes} bytes"));
    let encrypted = if row.sealed.is_encrypted() { ", encrypted" } else { "" };
    let fields = [
        ("state", Some(shown.state.to_owned())),
        ("key", Some(shown.key)),
        ("seal", shown.seal.map(str::to_owned)),
        ("tenant", shown.tenant.map(shortened)),
        ("resource ID", shown.resource.map(shortened)),
        ("received at", Some(shown.received_at)),
        ("due at", shown.due_at),
        ("settled at", shown.settled_at),
        ("attempts", Some(shown.attempts.to_string())),
        ("duplicates", Some(shown.duplicates.to_string())),
        ("deaths", (shown.deaths > 0).then(|| shown.deaths.to_string())),
        ("body", Some(format!("{bytes}{encrypted}"))),
    ];
    let title = format!("{} of {}", shortened(shown.event), printable(shown.provider));
    let fields = fields.into_iter().filter_map(|(name, value)| Some(format!("  {name:<11}  {}", value?)));
    let errors = row
        .errors
        .iter()
        .map(|error| format!("  attempt {} at {}: {}", error.attempt, time(error.at), printable(&error.why)));
    std::iter::once(title).chain(fields).chain(errors).collect()
}

/// RFC 3339, in whole seconds.
pub(super) fn time(milliseconds: i64) -> String {
    let since = Duration::from_secs(milliseconds.max(0).unsigned_abs().div_euclid(1000));
    Unit::Rfc3339.write(UNIX_EPOCH.checked_add(since).unwrap_or(UNIX_EPOCH))
}
