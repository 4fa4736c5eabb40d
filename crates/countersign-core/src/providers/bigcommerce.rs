//! BigCommerce: <https://developer.bigcommerce.com/docs/integrations/webhooks>

use std::time::Duration;

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Retries, Scheme, grammar::*},
    providers::standard_webhooks::VERBATIM,
};

/// [BigCommerce](https://developer.bigcommerce.com/docs/integrations/webhooks) runs online shops.
/// Its webhooks have the headers of [Standard Webhooks](super::StandardWebhooks), but another form
/// of the key.
///
/// ```text
/// Webhook-Id: msg_2KWPBgLlAfxdpx2AI54pPJ85f4W
/// Webhook-Timestamp: 1674087231
/// Webhook-Signature: v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
/// ```
///
/// Each `v1` is the HMAC-SHA256 of `{id}.{time}.{body}` in base64. Several are listed with spaces
/// between them while a secret is rotated; any may match. Other versions, such as `v1a`, are
/// skipped. The key is the app's client secret as issued: unlike with Standard Webhooks, it is not
/// base64.
///
/// **Protected**: every byte of the body, the ID and the time of sending
/// ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: replays within the tolerance of 5 min: an attacker who recorded a delivery
/// can send it again. Deduplication prevents that.
///
/// BigCommerce's documentation encodes the secret in base64, because a library for Standard
/// Webhooks decodes it again. Here, use it as issued.
///
/// BigCommerce wants a 200, and blocks a domain whose deliveries succeed in fewer than 90 % of the
/// cases.
///
/// Source: `bigcommerce/docs@24f580c` (`docs/integrations/webhooks/https-webhook-overview.mdx`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum BigCommerce {}

impl Provider for BigCommerce {
    type Event = AnyEvent;

    const NAME: &'static str = "bigcommerce";
    const TITLE: &'static str = "BigCommerce";
    const DOCS: &'static str = "https://developer.bigcommerce.com/docs/integrations/webhooks";
    const SCHEME: Scheme = VERBATIM;
    const EVENT: Option<Place> = Some(json("scope"));
    const RETRIES: Retries = Retries::new().attempts(12).window(Duration::from_secs(48 * 60 * 60));
}
