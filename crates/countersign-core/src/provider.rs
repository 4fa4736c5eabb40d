//! A provider: one page of const data and its typed events. This is the door for those who write a page.

use crate::event::Event;

pub use crate::{
    event::{Envelope, Identity, field},
    proof::Proof,
    retries::Retries,
    scheme::{Grammar, Place, Scheme},
};

/// A provider of webhooks, as data: where its documentation is, how it proves its deliveries, what events it sends.
///
/// The five that countersign knows are in [`providers`](crate::providers). Another one is a page like theirs, in your own
/// crate; the verifier and both adapters take it as they take ours.
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
///     pub order_id: String,
///     /// The amount that was paid, in cents.
///     pub amount: u64,
/// }
///
/// let verifier = Verifier::<Acme>::new("s3cr3t");
/// ```
pub trait Provider: Sized + 'static {
    /// The typed events, usually made with [`events!`](crate::events).
    type Event: Event;

    /// A short name in lower case, for routes, logs and metrics: `screenscore`.
    const NAME: &'static str;

    /// The name that people use: `ScreenScore AI`.
    const TITLE: &'static str;

    /// The address of the provider's page on webhooks.
    const DOCS: &'static str;

    /// How a delivery is proven.
    const SCHEME: Scheme;

    /// How the provider retries a delivery that was not answered 2xx, as far as it is documented.
    const RETRIES: Retries = Retries::new();

    /// To what a secret belongs.
    const SECRETS: Scope = Scope::Endpoint;

    /// Where a delivery says when its event occurred: an RFC 3339 time with a zone. It is the time of the *event*, not of
    /// the delivery. [`with_max_event_age`](crate::Verifier::with_max_event_age) needs it, and needs the proof to cover
    /// it.
    const OCCURRED_AT: Option<Place> = None;

    /// Where a delivery says when it was sent, in seconds since the Unix epoch, outside the scheme: a header. It is
    /// offered as [`Delivery::sent_at`](crate::Delivery::sent_at).
    const SENT_AT: Option<Place> = None;

    /// A place that repeats the event's name, and that the proof does **not** cover. It is never used: the event is what
    /// the body says. It is here for the provider's page, and for tools that send deliveries.
    const EVENT_COPY: Option<Place> = None;

    /// Returns what equal deliveries of an event have in common, in addition to the event's name.
    ///
    /// By default a documented event is identified by its resource ID, or by its body if it has none. Unknown events are
    /// identified by their body: two of them may share a resource ID, and dropping one would lose it.
    fn identity<'a>(envelope: &Envelope<'a>) -> Identity<'a> {
        if envelope.is_documented() { envelope.by_resource_id() } else { Identity::Body }
    }
}

/// To what a secret belongs. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope {
    /// To an endpoint: one secret, and its predecessors during a rotation.
    Endpoint,
    /// To a resource: each has its own secret, to be [looked up](crate::SecretLookup) by the resource's ID.
    Resource,
}
