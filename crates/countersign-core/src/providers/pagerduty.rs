//! PagerDuty: <https://developer.pagerduty.com/docs/verifying-webhook-signatures>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [PagerDuty](https://developer.pagerduty.com/docs/verifying-webhook-signatures) manages incidents
/// (webhooks V3).
///
/// ```text
/// X-PagerDuty-Signature: v1=56fde440898b2046eee6f58816ea81c5780d6bd5d34d1ce41b99d54edacbc4b8,v1=419f84c3dfb1dabfe377f5a34859584b8faa83144c2a3b2b72a8c4ded4e293a6
/// ```
///
/// Each `v1` is the hex HMAC-SHA256 of the body. There are several while secrets are rotated; any
/// may match. The key is the secret as issued.
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending. An attacker who recorded a delivery can send it again.
///
/// Source: `PagerDuty/go-pagerduty` (`webhookv3/webhookv3.go`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum PagerDuty {}

impl Provider for PagerDuty {
    type Event = AnyEvent;

    const NAME: &'static str = "pagerduty";
    const TITLE: &'static str = "PagerDuty";
    const DOCS: &'static str = "https://developer.pagerduty.com/docs/verifying-webhook-signatures";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, member("x-pagerduty-signature", "=,", "v1"), Hex).over(&[Body]);
    const EVENT: Option<Place> = Some(json("event.event_type"));
    const ID: Option<Place> = Some(json("event.id"));
}
