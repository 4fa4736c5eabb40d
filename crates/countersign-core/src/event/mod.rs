//! Typed events, and types for what the providers do not document.

mod any;
mod decode;
pub(crate) mod envelope;
mod enveloped;
pub mod field;
mod identity;
mod macros;
mod message;
mod raw;
mod time;
mod unknown;

use std::fmt::Debug;

use serde::{Serialize, de::DeserializeOwned};

pub use any::AnyEvent;
pub use envelope::Envelope;
pub(crate) use enveloped::enveloped;
pub use identity::Identity;
pub(crate) use message::EnvelopeTexts;
pub use message::{Message, MessageEnvelope};
pub use raw::{PartlyDocumented, RawJson};
pub(crate) use time::lenient as lenient_time;
pub use time::{LocalDateTime, Rfc3339};
pub use unknown::UnknownEvent;

#[doc(hidden)]
pub use decode::{Family, Payload, decode};
#[doc(hidden)]
pub use field::{IdField, id};

use crate::error::DecodeError;

/// The typed events of a provider: usually an enum made with [`events!`](crate::events). It has one
/// variant for each documented event, and `Unknown` for the rest.
///
/// Events are owned values that can be cloned, sent to other threads, and put on queues.
/// `Serialize` writes the provider's JSON and `Deserialize` reads it back. With `serde_json`
/// nothing is lost; for other formats see [`RawJson`].
///
/// In your own types, an event can be a field, or the content of an enum with
/// `#[serde(tag = "...", content = "...")]`. Do not flatten it or use `tag` without `content`:
/// serde cannot write raw JSON there.
pub trait Event: Clone + Debug + Send + Sync + Serialize + DeserializeOwned + 'static {
    /// The names of the documented events, as in the JSON.
    const NAMES: &'static [&'static str];

    /// Returns the paths at which the body of the event `name` carries the ID of its resource; none
    /// if the event has no ID. A path consists of JSON field names separated by `.`. The first path
    /// at which there is a usable ID counts.
    ///
    /// [`resource_id`](Self::resource_id) reads the same paths. A [look-up](crate::SecretLookup) by
    /// ID reads them before the body is verified.
    fn id_paths(name: &str) -> &'static [&'static str];

    /// Decodes a verified body.
    ///
    /// # Errors
    ///
    /// Returns an error if the body is not a JSON object in UTF-8 or has no string `event`. Also
    /// returns an error if a documented field is repeated or has the wrong type. An unknown event
    /// name or a missing field is not an error.
    fn decode(body: &[u8]) -> Result<Self, DecodeError>;

    /// Reads a verified delivery (default: [decodes](Self::decode) its body). Implement it for a type
    /// that needs the event's name or an ID from the head.
    ///
    /// # Errors
    ///
    /// Returns an error if the delivery is not what the provider documents.
    fn from_message(message: &Message<'_>) -> Result<Self, DecodeError> {
        Self::decode(message.body())
    }

    /// Returns the event's name, as in the JSON.
    fn name(&self) -> &str;

    /// Returns the ID of the event's resource, if it has one: a string that is not empty.
    fn resource_id(&self) -> Option<&str>;
}
