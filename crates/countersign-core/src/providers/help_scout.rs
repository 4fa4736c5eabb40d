//! Help Scout: <https://developer.helpscout.com/webhooks/>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [Help Scout](https://developer.helpscout.com/webhooks/) is a help desk.
///
/// ```text
/// X-HelpScout-Signature: AEr26tAddsjV3pXqWImYYJXfYwM=
/// X-HelpScout-Event: convo.created
/// ```
///
/// The base64 HMAC-SHA1 of the body. The key is the webhook's secret as set.
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending and `X-HelpScout-Event`. An attacker who recorded a
/// delivery can send it again, also with another event name.
///
/// The body identifies a delivery: the ID in it is that of the resource.
///
/// Source: `helpscout/helpscout-api-php` (`src/Webhooks/IncomingWebhook.php`).
///
/// This page needs the feature `sha1`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum HelpScout {}

impl Provider for HelpScout {
    type Event = AnyEvent;

    const NAME: &'static str = "help-scout";
    const TITLE: &'static str = "Help Scout";
    const DOCS: &'static str = "https://developer.helpscout.com/webhooks/";
    const SCHEME: Scheme = Scheme::signed(HmacSha1, header("x-helpscout-signature"), Base64).over(&[Body]);
    const EVENT: Option<Place> = Some(header("x-helpscout-event"));
}
