//! Typed events: what every family of them can do, and what stands for what the documentation does
//! not type.

mod decode;
pub(crate) mod envelope;
mod enveloped;
pub mod field;
mod identity;
mod macros;
mod raw;
mod time;
mod unknown;

use std::fmt::Debug;

use serde::{Serialize, de::DeserializeOwned};

pub use envelope::Envelope;
pub(crate) use enveloped::enveloped;
pub use identity::Identity;
pub use raw::{PartlyDocumented, RawJson};
pub(crate) use time::lenient as lenient_time;
pub use time::{LocalDateTime, Rfc3339};
pub use unknown::UnknownEvent;

#[doc(hidden)]
pub use decode::{Family, Payload, decode};
#[doc(hidden)]
pub use field::{IdField, id};

use crate::error::DecodeError;

/// The typed events of a provider: usually an enum made with [`events!`](crate::events), with one
/// variant for each documented event and `Unknown` for the rest.
///
/// Events are owned values that can be cloned, sent to other threads, and put on queues:
/// `Serialize` gives the provider's own JSON and `Deserialize` reads it back. Through `serde_json`
/// that is exact; [`RawJson`] says what other ways do to the JSON that is kept as it came. As a
/// part of a type of your own, an event can be a field or the content of an enum with
/// `#[serde(tag = "...", content = "...")]`; with `tag` alone, or flattened, serde cannot write raw
/// JSON.
pub trait Event: Clone + Debug + Send + Sync + Serialize + DeserializeOwned + 'static {
    /// The names of the documented events, as they stand in the JSON.
    const NAMES: &'static [&'static str];

    /// Where the body of the event `name` carries the id of its resource: paths into the JSON with
    /// `.` between the names, of which the first usable one wins. It is where
    /// [`resource_id`](Self::resource_id) has it from, and read before a body is verified where
    /// secrets are [looked up](crate::SecretLookup) by it. Empty if there is none.
    fn id_paths(name: &str) -> &'static [&'static str];

    /// Decodes a verified body.
    ///
    /// # Errors
    ///
    /// If it is not UTF-8, not JSON, no object, has no string `event`, has a documented field twice
    /// or of another type. An unknown event name is no error, nor is a documented field that is
    /// missing.
    fn decode(body: &[u8]) -> Result<Self, DecodeError>;

    /// The event's name, as it stands in the JSON.
    fn name(&self) -> &str;

    /// The id that the documentation gives the thing the event is about: a string, and not empty.
    fn resource_id(&self) -> Option<&str>;
}
