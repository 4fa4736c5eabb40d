//! Events that were not documented when this version was released.

use super::{RawJson, envelope, id::is_usable};

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
        Ok(Self::new(name, resource_id.as_deref(), serde_json::from_str(text)?))
    }

    /// Creates the event `name` with the whole body `json`, for your own implementation of
    /// [`ProviderEvent`](crate::ProviderEvent). `events!` makes it for you.
    ///
    /// ```
    /// use countersign_core::UnknownEvent;
    ///
    /// let body = br#"{"kind": ["order", "paid"], "id": 7}"#;
    /// let event = UnknownEvent::new("order.paid", Some("7"), serde_json::from_slice(body)?);
    /// assert_eq!((event.name(), event.resource_id()), ("order.paid", Some("7")));
    /// assert_eq!(event.json().get().as_bytes(), body);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn new(name: &str, resource_id: Option<&str>, json: RawJson) -> Self {
        let resource_id = resource_id.filter(|id| is_usable(id)).map(Into::into);
        Self { name: name.into(), resource_id, json }
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

    /// Returns the whole body, including the name.
    pub fn json(&self) -> &RawJson {
        &self.json
    }
}
