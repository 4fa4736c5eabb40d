//! Postmark: <https://postmarkapp.com/developer/webhooks/webhooks-overview>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [Postmark](https://postmarkapp.com/developer/webhooks/webhooks-overview) sends e-mail.
///
/// ```text
/// Authorization: Basic dXNlcjpwYXNzd29yZA==
/// ```
///
/// HTTP basic authentication with the user's name and the password from the webhook's URL. The
/// secret is `user:password`. Nothing is signed: a header `X-Postmark-Signature` does not exist.
///
/// **Protected**: nothing but the endpoint's address ([`Trust::TokenOnly`](crate::Trust)).
///
/// **Not protected**: the body. An attacker who learns the password can forge deliveries.
///
/// The body identifies a delivery: a message can have several events of one type.
///
/// This page rests on receivers of others that agree (Hookdeck, Anymail, trigger.dev). Postmark's
/// own documentation was not read.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Postmark {}

impl Provider for Postmark {
    type Event = AnyEvent;

    const NAME: &'static str = "postmark";
    const TITLE: &'static str = "Postmark";
    const DOCS: &'static str = "https://postmarkapp.com/developer/webhooks/webhooks-overview";
    const SCHEME: Scheme = Scheme::basic();
    const EVENT: Option<Place> = Some(json("RecordType"));
    const RESOURCE: &'static [Place] = &[json("MessageID")];
}
