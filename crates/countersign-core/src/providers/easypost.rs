//! EasyPost: <https://docs.easypost.com/guides/webhooks-guide>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [EasyPost](https://docs.easypost.com/guides/webhooks-guide) ships parcels.
///
/// ```text
/// X-Hmac-Signature: hmac-sha256-hex=9b9241aadaf0f7737a8d0a710b02a252d155017a7ef323a9dec7220822f6ce62
/// ```
///
/// The hex HMAC-SHA256 of the body behind `hmac-sha256-hex=`. The key is the webhook's secret as
/// set.
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending. An attacker who recorded a delivery can send it again.
///
/// EasyPost decomposes the characters of the secret first (Unicode NFKD), and this page does not:
/// choose a secret of ASCII characters, or give it decomposed.
///
/// Source: `EasyPost/easypost-python@8fcf5e4` (`easypost/util.py`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum EasyPost {}

impl Provider for EasyPost {
    type Event = AnyEvent;

    const NAME: &'static str = "easypost";
    const TITLE: &'static str = "EasyPost";
    const DOCS: &'static str = "https://docs.easypost.com/guides/webhooks-guide";
    const SCHEME: Scheme = Scheme::hmac_sha256("x-hmac-signature", "hmac-sha256-hex=");
    const EVENT: Option<Place> = Some(json("description"));
    const ID: Option<Place> = Some(json("id"));
}
