//! Shopify: <https://shopify.dev/docs/apps/build/webhooks/verify-deliveries>

use std::time::Duration;

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Retries, Scheme, grammar::*},
};

/// [Shopify](https://shopify.dev/docs/apps/build/webhooks/verify-deliveries) runs online shops.
///
/// ```text
/// X-Shopify-Hmac-SHA256: XWmrwMey6OsLMeiZKwP4FppHH3cmAiiJJAweH5Jo4bM=
/// X-Shopify-Topic: orders/create
/// X-Shopify-Webhook-Id: b54557e4-bdd9-4b37-8a5f-bf7d70bcd043
/// ```
///
/// The base64 (not hex) HMAC-SHA256 of the body. The key is the app's client secret as issued.
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending (`X-Shopify-Triggered-At`), `X-Shopify-Topic` and
/// `X-Shopify-Webhook-Id`. An attacker who recorded a delivery can send it again, also with another
/// event name or ID. Deduplication therefore uses the body.
///
/// Two topics can have the same body, such as `orders/create` and `orders/paid`. With deduplication,
/// the second one would be a duplicate: give each topic its own route, and its own `with_endpoint`.
///
/// For up to 1 h after you rotate the client secret, the previous one still signs. Webhooks that
/// are set up in a shop's own administration have another secret. After 8 retries, Shopify removes
/// the subscription. The header `Shopify-Hmac-Sha256` of the Events API is not read.
///
/// Source: `Shopify/shopify-app-js@ef2043d` (`packages/apps/shopify-api/lib/webhooks/validate.ts`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Shopify {}

impl Provider for Shopify {
    type Event = AnyEvent;

    const NAME: &'static str = "shopify";
    const TITLE: &'static str = "Shopify";
    const DOCS: &'static str = "https://shopify.dev/docs/apps/build/webhooks/verify-deliveries";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, header("x-shopify-hmac-sha256"), Base64).over(&[Body]);
    const EVENT: Option<Place> = Some(header("x-shopify-topic"));
    const ID: Option<Place> = Some(header("x-shopify-webhook-id"));
    const RETRIES: Retries =
        Retries::new().deadline(Duration::from_secs(5)).attempts(9).window(Duration::from_secs(4 * 60 * 60));
}
