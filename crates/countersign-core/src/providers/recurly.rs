//! Recurly: <https://recurly.com/developers/reference/webhooks/>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [Recurly](https://recurly.com/developers/reference/webhooks/) manages subscriptions.
///
/// ```text
/// Recurly-Signature: 1671552777123,b21aa910b7a5cb5ff82abbb90d922d7d7a82c2c699984c8258340e2140c035e5,02d6e82cfbabcd6937e4c17dea1cc9c7a14ac673db44a37daf6f07729fbad5c5
/// ```
///
/// A list without keys: the time in milliseconds, then the hex HMAC-SHA256 of `{time}.{body}`.
/// There are several while a key is rotated; any may match. The key is the endpoint's secret key as
/// issued.
///
/// **Protected**: every byte of the body and the time of sending ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: replays within the tolerance of 5 min: an attacker who recorded a delivery
/// can send it again. Deduplication prevents that.
///
/// The name of the event, such as `paid`, is not unique: what it happened to is `object_type` in
/// the body. The body identifies a delivery. The older webhooks in XML are not signed, and are
/// rejected.
///
/// Source: `recurly/recurly-client-ruby@05fa008` (`lib/recurly/webhooks.rb`). The time's unit is
/// unconfirmed.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Recurly {}

impl Provider for Recurly {
    type Event = AnyEvent;

    const NAME: &'static str = "recurly";
    const TITLE: &'static str = "Recurly";
    const DOCS: &'static str = "https://recurly.com/developers/reference/webhooks/";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, items_from("recurly-signature", ",", 1), Hex)
        .time(item("recurly-signature", ",", 0), Unit::Milliseconds)
        .tolerance(minutes(5))
        .over(&[Time, Text("."), Body]);
    const EVENT: Option<Place> = Some(json("event_type"));
}
