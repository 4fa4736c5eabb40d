//! Typed events, and types for what the providers do not document.

mod any;
mod decode;
pub(crate) mod envelope;
mod enveloped;
pub mod field;
mod form;
pub(crate) mod id;
mod identity;
mod json;
mod macros;
mod message;
mod name;
mod paths;
mod provider_event;
mod raw;
pub(crate) mod shape;
mod text;
mod time;
mod tolerant;
mod unknown;
mod wrapper;

pub use any::AnyEvent;
pub use envelope::Envelope;
pub(crate) use enveloped::enveloped;
pub use form::Form;
pub(crate) use form::from_form;
pub use identity::Identity;
pub(crate) use json::from_json;
pub use json::{Json, decode_json};
pub(crate) use message::EnvelopeTexts;
pub use message::{Event, Message, MessageEnvelope};
pub use provider_event::ProviderEvent;
pub use raw::{PartlyDocumented, RawJson};
pub(crate) use time::instant;
pub use time::{LocalDateTime, Rfc3339};
pub use unknown::UnknownEvent;

#[doc(hidden)]
pub use decode::{Family, Payload, decode, decode_message};
#[doc(hidden)]
pub use field::{IdField, id_in};
