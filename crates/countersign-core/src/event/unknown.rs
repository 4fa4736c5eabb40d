//! Events that were not documented when this version was released.

use super::{RawJson, envelope};

/// A verified event whose name is not documented: its name, and its JSON as received.
///
/// Answer it with a 2xx even if you do not handle it. Otherwise, when the provider adds an event,
/// it counts your endpoint as failing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownEvent {
    name: Box<str>,
    resource_id: Option<Box<str>>,
    json: RawJson,
}

impl UnknownEvent {
    /// Reads the body `text`. `ids` are the paths at which the provider's events carry the ID of
    /// their resource.
    pub(super) fn read(name: &str, text: &str, ids: &[&'static str]) -> Result<Self, serde_json::Error> {
        let resource_id = envelope::id(text.as_bytes(), ids)?;
        Ok(Self::from_parts(name, resource_id.as_deref(), serde_json::from_str(text)?))
    }

    pub(super) fn from_parts(name: &str, resource_id: Option<&str>, json: RawJson) -> Self {
        Self { name: name.into(), resource_id: resource_id.map(Into::into), json }
    }

    /// Returns the event's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the ID of the resource, if the body has it where the provider's documented events
    /// do.
    pub fn resource_id(&self) -> Option<&str> {
        self.resource_id.as_deref()
    }

    /// Returns the whole body, including `event`.
    pub fn json(&self) -> &RawJson {
        &self.json
    }
}
