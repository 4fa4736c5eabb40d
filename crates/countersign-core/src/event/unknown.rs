//! Events that were not documented when this was written.

use super::{RawJson, envelope};

/// A genuine event whose name is not a documented one: its name, and its JSON as it came.
///
/// Answer it with success unless you expect it: a provider that adds an event must not take your
/// endpoint for broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownEvent {
    name: Box<str>,
    resource_id: Option<Box<str>>,
    json: RawJson,
}

impl UnknownEvent {
    /// `ids` are the paths where the provider's events carry the ID of their resource.
    pub(super) fn new(name: &str, text: &str, ids: &[&'static str]) -> Result<Self, serde_json::Error> {
        let resource_id = envelope::id(text.as_bytes(), ids)?;
        let json = serde_json::from_str(text)?;
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
