//! GoCardless: <https://developer.gocardless.com/getting-started/stay-up-to-date-with-webhooks-v2/>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme},
};

/// [GoCardless](https://developer.gocardless.com/getting-started/stay-up-to-date-with-webhooks-v2/)
/// collects payments from bank accounts.
///
/// ```text
/// Webhook-Signature: eae7b6a87227a57ce909b802d07628fe9c9d591891621b965c2fcb84dc8ebd93
/// ```
///
/// The hex HMAC-SHA256 of the body. The key is the endpoint's secret as set.
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending. An attacker who recorded a delivery can send it again.
///
/// A delivery is a batch: its events are in `events`, each with an `id`, and the body identifies
/// it.
///
/// Source: `gocardless/gocardless-pro-python@d5c83f3` (`gocardless_pro/webhooks.py`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum GoCardless {}

impl Provider for GoCardless {
    type Event = AnyEvent;

    const NAME: &'static str = "gocardless";
    const TITLE: &'static str = "GoCardless";
    const DOCS: &'static str = "https://developer.gocardless.com/getting-started/stay-up-to-date-with-webhooks-v2/";
    const SCHEME: Scheme = Scheme::hmac_sha256("webhook-signature", "");
    const EVENT: Option<Place> = None;
}
