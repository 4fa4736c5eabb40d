//! Mercado Pago: <https://www.mercadopago.com/developers/en/docs/your-integrations/notifications/webhooks>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [Mercado
/// Pago](https://www.mercadopago.com/developers/en/docs/your-integrations/notifications/webhooks)
/// processes payments in Latin America.
///
/// ```text
/// ?data.id=123456&type=payment
/// X-Signature: ts=1742505638683,v1=181196b11ab9b8b547888595ac73d248be6f975beef6788c14bc83fc31545b51
/// X-Request-Id: 2066ca19-c6f1-498a-be75-1923005edd06
/// ```
///
/// `v1` is the hex HMAC-SHA256 of `id:{data.id};request-id:{x-request-id};ts:{ts};`, where
/// `data.id` is a parameter of the URL. A part is left out if its value is missing. The key is the
/// application's secret signature as issued.
///
/// **Protected**: only `data.id` in the URL, `X-Request-Id` and `ts`
/// ([`Trust::Unbound`](crate::Trust)).
///
/// **Not protected**: the body. An attacker who recorded one delivery can put its signature into
/// any other body. Deduplication uses the request's ID, so that it accepts each signature once. Any
/// time is accepted, as by Mercado Pago's own SDK unless it is told otherwise. The SDK reads `ts`
/// as milliseconds; other sources have seconds there, so try a tolerance before you set one.
///
/// `with_minimum_trust(Trust::Signed)` rejects every delivery. Take nothing from the body: read the
/// `data.id` from the URL, and ask Mercado Pago's API.
///
/// Notifications of QR codes are not signed, and are rejected. `data.id` is signed as it is in the
/// URL, as by the SDK. The documentation says that letters in it are signed in lower case: if yours
/// has upper-case letters, try one delivery first.
///
/// Source: `mercadopago/sdk-nodejs` (`src/utils/webhook/index.ts`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum MercadoPago {}

impl Provider for MercadoPago {
    type Event = AnyEvent;

    const NAME: &'static str = "mercado-pago";
    const TITLE: &'static str = "Mercado Pago";
    const DOCS: &'static str =
        "https://www.mercadopago.com/developers/en/docs/your-integrations/notifications/webhooks";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, member("x-signature", "=,", "v1"), Hex)
        .time(member("x-signature", "=,", "ts"), Unit::Milliseconds)
        .any_time()
        .over(&[
            Optional("id:", query("data.id"), ";"),
            Optional("request-id:", header("x-request-id"), ";"),
            Text("ts:"),
            Time,
            Text(";"),
        ]);
    const EVENT: Option<Place> = Some(json("type"));
    const ID: Option<Place> = Some(header("x-request-id"));
}
