//! Modern Treasury: <https://docs.moderntreasury.com/docs/verifying-webhooks>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [Modern Treasury](https://docs.moderntreasury.com/docs/verifying-webhooks) moves money between
/// bank accounts.
///
/// ```text
/// X-Signature: debe166e1f264f46c87f1bb7633650a34f1f0c29ebecc323b95fc659527a5686
/// X-Topic: payment_order
/// ```
///
/// The hex HMAC-SHA256 of the body. The key is the webhook key as issued.
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending and `X-Topic`. An attacker who recorded a delivery can
/// send it again, also with another event name.
///
/// The body identifies a delivery: the ID in it is that of the resource.
///
/// Source: `Modern-Treasury/modern-treasury-python` (`src/modern_treasury/resources/webhooks.py`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum ModernTreasury {}

impl Provider for ModernTreasury {
    type Event = AnyEvent;

    const NAME: &'static str = "modern-treasury";
    const TITLE: &'static str = "Modern Treasury";
    const DOCS: &'static str = "https://docs.moderntreasury.com/docs/verifying-webhooks";
    const SCHEME: Scheme = Scheme::hmac_sha256("x-signature", "");
    const EVENT: Option<Place> = Some(header("x-topic"));
}
