//! Adyen (management, platforms, banking): <https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [Adyen (management, platforms,
/// banking)](https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures)
/// processes payments. This page is for the webhooks of the Management API, of platforms and of
/// banking. For standard webhooks (payments), use [`Adyen`](super::Adyen).
///
/// ```text
/// HmacSignature: 8u+HUZWMgbGf+FUdTtKO2K2a/yrLU3Jz8Ta/Fa013ls=
/// ```
///
/// The base64 HMAC-SHA256 of the body. The key is the HMAC key as issued: hex digits.
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending. An attacker who recorded a delivery can send it again.
///
/// Source: `Adyen/adyen-python-api-library@b6f4979` (`Adyen/util.py`). The header's name
/// is unconfirmed.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum AdyenManagement {}

impl Provider for AdyenManagement {
    type Event = AnyEvent;

    const NAME: &'static str = "adyen-management";
    const TITLE: &'static str = "Adyen (management, platforms, banking)";
    const DOCS: &'static str =
        "https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, header("hmacsignature"), Base64).key(Key::Hex).over(&[Body]);
    const EVENT: Option<Place> = Some(json("type"));
}
