//! A provider: one page of const data and typed events. Use this module to write a page.
//!
//! [`grammar`] has the words of a scheme. (The examples here write `countersign_core` for
//! `countersign`.)

use crate::event::ProviderEvent;

pub use crate::{
    error::{SignError, SignErrorKind},
    event::{Envelope, Identity, Message, MessageEnvelope, decode_json, field},
    handshake::{Challenge, Handshake, Input, Mac, Reply, ReplyValue},
    page::Page,
    proof::{Draft, Proof},
    retries::Retries,
    scheme::{Algorithm, Coding, Grammar, Key, Part, Place, Scheme, Signed, SignedText, Unit, grammar},
};

/// A provider of webhooks, as data: its documentation, its scheme, its retries and its events.
///
/// The providers that countersign supports are in [`providers`](crate::providers). To add another,
/// write a page like theirs in your own crate: the verifier and both adapters accept it.
///
/// ```
/// use countersign_core::{
///     Verifier, events,
///     provider::{Place, Provider, Scheme},
/// };
/// use serde::{Deserialize, Serialize};
///
/// /// Acme's webhooks.
/// pub enum Acme {}
///
/// impl Provider for Acme {
///     type Event = AcmeEvent;
///     const NAME: &'static str = "acme";
///     const TITLE: &'static str = "Acme";
///     const DOCS: &'static str = "https://acme.example/docs/webhooks";
///     const SCHEME: Scheme = Scheme::hmac_sha256("x-acme-signature", "sha256=");
///     const OCCURRED_AT: Option<Place> = Some(Place::json("paid_at"));
/// }
///
/// // Reports a bad scheme at `cargo check`, not only at `cargo build`.
/// const _: Scheme = Acme::SCHEME;
///
/// events! {
///     /// What Acme sends.
///     pub enum AcmeEvent {
///         id: ["order_id"];
///         /// An order was paid.
///         "order.paid" => OrderPaid(Order) at order_id,
///     }
/// }
///
/// /// An order.
/// #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
/// #[serde(default)]
/// pub struct Order {
///     /// Its ID.
///     pub order_id: Option<String>,
///     /// The amount that was paid, in cents.
///     pub amount: Option<u64>,
/// }
///
/// let verifier = Verifier::<Acme>::new("s3cr3t");
/// ```
pub trait Provider: Sized + 'static {
    /// The typed events, usually made with [`events!`](crate::events), or
    /// [`AnyEvent`](crate::AnyEvent). A `Webhook<P>` holds one, unless the handler names another type.
    type Event: ProviderEvent;

    /// A short name in lower case, for routes, logs and metrics: `screenscore`.
    const NAME: &'static str;

    /// The name that people use: `ScreenScore AI`.
    const TITLE: &'static str;

    /// The address of the provider's page on webhooks.
    const DOCS: &'static str;

    /// The scheme by which a delivery is verified.
    const SCHEME: Scheme;

    /// The place of the event's name (default: where [`events!`](crate::events) reads it in the JSON
    /// of the body, which is `event` unless it says otherwise). Set it for
    /// [`AnyEvent`](crate::AnyEvent). It is one place: if the provider sends forms and JSON, read the
    /// name in the handler.
    ///
    /// A name that the proof does not cover chooses a parser, and nothing else: it is not a part of
    /// the delivery's identity.
    const EVENT: Option<Place> = Some(Place::json(Self::Event::NAME_PATH));

    /// The place of the provider's ID of the delivery or event, the same in each retry (default: the
    /// ID that the [scheme](Self::SCHEME) signs, if it signs one).
    ///
    /// It identifies the delivery for deduplication if an attacker who recorded it cannot change it:
    /// if the proof [covers](Scheme::covers) the place, or if the proof is a credential and the place
    /// is in the body. Otherwise, or if the delivery has none, [`identity`](Self::identity) decides:
    /// by default the body, so that two events with the same body are then one. If the signature does
    /// not cover the body, name an ID that it covers: an attacker who recorded a delivery can put its
    /// signature into another body.
    const ID: Option<Place> = Self::SCHEME.signed_id();

    /// The places in the body of the ID of the event's resource (default: none). The first one that
    /// is there counts. For [`AnyEvent`](crate::AnyEvent).
    const RESOURCE: &'static [Place] = &[];

    /// The provider's documented retries of a delivery that was not answered with a 2xx (default:
    /// nothing is documented).
    const RETRIES: Retries = Retries::new();

    /// The text that the body of a 2xx must have, or the provider sends the delivery again (default:
    /// none). A duplicate is answered with it. Return it from your handler, too.
    const ACKNOWLEDGEMENT: &'static str = "";

    /// The scope of a secret (default: the endpoint).
    const SECRETS: Scope = Scope::Endpoint;

    /// The place of the event's time (default: none): an RFC 3339 time with a zone. It is not the
    /// time of sending: it must be the same in every retry.
    ///
    /// [`with_max_event_age`](crate::Verifier::with_max_event_age) requires it, and the proof must
    /// cover it. If the proof covers it, deduplication tells two events about one resource apart by
    /// it: see [`Identity::Occurrence`]. A time in another format, such as an integer, cannot be read.
    const OCCURRED_AT: Option<Place> = None;

    /// A header with the time of sending, in seconds since the Unix epoch, that the proof does
    /// **not** cover (default: none). [`Delivery::sent_at`](crate::Delivery::sent_at) returns it.
    const SENT_AT: Option<Place> = None;

    /// The place of a copy of the event's name that the proof does **not** cover (default: none).
    /// The verifier ignores it and takes the name from the body. It is for documentation, and for
    /// tools that send deliveries.
    const EVENT_COPY: Option<Place> = None;

    /// The handshakes by which the provider checks the endpoint (default: none). The
    /// [`Receiver`](crate::adapter::Receiver) answers them, and the handler never sees one. To check
    /// them at `cargo check`, write `const _: Page = Page::of::<Acme>();`.
    const HANDSHAKES: &'static [Handshake] = &[];

    /// Returns the identity of a delivery for deduplication, in addition to the event's name. It is
    /// asked only if no [`ID`](Self::ID) identifies the delivery.
    ///
    /// By default a documented event is identified by its resource ID and its time
    /// ([`OCCURRED_AT`](Self::OCCURRED_AT)), or by its body if it has no ID or the page names no
    /// time: two events about one resource would otherwise be one. Unknown events are identified by
    /// their body, because two of them may share a resource ID.
    fn identity<'a>(envelope: &Envelope<'a>) -> Identity<'a> {
        if envelope.is_documented() { envelope.by_occurrence() } else { Identity::Body }
    }
}

/// The name of a header that you choose, for the page of a provider that lets you.
///
/// ```
/// use countersign_core::{Verifier, provider::HeaderName, providers::AssemblyAi};
///
/// enum WebhookSecret {}
///
/// impl HeaderName for WebhookSecret {
///     const NAME: &'static str = "x-webhook-secret";
/// }
///
/// let verifier = Verifier::<AssemblyAi<WebhookSecret>>::new("s3cr3t");
/// ```
pub trait HeaderName: 'static {
    /// The name, in lower case.
    const NAME: &'static str;
}

/// The header `Authorization`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Authorization {}

impl HeaderName for Authorization {
    const NAME: &'static str = "authorization";
}

/// The scope of a secret: what it belongs to. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope {
    /// An endpoint: one secret, and previous ones during a rotation.
    Endpoint,
    /// A resource: each has its own secret, [looked up](crate::SecretLookup) by the resource's ID.
    Resource,
}
