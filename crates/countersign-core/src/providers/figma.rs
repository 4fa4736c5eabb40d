//! Figma: <https://developers.figma.com/docs/rest-api/webhooks/>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [Figma](https://developers.figma.com/docs/rest-api/webhooks/) is a tool for design.
///
/// ```text
/// {"event_type":"FILE_UPDATE","passcode":"the-passcode-as-set","timestamp":"2020-02-23T20:27:16Z"}
/// ```
///
/// The passcode as set, in the body, compared in constant time. Nothing is signed.
///
/// **Protected**: nothing but the endpoint's address ([`Trust::TokenOnly`](crate::Trust)).
///
/// **Not protected**: the body. An attacker who learns the passcode can forge deliveries.
///
/// The passcode is in every body: do not log bodies. Figma sends a `PING` when the webhook is
/// created. The body identifies a delivery.
///
/// Source: the OpenAPI description, `figma/rest-api-spec@af94beb`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Figma {}

impl Provider for Figma {
    type Event = AnyEvent;

    const NAME: &'static str = "figma";
    const TITLE: &'static str = "Figma";
    const DOCS: &'static str = "https://developers.figma.com/docs/rest-api/webhooks/";
    const SCHEME: Scheme = Scheme::token(json("passcode"));
    const EVENT: Option<Place> = Some(json("event_type"));
}
