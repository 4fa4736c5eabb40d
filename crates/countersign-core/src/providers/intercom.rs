//! Intercom: <https://developers.intercom.com/docs/webhooks>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [Intercom](https://developers.intercom.com/docs/webhooks) is a messenger for customers.
///
/// ```text
/// X-Hub-Signature: sha1=21ff2e149e0fdcac6f947740f6177f6434bda921
/// ```
///
/// The hex HMAC-SHA1 of the body behind `sha1=`. The key is the app's client secret as issued.
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending. An attacker who recorded a delivery can send it again.
///
/// This page rests on receivers of others that agree (trigger.dev, wbhk, ngrok). Intercom's own
/// documentation was not read.
///
/// This page needs the feature `sha1`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Intercom {}

impl Provider for Intercom {
    type Event = AnyEvent;

    const NAME: &'static str = "intercom";
    const TITLE: &'static str = "Intercom";
    const DOCS: &'static str = "https://developers.intercom.com/docs/webhooks";
    const SCHEME: Scheme = Scheme::signed(HmacSha1, header("x-hub-signature"), Hex).prefix("sha1=").over(&[Body]);
    const EVENT: Option<Place> = Some(json("topic"));
    const ID: Option<Place> = Some(json("id"));
}
