//! SendGrid: <https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [SendGrid](https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features)
/// sends e-mail. This page is for the Event Webhook.
///
/// ```text
/// X-Twilio-Email-Event-Webhook-Signature: MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=
/// X-Twilio-Email-Event-Webhook-Timestamp: 1600112502
/// ```
///
/// The ECDSA signature (P-256, SHA-256) of `{time}{body}`, as base64 of DER. The key is the
/// verification key as issued: the base64 of a public key in DER.
///
/// **Protected**: every byte of the body and the time of sending ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: replays. Any time is accepted, because SendGrid states no tolerance, its own
/// SDK checks none, and a retry may carry the first time. Set `with_time_tolerance`, or
/// deduplicate.
///
/// A delivery is a batch: the body is an array of events, and identifies it. It ends with a line
/// break, which is signed. The Inbound Parse webhook is not signed in this way.
///
/// Source: `sendgrid/sendgrid-python@76788e7`.
///
/// This page needs the feature `ecdsa`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum SendGrid {}

impl Provider for SendGrid {
    type Event = AnyEvent;

    const NAME: &'static str = "sendgrid";
    const TITLE: &'static str = "SendGrid";
    const DOCS: &'static str = "https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features";
    const SCHEME: Scheme = Scheme::signed(EcdsaP256, header("x-twilio-email-event-webhook-signature"), Base64)
        .time(header("x-twilio-email-event-webhook-timestamp"), Unit::Seconds)
        .any_time()
        .over(&[Time, Body]);
    const EVENT: Option<Place> = None;
}
