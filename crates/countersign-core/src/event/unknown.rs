//! Events that were not documented when this was written.

use std::{borrow::Cow, fmt};

use serde::{
    Deserializer as _,
    de::{Error as _, IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::RawJson;

/// A genuine event whose name is not a documented one: its name, and its JSON as it came.
///
/// Answer it with success unless you expect it: a provider that adds an event must not take your endpoint for broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownEvent {
    name: Box<str>,
    resource_id: Option<Box<str>>,
    json: RawJson,
}

impl UnknownEvent {
    /// `ids` are the paths where the provider's events carry the id of their resource.
    pub(super) fn new(name: &str, text: &str, ids: &[&str]) -> Result<Self, serde_json::Error> {
        let json = RawJson::of_parsed::<serde_json::Error>(text)?;
        let mut resource_id = None;
        for path in ids {
            // Every path is looked up, so that a repeated field is an error wherever the id is found.
            let found = string_at(json.get(), path)?.filter(|id| !id.is_empty());
            resource_id = resource_id.or(found);
        }
        Ok(Self { name: name.into(), resource_id: resource_id.map(Into::into), json })
    }

    /// The event's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id of the resource, where the provider's documented events carry it.
    pub fn resource_id(&self) -> Option<&str> {
        self.resource_id.as_deref()
    }

    /// The whole body, `event` included.
    pub fn json(&self) -> &RawJson {
        &self.json
    }
}

/// The string at a path such as `data.id`; `None` if something else is there, or nothing.
fn string_at(json: &str, path: &str) -> Result<Option<String>, serde_json::Error> {
    let (field, rest) = path.split_once('.').map_or((path, None), |(field, rest)| (field, Some(rest)));
    if !json.starts_with('{') {
        return Ok(None);
    }
    match (serde_json::Deserializer::from_str(json).deserialize_map(Field(field))?, rest) {
        (Some(value), Some(rest)) => string_at(value.get(), rest),
        (Some(value), None) if value.get().starts_with('"') => serde_json::from_str(value.get()).map(Some),
        (_, _) => Ok(None),
    }
}

/// Takes one field out of an object, and no field twice.
struct Field<'a>(&'a str);

impl<'de> Visitor<'de> for Field<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(key) = map.next_key::<Cow<'_, str>>()? {
            if key != self.0 {
                map.next_value::<IgnoredAny>()?;
            } else if found.replace(map.next_value()?).is_some() {
                return Err(A::Error::custom(format_args!("duplicate field `{}`", self.0)));
            }
        }
        Ok(found)
    }
}
