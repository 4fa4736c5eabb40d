//! Meta: <https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/create-webhook-endpoint>

use crate::{
    event::AnyEvent,
    provider::{Handshake, Place, Provider, Reply, Scheme, grammar::query},
};

/// [Meta](https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/create-webhook-endpoint)
/// sends the webhooks of WhatsApp, Messenger, Instagram and the Graph API.
///
/// ```text
/// X-Hub-Signature-256: sha256=83d0d39689bf62ef5847bc7c8b26008a64065077eb705b8503057127296cd18e
/// ```
///
/// The hex HMAC-SHA256 of the body behind `sha256=`. The key is the app secret as issued.
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending. An attacker who recorded a delivery can send it again.
///
/// A delivery is a batch: its events are in `entry`, and the body identifies it. Meta escapes
/// characters in the JSON (`\u00e4`), and signs them so. The older `X-Hub-Signature` (HMAC-SHA1) is
/// not read.
///
/// **Handshake**: when the callback URL is set, Meta sends a GET with the verify token that you made
/// up. Give it to the layer as well ([`with_verify_token`](crate::Verifier::with_verify_token)).
/// countersign then answers with `hub.challenge`, and the handler does not see the request. Without
/// the token it is rejected, and the log says why. The layer has to see GET requests.
///
/// Sources: the documentation, `WhatsApp/WhatsApp-Nodejs-SDK` (`src/api/webhooks.ts`).
// Its examples need the adapters: the doc tests of `countersign` run them.
#[cfg_attr(not(doctest), doc = "", doc = include_str!("meta.md"))]
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Meta {}

impl Provider for Meta {
    type Event = AnyEvent;

    const NAME: &'static str = "meta";
    const TITLE: &'static str = "Meta";
    const DOCS: &'static str =
        "https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/create-webhook-endpoint";
    const SCHEME: Scheme = Scheme::hmac_sha256("x-hub-signature-256", "sha256=");
    const EVENT: Option<Place> = None;
    const HANDSHAKES: &'static [Handshake] = &[Handshake::get()
        .when(query("hub.mode"), "subscribe")
        .verify_token(query("hub.verify_token"))
        .answer(Reply::echo(query("hub.challenge")))];
}
