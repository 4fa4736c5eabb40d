//! The trait of a provider's events.

use std::fmt::Debug;

use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};

use super::Event;
use crate::error::DecodeError;

/// The typed events of a provider: usually an enum made with [`events!`](crate::events). It has one
/// variant for each documented event, and `Unknown` for the rest.
///
/// Events are owned values that can be cloned and sent to other threads.
///
/// `Serialize` writes a typed event in the provider's format, with the fields of its struct.
/// Undocumented fields and `null` are not written, because the struct does not hold them. An event
/// whose payload is not documented, and an unknown event, are written byte for byte. `Deserialize`
/// reads back an equal event. (With `serde_json`; for other formats see [`RawJson`](crate::RawJson).)
///
/// To store or queue what the provider sent, use [`Delivery::body`](crate::Delivery::body), and read
/// it with [`decode`](Self::decode) later: a later version may document more fields.
///
/// In your own types, an event can be a field, or the content of an enum with
/// `#[serde(tag = "...", content = "...")]`. Do not flatten it or use `tag` without `content`:
/// serde cannot write raw JSON there.
pub trait ProviderEvent: Event + Clone + Debug + Serialize + DeserializeOwned {
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

    /// Returns the event's name, as in the JSON.
    fn name(&self) -> &str;

    /// Returns the ID of the event's resource, if it has a usable one: a string that is not empty, or
    /// an integer as its decimal text. A string with U+FFFD is not usable, because a character of it
    /// was lost.
    fn resource_id(&self) -> Option<&str>;

    /// Returns the event as a body in the provider's format.
    ///
    /// # Errors
    ///
    /// Returns an error if it cannot be written as JSON.
    #[doc(hidden)]
    fn to_body(&self) -> Result<Bytes, DecodeError> {
        Ok(serde_json::to_vec(self)?.into())
    }
}
