//! CloudEvents: <https://github.com/cloudevents/spec/blob/main/cloudevents/http-webhook.md>

use crate::{
    event::AnyEvent,
    provider::{Handshake, Place, Provider, Reply, Scheme, grammar::*},
};

/// [CloudEvents](https://github.com/cloudevents/spec/blob/main/cloudevents/http-webhook.md) is a
/// specification of events. This page is for its HTTP 1.1 webhooks with a bearer token.
///
/// ```text
/// Authorization: Bearer the-token-as-set
/// ```
///
/// The token as set behind `Bearer`, compared in constant time. Nothing is signed. (A token in the
/// query parameter `access_token`, which the specification also allows, is not read.)
///
/// **Protected**: nothing but the endpoint's address ([`Trust::TokenOnly`](crate::Trust)).
///
/// **Not protected**: the body. An attacker who learns the token can forge deliveries.
///
/// This page is for events in structured mode (`application/cloudevents+json`): their name is
/// `type` in the body, and the body identifies them. In binary mode, name and ID are in the headers
/// `ce-type` and `ce-id`, which identify nothing. Two events with equal data are then one delivery:
/// do not deduplicate them, or ask the sender for structured mode.
///
/// **Handshake**: a sender may ask with an `OPTIONS` request whether it may send. countersign
/// allows any origin and any rate (a delivery needs the token), and the handler does not see the
/// request. The layer has to see it: see `countersign::guide::handshakes`. A callback
/// (`WebHook-Request-Callback`) is not called.
///
/// Source: `cloudevents/spec@c2845a4`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum CloudEvents {}

impl Provider for CloudEvents {
    type Event = AnyEvent;

    const NAME: &'static str = "cloudevents";
    const TITLE: &'static str = "CloudEvents";
    const DOCS: &'static str = "https://github.com/cloudevents/spec/blob/main/cloudevents/http-webhook.md";
    const SCHEME: Scheme = Scheme::token(authorization("Bearer"));
    const EVENT: Option<Place> = Some(json("type"));
    const HANDSHAKES: &'static [Handshake] = &[Handshake::options()
        .has(header("webhook-request-origin"))
        .answer(Reply::headers(200, &[("webhook-allowed-origin", "*"), ("webhook-allowed-rate", "*")]))];
}
