//! Warns of deliveries that are both claimed by a layer and stored by an inbox.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// What a service does with the deliveries of a provider.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// A layer claims them.
    Layer,
    /// An inbox stores them.
    Inbox,
}

/// Remembers it, and warns once if both are done for one provider.
pub(crate) fn note(provider: &'static str, by: By) {
    static SEEN: Mutex<Option<HashMap<&'static str, Vec<By>>>> = Mutex::new(None);

    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    let of_provider = seen.get_or_insert_default().entry(provider).or_default();
    if of_provider.contains(&by) {
        return;
    }
    of_provider.push(by);
    let is_twice = of_provider.len() > 1;
    // A subscriber may do anything.
    drop(seen);
    if is_twice {
        tracing::warn!(
            target: "countersign", provider,
            "deliveries of this provider are claimed by a layer with `with_dedupe` and stored by an inbox: if both are on \
             one route, remove `with_dedupe`, because the inbox deduplicates"
        );
    }
}
