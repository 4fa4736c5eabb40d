//! WorkOS: <https://workos.com/docs/events/data-syncing/webhooks>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [WorkOS](https://workos.com/docs/events/data-syncing/webhooks) connects applications to identity
/// providers.
///
/// ```text
/// WorkOS-Signature: t=1614265330000, v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd
/// ```
///
/// `v1` is the hex HMAC-SHA256 of `{t}.{body}`. The time is in milliseconds. The key is the secret
/// as issued.
///
/// **Protected**: every byte of the body and the time of sending ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: replays within the tolerance of 3 min: an attacker who recorded a delivery
/// can send it again. Deduplication prevents that.
///
/// Source: `workos/workos-node@fd885bc` (`src/common/crypto/signature-provider.ts`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum WorkOs {}

impl Provider for WorkOs {
    type Event = AnyEvent;

    const NAME: &'static str = "workos";
    const TITLE: &'static str = "WorkOS";
    const DOCS: &'static str = "https://workos.com/docs/events/data-syncing/webhooks";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, member("workos-signature", "=,", "v1"), Hex)
        .time(member("workos-signature", "=,", "t"), Unit::Milliseconds)
        .tolerance(minutes(3))
        .over(&[Time, Text("."), Body]);
    const EVENT: Option<Place> = Some(json("event"));
    const ID: Option<Place> = Some(json("id"));
}
