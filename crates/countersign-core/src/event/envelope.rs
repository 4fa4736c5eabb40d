//! The envelope of a delivery: the event's name, its IDs and its time, read in one pass.

use std::{borrow::Cow, fmt};

use super::{
    ProviderEvent,
    identity::Identity,
    paths::{MAX_PATHS, Repeated, Texts},
};

/// How many bytes of an unverified body are read. It bounds the time that a forged body can cost,
/// and the stack of brackets.
pub(crate) const LIMIT: usize = 16 * 1024;

/// The maximum length, in bytes, of an ID by which a secret is looked up.
const MAX_ID: usize = 256;

/// The envelope of a delivery: the event's name and ID. It is the input of
/// [`Provider::identity`](crate::provider::Provider::identity).
#[derive(Clone, Copy)]
pub struct Envelope<'a> {
    event: &'a str,
    resource_id: Option<&'a str>,
    is_documented: bool,
}

impl<'a> Envelope<'a> {
    pub(crate) fn new(event: &'a str, resource_id: Option<&'a str>, is_documented: bool) -> Self {
        Self { event, resource_id, is_documented }
    }

    /// Returns the event's name.
    pub fn event(&self) -> &'a str {
        self.event
    }

    /// Returns the ID of the event's resource, if it has a usable one.
    pub fn resource_id(&self) -> Option<&'a str> {
        self.resource_id
    }

    /// Returns whether the event was documented when this version was released.
    pub fn is_documented(&self) -> bool {
        self.is_documented
    }

    /// Returns the resource's ID as the identity, or the body if there is no ID. Use it if the
    /// provider's page says to deduplicate on this ID.
    pub fn by_resource_id(&self) -> Identity<'a> {
        self.resource_id.map_or(Identity::Body, Identity::Id)
    }

    /// Returns the resource's ID and the time of the event as the identity, or the body if there is
    /// no ID, or no [`OCCURRED_AT`](crate::provider::Provider::OCCURRED_AT).
    pub fn by_occurrence(&self) -> Identity<'a> {
        self.resource_id.map_or(Identity::Body, Identity::Occurrence)
    }
}

/// `Debug` does not show IDs: they belong to the body.
impl fmt::Debug for Envelope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelope").field("is_documented", &self.is_documented).finish_non_exhaustive()
    }
}

/// The paths of a provider's events.
#[derive(Clone, Copy)]
pub(crate) struct Paths {
    /// The path of the name.
    name: &'static str,
    /// Returns the paths at which events of a name carry the ID of their resource.
    ids: fn(&str) -> &'static [&'static str],
}

impl Paths {
    pub(crate) fn of<E: ProviderEvent>() -> Self {
        Self { name: E::NAME_PATH, ids: E::id_paths }
    }
}

/// Reads the ID in the start of an unverified body, borrowed unless it has escapes: the first
/// usable one of the paths that belong to its event.
///
/// The first field of a name counts. Whether the event agrees is known once the body is verified
/// and decoded.
pub(crate) fn unverified_id<'a>(body: &'a [u8], paths: Paths) -> Option<Cow<'a, str>> {
    let start = body.get(..LIMIT).unwrap_or(body);
    // All paths of the page, whatever the event: its name may come last.
    let all = (paths.ids)("");
    let mut texts = Texts::at([paths.name].into_iter().chain(all.iter().copied()));
    // It returns an error if the start is not the whole body. What was read before counts.
    let _ = texts.read(start, Repeated::First);
    let paths = (paths.ids)(&texts.take(paths.name).unwrap_or_default());
    let found = if paths.iter().all(|path| texts.looks_at(path)) {
        texts.take_id(paths)
    } else {
        // A page with many IDs, or with one that only this event has.
        paths.chunks(MAX_PATHS).find_map(|paths| {
            texts = Texts::at(paths.iter().copied());
            let _ = texts.read(start, Repeated::First);
            texts.take_id(paths)
        })
    };
    found.filter(|id| id.len() <= MAX_ID)
}

/// Returns whether a verified body that cannot be read as an event is about the resource `id` and
/// no other, or about none if there is no `id`.
pub(crate) fn is_about(body: &[u8], paths: Paths, id: Option<&str>) -> bool {
    let Some(id) = id else { return !has_id(body, (paths.ids)("")) };
    // With two names, it is about the ID at any path of the page.
    let event = text(body, paths.name).ok().flatten().unwrap_or_default();
    self::id(body, (paths.ids)(&event)).is_ok_and(|found| found.as_deref() == Some(id))
}

/// Returns whether there is an ID at one of `paths`, or a field twice on the way to one. What
/// comes after the end of the JSON is not looked at.
fn has_id(body: &[u8], paths: &[&'static str]) -> bool {
    paths.chunks(MAX_PATHS).any(|paths| {
        let mut texts = Texts::at(paths.iter().copied());
        texts.read(body, Repeated::Error).is_err_and(|error| error.is_data()) || texts.take_id(paths).is_some()
    })
}

/// Reads the text at `path` in a verified body.
pub(crate) fn text<'a>(body: &'a [u8], path: &'static str) -> Result<Option<Cow<'a, str>>, serde_json::Error> {
    let mut texts = Texts::at([path]);
    texts.read(body, Repeated::Error)?;
    Ok(texts.take(path))
}

/// Reads the first usable ID at one of `paths` in a verified body.
pub(super) fn id<'a>(body: &'a [u8], paths: &[&'static str]) -> Result<Option<Cow<'a, str>>, serde_json::Error> {
    let mut found = None;
    // Every path is read, so that a repeated field is an error wherever the ID is found.
    for paths in paths.chunks(MAX_PATHS) {
        let mut texts = Texts::at(paths.iter().copied());
        texts.read(body, Repeated::Error)?;
        found = found.or_else(|| texts.take_id(paths));
    }
    Ok(found)
}

#[cfg(test)]
#[path = "envelope_tests.rs"]
mod tests;
