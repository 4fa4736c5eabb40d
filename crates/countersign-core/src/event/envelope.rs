//! The envelope of a delivery: the event's name, its IDs and its time, read in one pass.

use std::{borrow::Cow, fmt};

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::{
    decode::{NAME, Text},
    identity::Identity,
};

/// How many bytes of an unverified body are read. It bounds the time that a forged body can cost,
/// and the stack of brackets.
pub(crate) const LIMIT: usize = 16 * 1024;

/// The maximum length, in bytes, of an ID by which a secret is looked up.
const MAX_ID: usize = 256;

/// The maximum number of paths read in one pass: the name and the IDs of a page. More paths take
/// another pass.
const MAX_PATHS: usize = 8;

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

    /// Returns the ID of the event's resource, if it has one: a string that is not empty.
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
    /// no ID.
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

/// Returns the paths at which events of a name carry the ID of their resource.
pub(crate) type IdPaths = fn(&str) -> &'static [&'static str];

/// Reads the ID in the start of an unverified body, borrowed unless it has escapes: the first
/// usable one of the paths that belong to its event.
///
/// The first field of a name counts. Whether the event agrees is known once the body is verified
/// and decoded.
pub(crate) fn unverified_id<'a>(body: &'a [u8], paths: IdPaths) -> Option<Cow<'a, str>> {
    let start = body.get(..LIMIT).unwrap_or(body);
    // All paths of the page, whatever the event: its name may come last.
    let all = paths("");
    let mut texts = Texts::at([NAME].into_iter().chain(all.iter().copied()));
    // It returns an error if the start is not the whole body. What was read before counts.
    let _ = texts.read(start, Repeated::First);
    let paths = paths(&texts.take(NAME).unwrap_or_default());
    let found = if paths.iter().all(|path| texts.paths.contains(path)) {
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
pub(crate) fn is_about(body: &[u8], paths: IdPaths, id: Option<&str>) -> bool {
    let Some(id) = id else { return !has_id(body, paths("")) };
    let found = text(body, NAME).and_then(|event| self::id(body, paths(&event.unwrap_or_default())));
    found.is_ok_and(|found| found.as_deref() == Some(id))
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

/// What to do with a repeated field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Repeated {
    /// The first one counts.
    First,
    /// It is an error: two readers could see two deliveries.
    Error,
}

/// Texts at paths such as `data.id`.
struct Texts<'de> {
    paths: [&'static str; MAX_PATHS],
    count: usize,
    found: [Option<Cow<'de, str>>; MAX_PATHS],
}

impl<'de> Texts<'de> {
    /// Paths that do not fit are left for another pass.
    fn at(paths: impl IntoIterator<Item = &'static str>) -> Self {
        let (mut all, mut count) = ([""; MAX_PATHS], 0_usize);
        for (slot, path) in all.iter_mut().zip(paths) {
            *slot = path;
            count = count.saturating_add(1);
        }
        Self { paths: all, count, found: Default::default() }
    }

    /// A path may be listed twice: an ID can be at the path of the event's name.
    fn take(&mut self, path: &str) -> Option<Cow<'de, str>> {
        self.paths.iter().zip(&mut self.found).filter(|(known, _)| **known == path).find_map(|(_, found)| found.take())
    }

    /// The first usable ID.
    fn take_id(&mut self, paths: &[&str]) -> Option<Cow<'de, str>> {
        paths.iter().find_map(|path| self.take(path).filter(|id| !id.is_empty()))
    }

    fn read(&mut self, json: &'de [u8], repeated: Repeated) -> Result<(), serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_slice(json);
        let rests = self.paths.map(|path| (!path.is_empty()).then_some(path));
        At { texts: self, rests, repeated }.deserialize(&mut deserializer)?;
        deserializer.end()
    }
}

/// The rest of each path at this value; `None` if the path does not lead here, and empty if it ends
/// here.
type Rests = [Option<&'static str>; MAX_PATHS];

/// A value to which some of the paths lead.
struct At<'t, 'de> {
    texts: &'t mut Texts<'de>,
    rests: Rests,
    repeated: Repeated,
}

impl<'de> At<'_, 'de> {
    /// The value is a text: what is looked for at the paths that end here.
    fn found(self, text: Cow<'de, str>) {
        for (found, rest) in self.texts.found.iter_mut().zip(self.rests) {
            if rest == Some("") {
                *found = Some(text.clone());
            }
        }
    }
}

impl<'de> DeserializeSeed<'de> for At<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for At<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<(), E> {
        self.found(Cow::Borrowed(text));
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.found(Cow::Owned(text.to_owned()));
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let count = self.texts.count;
        let names = self.rests.map(|rest| rest.filter(|rest| !rest.is_empty()).map(split));
        let mut seen = [false; MAX_PATHS];
        while let Some(Text(key)) = fields.next_key()? {
            let mut rests = Rests::default();
            let (mut is_on_the_way, mut is_repeated) = (false, false);
            for ((name, rest), is_seen) in names.iter().zip(&mut rests).zip(&mut seen).take(count) {
                if let Some((_, behind)) = name.filter(|(name, _)| *name == key) {
                    *rest = Some(behind);
                    is_on_the_way = true;
                    is_repeated |= std::mem::replace(is_seen, true);
                }
            }
            if is_repeated && self.repeated == Repeated::Error {
                return Err(A::Error::custom(format_args!("duplicate field `{key}`")));
            }
            if is_on_the_way && !is_repeated {
                fields.next_value_seed(At { texts: &mut *self.texts, rests, repeated: self.repeated })?;
            } else {
                fields.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// Splits a path into its first name and the rest.
fn split(path: &'static str) -> (&'static str, &'static str) {
    path.split_once('.').unwrap_or((path, ""))
}

#[cfg(test)]
#[path = "envelope_tests.rs"]
mod tests;
