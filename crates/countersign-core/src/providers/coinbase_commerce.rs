//! Coinbase Commerce: <https://docs.cdp.coinbase.com/commerce/api-arcitecture/webhooks-security>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [Coinbase Commerce](https://docs.cdp.coinbase.com/commerce/api-arcitecture/webhooks-security)
/// accepts payments in cryptocurrencies.
///
/// ```text
/// X-CC-Webhook-Signature: 16e955f0e937f345a8bb51f7894eb8c185bc932bbb11c1865731443e5cbe8428
/// ```
///
/// The hex HMAC-SHA256 of the body. The key is the shared secret as issued.
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending. An attacker who recorded a delivery can send it again.
///
/// The body has `id` and `attempt_number` of the delivery beside the event. The event's ID
/// identifies it. The webhooks of the Coinbase Developer Platform have another scheme.
///
/// Sources: the documentation, `coinbase/coinbase-commerce-python@91af61a`
/// (`coinbase_commerce/webhook.py`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum CoinbaseCommerce {}

impl Provider for CoinbaseCommerce {
    type Event = AnyEvent;

    const NAME: &'static str = "coinbase-commerce";
    const TITLE: &'static str = "Coinbase Commerce";
    const DOCS: &'static str = "https://docs.cdp.coinbase.com/commerce/api-arcitecture/webhooks-security";
    const SCHEME: Scheme = Scheme::hmac_sha256("x-cc-webhook-signature", "");
    const EVENT: Option<Place> = Some(json("event.type"));
    const ID: Option<Place> = Some(json("event.id"));
}
