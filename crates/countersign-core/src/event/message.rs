//! A verified delivery, as an event is read from it.

use std::fmt;

use bytes::Bytes;

/// A verified delivery, as an [`Event`](super::Event) is read from it: its body, and the texts at
/// the places that the provider's page names.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    provider: &'static str,
    body: &'a Bytes,
    texts: &'a dyn EnvelopeTexts,
}

/// The texts at the places of a page. They are read when they are asked for, in one pass.
pub(crate) trait EnvelopeTexts {
    fn envelope(&self) -> MessageEnvelope;
}

/// The texts at the places that the provider's page names. More may be added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MessageEnvelope {
    /// The text at [`Provider::EVENT`](crate::provider::Provider::EVENT).
    pub event: Option<String>,
    /// The text at [`Provider::ID`](crate::provider::Provider::ID).
    pub id: Option<String>,
    /// The first text at one of the places in
    /// [`Provider::RESOURCE`](crate::provider::Provider::RESOURCE).
    pub resource_id: Option<String>,
}

impl<'a> Message<'a> {
    pub(crate) fn new(provider: &'static str, body: &'a Bytes, texts: &'a dyn EnvelopeTexts) -> Self {
        Self { provider, body, texts }
    }

    /// The short name of the provider.
    pub(crate) fn provider(&self) -> &'static str {
        self.provider
    }

    /// Returns the body, byte for byte as received.
    pub fn body(&self) -> &'a Bytes {
        self.body
    }

    /// Reads the event's name and the IDs at the places that the page names: those in the body in
    /// one pass over it. Call it once.
    pub fn envelope(&self) -> MessageEnvelope {
        self.texts.envelope()
    }
}

/// `Debug` shows the length of the body.
impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message([{} bytes])", self.body.len())
    }
}
