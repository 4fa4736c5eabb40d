//! Adyen: <https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures>

use crate::{
    event::AnyEvent,
    provider::{Envelope, Identity, Place, Provider, Scheme, grammar::*},
};

/// [Adyen](https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures)
/// processes payments. This page is for standard webhooks (payments). For those of the Management
/// API, of platforms and of banking, use [`AdyenManagement`](super::AdyenManagement).
///
/// ```text
/// {"notificationItems":[{"NotificationRequestItem":{"pspReference":"7914073381342284","merchantAccountCode":"TestMerchant","merchantReference":"TestPayment-1407325143704","amount":{"value":1130,"currency":"EUR"},"eventCode":"AUTHORISATION","success":"true","additionalData":{"hmacSignature":"7kbi0UHVPwjMbcUQIxnduXgXSAzpMdK2OBv3zMqUvtA="}}}]}
/// ```
///
/// The base64 HMAC-SHA256 of eight fields of the first item with `:` between them, in
/// `additionalData.hmacSignature` of that item. A missing field is empty. The key is the HMAC key
/// as issued: hex digits.
///
/// **Protected**: only the eight fields ([`Trust::Unbound`](crate::Trust)): `pspReference`,
/// `originalReference`, `merchantAccountCode`, `merchantReference`, `amount.value`,
/// `amount.currency`, `eventCode` and `success`.
///
/// **Not protected**: all other fields, such as `eventDate`, `reason` and `additionalData`, and any
/// item but the first. An attacker who recorded a delivery can change them, and send it again.
/// Deduplication uses the eight fields, so that it accepts each signature once.
///
/// `with_minimum_trust(Trust::Signed)` rejects every delivery. This page is for deliveries with one
/// item. Read `notificationItems[0]` and no other item, and of it only the eight fields, or ask
/// Adyen's API.
///
/// `pspReference` and `eventCode` are not enough to tell two events apart: an `AUTHORISATION` that
/// failed can be followed by one that succeeded.
///
/// Sources: the documentation, `Adyen/adyen-python-api-library@b6f4979` (`Adyen/util.py`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Adyen {}

impl Provider for Adyen {
    type Event = AnyEvent;

    const NAME: &'static str = "adyen";
    const TITLE: &'static str = "Adyen";
    const DOCS: &'static str =
        "https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures";
    const SCHEME: Scheme = Scheme::signed(
        HmacSha256,
        json("notificationItems.0.NotificationRequestItem.additionalData.hmacSignature"),
        Base64,
    )
    .key(Key::Hex)
    .over(&[
        Field(json("notificationItems.0.NotificationRequestItem.pspReference")),
        Text(":"),
        Field(json("notificationItems.0.NotificationRequestItem.originalReference")),
        Text(":"),
        Field(json("notificationItems.0.NotificationRequestItem.merchantAccountCode")),
        Text(":"),
        Field(json("notificationItems.0.NotificationRequestItem.merchantReference")),
        Text(":"),
        Field(json("notificationItems.0.NotificationRequestItem.amount.value")),
        Text(":"),
        Field(json("notificationItems.0.NotificationRequestItem.amount.currency")),
        Text(":"),
        Field(json("notificationItems.0.NotificationRequestItem.eventCode")),
        Text(":"),
        Field(json("notificationItems.0.NotificationRequestItem.success")),
    ]);
    const EVENT: Option<Place> = Some(json("notificationItems.0.NotificationRequestItem.eventCode"));

    fn identity<'a>(_: &Envelope<'a>) -> Identity<'a> {
        Identity::SignedFields
    }
}
