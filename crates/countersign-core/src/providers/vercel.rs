//! Vercel: <https://vercel.com/docs/webhooks/webhooks-api>

use std::time::Duration;

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Retries, Scheme, grammar::*},
};

/// [Vercel](https://vercel.com/docs/webhooks/webhooks-api) hosts web applications.
///
/// ```text
/// X-Vercel-Signature: 4a6093bbb28ddbe581a32f433b681d5eb953a57f
/// ```
///
/// The hex HMAC-SHA1 of the body. (It is not SHA-256, as some libraries have it.) The key is the
/// webhook's secret, or the integration's client secret, as issued.
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending. An attacker who recorded a delivery can send it again.
///
/// This page rests on receivers of others that agree (trigger.dev, Hookdeck, wbhk). Vercel's own
/// documentation was not read.
///
/// This page needs the feature `sha1`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Vercel {}

impl Provider for Vercel {
    type Event = AnyEvent;

    const NAME: &'static str = "vercel";
    const TITLE: &'static str = "Vercel";
    const DOCS: &'static str = "https://vercel.com/docs/webhooks/webhooks-api";
    const SCHEME: Scheme = Scheme::signed(HmacSha1, header("x-vercel-signature"), Hex).over(&[Body]);
    const EVENT: Option<Place> = Some(json("type"));
    const ID: Option<Place> = Some(json("id"));
    const RETRIES: Retries = Retries::new().deadline(Duration::from_secs(30)).window(Duration::from_secs(24 * 60 * 60));
}
