//! Typed events, and types for what the providers do not document.

mod any;
mod decode;
pub(crate) mod envelope;
mod enveloped;
pub mod field;
pub(crate) mod id;
mod identity;
mod json;
mod macros;
mod message;
mod name;
mod paths;
mod raw;
pub(crate) mod shape;
mod text;
mod time;
mod tolerant;
mod unknown;

use std::fmt::Debug;

use serde::{Serialize, de::DeserializeOwned};

pub use any::AnyEvent;
pub use envelope::Envelope;
pub(crate) use enveloped::enveloped;
pub use identity::Identity;
pub use json::decode_json;
pub(crate) use message::EnvelopeTexts;
pub use message::{Message, MessageEnvelope};
pub use raw::{PartlyDocumented, RawJson};
pub(crate) use time::instant;
pub use time::{LocalDateTime, Rfc3339};
pub use unknown::UnknownEvent;

#[doc(hidden)]
pub use decode::{Family, Payload, decode};
#[doc(hidden)]
pub use field::{IdField, id_in};

use crate::error::DecodeError;

/// The typed events of a provider: usually an enum made with [`events!`](crate::events). It has one
/// variant for each documented event, and `Unknown` for the rest.
///
/// Events are owned values that can be cloned and sent to other threads.
///
/// `Serialize` writes a typed event in the provider's format, with the fields of its struct.
/// Undocumented fields and `null` are not written, because the struct does not hold them. An event
/// whose payload is not documented, and an unknown event, are written byte for byte. `Deserialize`
/// reads back an equal event. (With `serde_json`; for other formats see [`RawJson`].)
///
/// To store or queue what the provider sent, use [`Delivery::body`](crate::Delivery::body), and read
/// it with [`decode`](Self::decode) later: a later version may document more fields.
///
/// In your own types, an event can be a field, or the content of an enum with
/// `#[serde(tag = "...", content = "...")]`. Do not flatten it or use `tag` without `content`:
/// serde cannot write raw JSON there.
pub trait Event: Clone + Debug + Send + Sync + Serialize + DeserializeOwned + 'static {
    /// The names of the documented events, as in the JSON.
    const NAMES: &'static [&'static str];

    /// The path at which a body carries the event's name (default: `event`). Like the path of an ID,
    /// it consists of JSON field names separated by `.`.
    const NAME_PATH: &'static str = "event";

    /// Returns the paths at which the body of the event `name` carries the ID of its resource; none
    /// if the event has no ID. A path consists of JSON field names separated by `.`. The first path
    /// at which there is a usable ID counts.
    ///
    /// [`resource_id`](Self::resource_id) reads the same paths. A [look-up](crate::SecretLookup) by
    /// ID reads them before the body is verified.
    fn id_paths(name: &str) -> &'static [&'static str];

    /// Decodes a verified body.
    ///
    /// An event made with [`events!`](crate::events) keeps everything that can be read. If a field
    /// is not as documented, its value is converted or missing, and a warning is logged. The warning
    /// names the paths of up to 16 such fields and the shapes of their values, and no value.
    ///
    /// # Errors
    ///
    /// Returns an error if the body is not a JSON object or has no event name. Also returns an
    /// error if the name, the resource's ID, or an object around the ID is repeated, or if a field
    /// that your own struct requires cannot be read. An unknown event name, a missing field, or a
    /// field of another type is not an error.
    fn decode(body: &[u8]) -> Result<Self, DecodeError>;

    /// Decodes a verified body of the `provider`, which a warning names.
    #[doc(hidden)]
    fn decode_from(provider: &'static str, body: &[u8]) -> Result<Self, DecodeError> {
        let _ = provider;
        Self::decode(body)
    }

    /// Reads a verified delivery (default: [decodes](Self::decode) its body). Implement it for a type
    /// that needs the event's name or an ID from the head.
    ///
    /// # Errors
    ///
    /// Returns an error if the delivery is not what the provider documents.
    fn from_message(message: &Message<'_>) -> Result<Self, DecodeError> {
        Self::decode_from(message.provider(), message.body())
    }

    /// Returns the event's name, as in the JSON.
    fn name(&self) -> &str;

    /// Returns the ID of the event's resource, if it has a usable one: a string that is not empty, or
    /// an integer as its decimal text. A string with U+FFFD is not usable, because a character of it
    /// was lost.
    fn resource_id(&self) -> Option<&str>;
}
