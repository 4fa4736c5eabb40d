//! Razorpay: <https://razorpay.com/docs/webhooks/validate-test/>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [Razorpay](https://razorpay.com/docs/webhooks/validate-test/) processes payments in India.
///
/// ```text
/// X-Razorpay-Signature: 3ad26c5abab876c92248393c7aa14a3ad45bb57e9c85760116918374e8a944a5
/// X-Razorpay-Event-Id: KSGHrqFzo8NQhM
/// ```
///
/// The hex HMAC-SHA256 of the body. The key is the webhook's secret as set, not the API key.
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending and `X-Razorpay-Event-Id`. An attacker who recorded a
/// delivery can send it again, also with another ID. Deduplication therefore uses the body.
///
/// The signature of a payment (`order_id|payment_id`), which the browser hands over, is another
/// scheme with another key.
///
/// Source: `razorpay/razorpay-python@b56ac01` (`razorpay/utility/utility.py`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Razorpay {}

impl Provider for Razorpay {
    type Event = AnyEvent;

    const NAME: &'static str = "razorpay";
    const TITLE: &'static str = "Razorpay";
    const DOCS: &'static str = "https://razorpay.com/docs/webhooks/validate-test/";
    const SCHEME: Scheme = Scheme::hmac_sha256("x-razorpay-signature", "");
    const EVENT: Option<Place> = Some(json("event"));
    const ID: Option<Place> = Some(header("x-razorpay-event-id"));
}
