//! WooCommerce: <https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks>

use std::time::Duration;

use crate::{
    event::AnyEvent,
    provider::{Handshake, Place, Provider, Reply, Retries, Scheme, grammar::*},
};

/// [WooCommerce](https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks) runs online
/// shops on WordPress.
///
/// ```text
/// X-WC-Webhook-Signature: wp7yUNmEwQYjiScPvXK0f+bEERPtsGNh+80he84Sn74=
/// X-WC-Webhook-Topic: order.created
/// X-WC-Webhook-Delivery-ID: 3a64bd9e5be4d3e1c5f8bb3ce7ae7c40
/// ```
///
/// The base64 HMAC-SHA256 of the body. The key is the secret as set. WooCommerce decodes HTML
/// entities in it first: avoid `&` in the secret.
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending, `X-WC-Webhook-Topic` and `X-WC-Webhook-Delivery-ID`. An
/// attacker who recorded a delivery can send it again, also with another event name or ID.
/// Deduplication therefore uses the body.
///
/// Two topics can have the same body, such as `order.created` and `order.updated`. With
/// deduplication, the second one would be a duplicate: give each topic its own route, and its own
/// `with_endpoint`.
///
/// **Handshake**: when a webhook is created, WooCommerce sends a ping: a form without a signature.
/// countersign answers it with 200, and the handler does not see it. (A delivery is JSON, and has a
/// topic and a signature.) After more than 5 failures in a row, WooCommerce disables the webhook.
///
/// Source: the sender, `woocommerce/woocommerce@00e1bc4`
/// (`plugins/woocommerce/includes/class-wc-webhook.php`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum WooCommerce {}

impl Provider for WooCommerce {
    type Event = AnyEvent;

    const NAME: &'static str = "woocommerce";
    const TITLE: &'static str = "WooCommerce";
    const DOCS: &'static str = "https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, header("x-wc-webhook-signature"), Base64).over(&[Body]);
    const EVENT: Option<Place> = Some(header("x-wc-webhook-topic"));
    const ID: Option<Place> = Some(header("x-wc-webhook-delivery-id"));
    const HANDSHAKES: &'static [Handshake] = &[Handshake::post()
        .when_begins(header("content-type"), "application/x-www-form-urlencoded")
        .has_no(header("x-wc-webhook-topic"))
        .answer(Reply::empty(200))];
    const RETRIES: Retries = Retries::new().deadline(Duration::from_secs(60)).attempts(1);
}
