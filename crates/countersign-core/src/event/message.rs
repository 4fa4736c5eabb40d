//! A type that a verified delivery is read as, and what it is read from.

use std::{borrow::Cow, fmt};

use bytes::Bytes;
use serde::de::DeserializeOwned;

use super::{from_form, from_json};
use crate::{error::DecodeError, form::json_of};

/// A type that a verified delivery is read as: the `E` of `Webhook<P, E>`.
///
/// [`Json`](crate::Json) and [`Form`](crate::Form) implement it for your own serde types, and
/// [`events!`](crate::events) for the events of a provider. Implement it yourself for a type that
/// needs more than the body, such as the event's name from a header, or that another crate reads.
///
/// ```
/// use countersign_core::{
///     AnyEvent, DecodeError, Event, Verifier,
///     provider::{Message, Place, Provider, Scheme, grammar::*},
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
///     const EVENT: Option<Place> = Some(header("x-acme-event"));
/// }
///
/// enum Order {
///     Paid { cents: u64 },
///     Other(String),
/// }
///
/// impl Event for Order {
///     fn from_message(message: &Message<'_>) -> Result<Self, DecodeError> {
///         Ok(match message.envelope().event.unwrap_or_default() {
///             name if name == "order.paid" => Self::Paid { cents: message.json()? },
///             name => Self::Other(name),
///         })
///     }
/// }
///
/// let proof = Acme::SCHEME.sign(b"s3cr3t", "4200")?;
/// let head = http::Request::post("/").header("x-acme-signature", proof.value()).header("x-acme-event", "order.paid");
/// let delivery = Verifier::<Acme>::new("s3cr3t").verify(&head.body(())?, "4200")?;
/// assert!(matches!(delivery.event_as()?, Order::Paid { cents: 4200 }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A serde type is not an event by itself. The error of the compiler names `Json<T>` and the others.
///
/// ```compile_fail,E0277
/// use countersign_core::{Delivery, providers::Stripe};
///
/// #[derive(serde::Deserialize)]
/// struct Charge {}
///
/// fn charge(delivery: &Delivery<Stripe>) {
///     let _ = delivery.event_as::<Charge>(); // `event_as::<Json<Charge>>()` compiles
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "a delivery cannot be read as `{Self}`",
    label = "not an `Event`",
    note = "name it as `countersign::Json<T>` or `countersign::Form<T>` if it is a serde type; `events!` makes an enum of a provider's events; or \
            implement `Event`"
)]
pub trait Event: Sized + Send + Sync + 'static {
    /// Reads a verified delivery.
    ///
    /// # Errors
    ///
    /// Returns an error if the delivery cannot be read as this type. Convert another crate's error
    /// with [`DecodeError::other`]: its text may quote the body, and is not logged.
    fn from_message(message: &Message<'_>) -> Result<Self, DecodeError>;
}

/// A verified delivery, as an [`Event`] is read from it: its body, and the texts at the places that
/// the provider's page names.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    provider: &'static str,
    body: &'a Bytes,
    /// The form field that has the JSON.
    json_field: Option<&'static str>,
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
    pub(crate) fn new(
        provider: &'static str,
        body: &'a Bytes,
        json_field: Option<&'static str>,
        texts: &'a dyn EnvelopeTexts,
    ) -> Self {
        Self { provider, body, json_field, texts }
    }

    /// The short name of the provider.
    pub(crate) fn provider(&self) -> &'static str {
        self.provider
    }

    /// Returns the body, byte for byte as received.
    pub fn body(&self) -> &'a Bytes {
        self.body
    }

    /// The JSON of the delivery: the body, or a field of it.
    pub(crate) fn json_text(&self) -> Cow<'a, [u8]> {
        json_of(self.body, self.json_field)
    }

    /// Reads the body as a JSON value of the type `T`, or the field of it that has the JSON: see
    /// [`Json`](crate::Json).
    ///
    /// # Errors
    ///
    /// Returns an error if the body is not JSON, or not a `T`. The message has no part of the body.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        from_json(&self.json_text())
    }

    /// Reads the body as a form of the type `T`: see [`Form`](crate::Form).
    ///
    /// # Errors
    ///
    /// Returns an error if the body is not a `T`, or not UTF-8. The message has no part of the body.
    pub fn form<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        from_form(self.body)
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
