//! Mux: <https://www.mux.com/docs/core/verify-webhook-signatures>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [Mux](https://www.mux.com/docs/core/verify-webhook-signatures) streams videos.
///
/// ```text
/// Mux-Signature: t=1671552777,v1=99830b20a923a7b295564b49dbf0874adbdfc4710c7551cc56e69baee3ce667e
/// ```
///
/// Each `v1` is the hex HMAC-SHA256 of `{t}.{body}`. There may be several; any may match. The key
/// is the webhook's signing secret as issued.
///
/// **Protected**: every byte of the body and the time of sending ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: replays within the tolerance of 5 min: an attacker who recorded a delivery
/// can send it again. Deduplication prevents that.
///
/// Source: `muxinc/mux-node-sdk@89eff08` (`src/resources/webhooks/webhooks.ts`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Mux {}

impl Provider for Mux {
    type Event = AnyEvent;

    const NAME: &'static str = "mux";
    const TITLE: &'static str = "Mux";
    const DOCS: &'static str = "https://www.mux.com/docs/core/verify-webhook-signatures";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, member("mux-signature", "=,", "v1"), Hex)
        .time(member("mux-signature", "=,", "t"), Unit::Seconds)
        .tolerance(minutes(5))
        .over(&[Time, Text("."), Body]);
    const EVENT: Option<Place> = Some(json("type"));
    const ID: Option<Place> = Some(json("id"));
}
