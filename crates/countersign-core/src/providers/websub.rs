//! WebSub: <https://www.w3.org/TR/websub/>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [WebSub](https://www.w3.org/TR/websub/) is a specification of updates of feeds, formerly
/// PubSubHubbub. YouTube follows it.
///
/// ```text
/// X-Hub-Signature: sha1=e97439a363f77a7be1a7e75a927c5216df90f2d1
/// ```
///
/// The hex HMAC-SHA1 of the body behind `sha1=`. The key is the `hub.secret` of the subscription.
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending. An attacker who recorded a delivery can send it again.
///
/// In the specification, the request names the algorithm. This page accepts only SHA-1, the
/// algorithm of PubSubHubbub, whatever the request says: SHA-1 is broken for other uses, but not
/// for HMAC. For a hub that signs with SHA-256, write a page with
/// `Scheme::hmac_sha256("x-hub-signature", "sha256=")`.
///
/// Without a `hub.secret`, the hub sends no signature, and every delivery is rejected. The body is
/// a feed, mostly XML, and identifies the delivery.
///
/// The hub confirms a subscription with a GET request, and again when the lease is renewed.
/// `VerifyWebhook` rejects it, because it must be for a topic that you subscribed to: mount another
/// handler for GET, or write a page with a [`Handshake`](crate::provider::Handshake) for your topic.
/// The specification wants a 2xx also
/// for a wrong signature, so that an attacker learns nothing; the response to a rejection can be
/// replaced.
///
/// Source: `w3c/websub@d32f520`.
///
/// This page needs the feature `sha1`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum WebSub {}

impl Provider for WebSub {
    type Event = AnyEvent;

    const NAME: &'static str = "websub";
    const TITLE: &'static str = "WebSub";
    const DOCS: &'static str = "https://www.w3.org/TR/websub/";
    const SCHEME: Scheme = Scheme::signed(HmacSha1, header("x-hub-signature"), Hex).prefix("sha1=").over(&[Body]);
    const EVENT: Option<Place> = None;
}
