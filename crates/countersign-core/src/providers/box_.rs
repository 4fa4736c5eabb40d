//! Box: <https://developer.box.com/guides/webhooks/v2/signatures-v2>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [Box](https://developer.box.com/guides/webhooks/v2/signatures-v2) stores files (webhooks V2).
///
/// ```text
/// BOX-Signature-Primary: JvhWfyVpGCKUw/pbn5yyJwtVTu9ii0wUnPgqQoiP9K4=
/// BOX-Signature-Secondary: wFfzniGG+bXFx7zfThQTG4UtV52ygiDQsVXHzg/RJ4c=
/// BOX-Delivery-Timestamp: 2022-12-20T08:12:57-08:00
/// ```
///
/// The base64 HMAC-SHA256 of `{body}{time}`, once with the primary and once with the secondary
/// signature key. Either may match, and either may be missing. A key is used as issued.
///
/// **Protected**: every byte of the body and the time of sending ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: replays within the tolerance of 10 min: an attacker who recorded a delivery
/// can send it again. Deduplication prevents that.
///
/// Any signature may match any key. To rotate, reset one key at a time, and list both:
/// `Secrets::new(primary).add_previous(secondary)`. `BOX-Delivery-Id` is new in each retry, and is
/// ignored; the ID in the body stays the same. The version and the algorithm in the headers are
/// ignored: this page accepts only version 1, HMAC-SHA256.
///
/// Source: `box/box-node-sdk@7dcf9c2` (`src/managers/webhooks.ts`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum BoxPlatform {}

impl Provider for BoxPlatform {
    type Event = AnyEvent;

    const NAME: &'static str = "box";
    const TITLE: &'static str = "Box";
    const DOCS: &'static str = "https://developer.box.com/guides/webhooks/v2/signatures-v2";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, header("box-signature-primary"), Base64)
        .or_at(header("box-signature-secondary"))
        .time(header("box-delivery-timestamp"), Unit::Rfc3339)
        .tolerance(minutes(10))
        .over(&[Body, Time]);
    const EVENT: Option<Place> = Some(json("trigger"));
    const ID: Option<Place> = Some(json("id"));
}
