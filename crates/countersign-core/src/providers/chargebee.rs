//! Chargebee: <https://www.chargebee.com/docs/2.0/webhook_settings.html>

use std::time::Duration;

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Retries, Scheme, grammar::*},
};

/// [Chargebee](https://www.chargebee.com/docs/2.0/webhook_settings.html) manages subscriptions.
///
/// ```text
/// Authorization: Basic dXNlcjpwYXNzd29yZA==
/// ```
///
/// HTTP basic authentication with the user's name and the password from the webhook's settings. The
/// secret is `user:password`. Nothing is signed.
///
/// **Protected**: nothing but the endpoint's address ([`Trust::TokenOnly`](crate::Trust)).
///
/// **Not protected**: the body. An attacker who learns the password can forge deliveries.
///
/// Without a name and a password in its settings, Chargebee sends none, and every delivery is
/// rejected. Ask Chargebee's API before you act on an event that matters.
///
/// Sources: `chargebee/chargebee-node` (`basicAuthValidator`), `hookdeck/webhook-skills`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Chargebee {}

impl Provider for Chargebee {
    type Event = AnyEvent;

    const NAME: &'static str = "chargebee";
    const TITLE: &'static str = "Chargebee";
    const DOCS: &'static str = "https://www.chargebee.com/docs/2.0/webhook_settings.html";
    const SCHEME: Scheme = Scheme::basic();
    const EVENT: Option<Place> = Some(json("event_type"));
    const ID: Option<Place> = Some(json("id"));
    const RETRIES: Retries = Retries::new().deadline(Duration::from_secs(20)).attempts(8);
}
