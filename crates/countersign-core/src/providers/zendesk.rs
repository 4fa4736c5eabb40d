//! Zendesk: <https://developer.zendesk.com/documentation/webhooks/verifying/>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [Zendesk](https://developer.zendesk.com/documentation/webhooks/verifying/) is a help desk.
///
/// ```text
/// X-Zendesk-Webhook-Signature: XFSTzEFaX6Q+dXgvcsuxhj3e6oUtbFTNFFgFxp1Csq8=
/// X-Zendesk-Webhook-Signature-Timestamp: 2021-03-25T05:09:27Z
/// ```
///
/// The base64 HMAC-SHA256 of `{time}{body}`. The key is the webhook's signing secret as issued.
///
/// **Protected**: every byte of the body and the time of sending ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: replays within the tolerance of 5 min: an attacker who recorded a delivery
/// can send it again. Deduplication prevents that. (Zendesk leaves the tolerance to the receiver.)
///
/// The body of a webhook of a trigger or an automation is whatever its template says, also XML or a
/// form, and may have no `type`. Before a webhook is created, Zendesk tests it with a static secret
/// that everybody knows.
///
/// This page rests on receivers of others that agree (trigger.dev, wbhk, webhookx). Zendesk's own
/// documentation was not read.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Zendesk {}

impl Provider for Zendesk {
    type Event = AnyEvent;

    const NAME: &'static str = "zendesk";
    const TITLE: &'static str = "Zendesk";
    const DOCS: &'static str = "https://developer.zendesk.com/documentation/webhooks/verifying/";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, header("x-zendesk-webhook-signature"), Base64)
        .time(header("x-zendesk-webhook-signature-timestamp"), Unit::Rfc3339)
        .over(&[Time, Body]);
    const EVENT: Option<Place> = Some(json("type"));
}
