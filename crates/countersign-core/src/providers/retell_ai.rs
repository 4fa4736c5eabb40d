//! Retell AI: <https://docs.retellai.com/features/secure-webhook>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [Retell AI](https://docs.retellai.com/features/secure-webhook) makes phone calls with language
/// models.
///
/// ```text
/// X-Retell-Signature: v=1671552777123,d=2189eeae8452a26caaddfa83dd566ac04bd61762dae5f26bc27761119f316a35
/// ```
///
/// `d` is the hex HMAC-SHA256 of `{body}{v}`, where `v` is the time in milliseconds. The key is the
/// API key as issued.
///
/// **Protected**: every byte of the body and the time of sending ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: replays within the tolerance of 5 min: an attacker who recorded a delivery
/// can send it again. Deduplication prevents that.
///
/// The body identifies a delivery: the ID in it is that of the call.
///
/// Source: `RetellAI/retell-python-sdk` (`src/retell/lib/webhook_auth.py`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum RetellAi {}

impl Provider for RetellAi {
    type Event = AnyEvent;

    const NAME: &'static str = "retell-ai";
    const TITLE: &'static str = "Retell AI";
    const DOCS: &'static str = "https://docs.retellai.com/features/secure-webhook";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, member("x-retell-signature", "=,", "d"), Hex)
        .time(member("x-retell-signature", "=,", "v"), Unit::Milliseconds)
        .tolerance(minutes(5))
        .over(&[Body, Time]);
    const EVENT: Option<Place> = Some(json("event"));
}
