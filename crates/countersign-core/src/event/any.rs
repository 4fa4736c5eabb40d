//! Events whose payload is not typed by us.

use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Event, Message, ProviderEvent};
use crate::error::DecodeError;

/// An event of a provider whose payloads countersign does not type: its name, its IDs, and the body
/// as received. A page uses it as `type Event = AnyEvent`.
///
/// The name and the IDs are read from the places that the page names:
/// [`EVENT`](crate::provider::Provider::EVENT), [`ID`](crate::provider::Provider::ID) and
/// [`RESOURCE`](crate::provider::Provider::RESOURCE). Reading never fails: what is not there is
/// empty. To read the body as your own type, take a `Webhook<P, Json<T>>` ([`Json`](crate::Json),
/// [`Form`](crate::Form)), or call [`Delivery::json`](crate::Delivery::json).
///
/// ```
/// use countersign_core::{
///     AnyEvent, Verifier,
///     provider::{Place, Provider, Scheme, grammar::*},
/// };
///
/// enum Acme {}
///
/// impl Provider for Acme {
///     type Event = AnyEvent;
///     const NAME: &'static str = "acme";
///     const TITLE: &'static str = "Acme";
///     const DOCS: &'static str = "https://acme.example/docs/webhooks";
///     const SCHEME: Scheme = Scheme::hmac_sha256("x-acme-signature", "");
///     const EVENT: Option<Place> = Some(json("type"));
///     const ID: Option<Place> = Some(json("id"));
/// }
///
/// let body = r#"{"id":"evt_1","type":"order.paid","amount":4200}"#;
/// let proof = Acme::SCHEME.sign(b"s3cr3t", body)?;
/// let head = http::Request::post("/").header("x-acme-signature", proof.value()).body(())?;
/// let delivery = Verifier::<Acme>::new("s3cr3t").verify(&head, body)?;
/// assert_eq!(delivery.event_name(), "order.paid");
/// assert_eq!(delivery.event().id(), Some("evt_1"));
/// assert_eq!(delivery.delivery_id().unwrap().to_string(), "order.paid/evt_1");
///
/// #[derive(serde::Deserialize)]
/// struct Order { amount: u64 }
/// let order: Order = delivery.json()?;
/// assert_eq!(order.amount, 4200);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct AnyEvent {
    name: Box<str>,
    id: Option<Box<str>>,
    resource_id: Option<Box<str>>,
    body: Bytes,
}

impl AnyEvent {
    /// Returns the event's name; empty if there is none.
    ///
    /// If it comes from a header that the proof does not cover, an attacker who recorded a delivery
    /// can change it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the provider's ID of the delivery or event, if it has one. It may be unsigned: see
    /// [`Delivery::delivery_id`](crate::Delivery::delivery_id) for deduplication.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Returns the ID of the event's resource, if it has one.
    pub fn resource_id(&self) -> Option<&str> {
        self.resource_id.as_deref()
    }

    /// Returns the body, byte for byte as received.
    pub fn body(&self) -> &Bytes {
        &self.body
    }
}

impl Event for AnyEvent {
    fn from_message(message: &Message<'_>) -> Result<Self, DecodeError> {
        let read = message.envelope();
        let usable = |text: Option<String>| text.filter(|text| !text.is_empty()).map(Into::into);
        Ok(Self {
            name: read.event.unwrap_or_default().into(),
            id: usable(read.id),
            resource_id: usable(read.resource_id),
            body: message.body().clone(),
        })
    }
}

impl ProviderEvent for AnyEvent {
    const NAMES: &'static [&'static str] = &[];

    fn id_paths(_: &str) -> &'static [&'static str] {
        &[]
    }

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        Ok(Self { name: "".into(), id: None, resource_id: None, body: Bytes::copy_from_slice(body) })
    }

    fn name(&self) -> &str {
        self.name()
    }

    fn resource_id(&self) -> Option<&str> {
        self.resource_id()
    }

    fn to_body(&self) -> Result<Bytes, DecodeError> {
        Ok(self.body.clone())
    }
}

/// `Debug` shows the name and the length of the body.
impl fmt::Debug for AnyEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnyEvent")
            .field("name", &self.name)
            .field("body", &format_args!("[{} bytes]", self.body.len()))
            .finish_non_exhaustive()
    }
}

/// How it is written and read back. A body is usually text.
#[derive(Serialize, Deserialize)]
struct Written<'a> {
    name: std::borrow::Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<std::borrow::Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resource_id: Option<std::borrow::Cow<'a, str>>,
    body: Content,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Bytes(Vec<u8>),
}

impl Serialize for AnyEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let body = match std::str::from_utf8(&self.body) {
            Ok(text) => Content::Text(text.to_owned()),
            Err(_) => Content::Bytes(self.body.to_vec()),
        };
        let (id, resource_id) = (self.id().map(Into::into), self.resource_id().map(Into::into));
        Written { name: self.name().into(), id, resource_id, body }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for AnyEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Written { name, id, resource_id, body } = Written::deserialize(deserializer)?;
        let body = match body {
            Content::Text(text) => text.into(),
            Content::Bytes(bytes) => bytes.into(),
        };
        let owned = |text: std::borrow::Cow<'_, str>| text.into_owned().into_boxed_str();
        Ok(Self { name: owned(name), id: id.map(owned), resource_id: resource_id.map(owned), body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_back_as_it_was() {
        for body in [b"{\"a\":1}".as_slice(), b"a=1&b", b"\xff\x00", b""] {
            let event =
                AnyEvent { name: "n".into(), id: Some("i".into()), resource_id: None, body: body.to_vec().into() };
            let text = serde_json::to_string(&event).unwrap();
            assert_eq!(serde_json::from_str::<AnyEvent>(&text).unwrap(), event, "{text}");
        }
    }

    #[test]
    fn t19_debug_shows_no_body() {
        let event = AnyEvent::decode(b"s3cr3t").unwrap();
        assert_eq!(format!("{event:?}"), "AnyEvent { name: \"\", body: [6 bytes], .. }");
    }
}
