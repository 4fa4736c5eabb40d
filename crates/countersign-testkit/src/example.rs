//! Payloads that are made up.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use countersign_core::provider::{Page, Place, Unit};

use crate::{
    form,
    places::{self, Value},
};

/// The event of a made-up payload, if the kit knows none of the provider's.
pub(crate) const EVENT: &str = "countersign.example";

/// Makes a payload of nothing but the page's own places.
pub(crate) fn example(page: &Page) -> Bytes {
    let event = page.event_names.first().copied().unwrap_or(EVENT);
    let (id, now) = (fresh_id(), Unit::Rfc3339.write(SystemTime::now()));
    let resource = (page.id_paths)(event).first().map(|path| Place::json(path));
    let values = [
        (page.event, event),
        (page.id.or(page.scheme.first().signed_id()), &id),
        (page.resource.first().copied().or(resource), &id),
        (page.occurred_at, &now),
    ];
    let takes_form = page.scheme.takes_form();
    let marker = match page.scheme.json_field() {
        Some(field) => Place::json_in_form(field, "countersign"),
        None if takes_form => Place::form("countersign"),
        None => Place::json("countersign"),
    };
    let values = values.into_iter().filter_map(|(place, value)| Some((place?, value)));
    // What is signed and nothing else.
    let fields = page.scheme.signed_fields().map(|place| (place, id.as_str()));
    let empty = Bytes::from_static(if takes_form { form::empty(page.scheme) } else { b"{}" });
    [(marker, "example")].into_iter().chain(fields).chain(values).fold(empty, |body, (place, value)| {
        // A place of the other kind of body is left out.
        places::put(&body, &place, Value::Text(value)).unwrap_or(body)
    })
}

/// Makes an ID that no other delivery has.
pub(crate) fn fresh_id() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(1);

    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    format!("countersign-{nanos:x}-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}
