//! Mollie: <https://docs.mollie.com/reference/webhooks-new>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [Mollie](https://docs.mollie.com/reference/webhooks-new) processes payments. This page is for
/// its new webhooks, which are signed.
///
/// ```text
/// X-Mollie-Signature: sha256=3b03d4b408671f86c48dfe4391ab64fee06f40a439cb0b02750342339e7eec65
/// ```
///
/// The hex HMAC-SHA256 of the body behind `sha256=`. While a secret is rotated, the header is
/// repeated; any may match. The key is the signing secret as issued.
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending. An attacker who recorded a delivery can send it again.
///
/// Mollie's classic webhooks, a form with an `id`, are not signed, and are rejected.
///
/// Source: `mollie/mollie-api-php@53e49e7` (`src/Webhooks/SignatureValidator.php`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Mollie {}

impl Provider for Mollie {
    type Event = AnyEvent;

    const NAME: &'static str = "mollie";
    const TITLE: &'static str = "Mollie";
    const DOCS: &'static str = "https://docs.mollie.com/reference/webhooks-new";
    const SCHEME: Scheme =
        Scheme::signed(HmacSha256, repeated_header("x-mollie-signature"), Hex).prefix("sha256=").over(&[Body]);
    const EVENT: Option<Place> = Some(json("type"));
    const ID: Option<Place> = Some(json("id"));
}
