//! Buildkite: <https://buildkite.com/docs/apis/webhooks/pipelines>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [Buildkite](https://buildkite.com/docs/apis/webhooks/pipelines) runs builds.
///
/// ```text
/// X-Buildkite-Signature: timestamp=1671552777,signature=6c0954c0f83e655905b0a42ae5e63af76205ff25b28747b2add94191558b7707
/// X-Buildkite-Event: build.finished
/// ```
///
/// `signature` is the hex HMAC-SHA256 of `{timestamp}.{body}`. The key is the webhook's token as
/// issued.
///
/// **Protected**: every byte of the body and the time of sending ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: replays within the tolerance of 5 min: an attacker who recorded a delivery
/// can send it again. Deduplication prevents that. (Buildkite leaves the tolerance to the receiver,
/// and gives 5 min as an example.)
///
/// Choose the signature in the webhook's settings. The other choice, the plain token in
/// `X-Buildkite-Token`, signs nothing and is not read. `X-Buildkite-Event` is not signed, and is
/// ignored: the event's name is `event` in the body. The body identifies a delivery.
///
/// Source: `buildkite/docs@35cf029`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Buildkite {}

impl Provider for Buildkite {
    type Event = AnyEvent;

    const NAME: &'static str = "buildkite";
    const TITLE: &'static str = "Buildkite";
    const DOCS: &'static str = "https://buildkite.com/docs/apis/webhooks/pipelines";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, member("x-buildkite-signature", "=,", "signature"), Hex)
        .time(member("x-buildkite-signature", "=,", "timestamp"), Unit::Seconds)
        .over(&[Time, Text("."), Body]);
    const EVENT: Option<Place> = Some(json("event"));
}
