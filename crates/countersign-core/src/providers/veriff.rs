//! Veriff: <https://devdocs.veriff.com/docs/hmac-authentication-and-endpoint-security>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [Veriff](https://devdocs.veriff.com/docs/hmac-authentication-and-endpoint-security) verifies
/// identities.
///
/// ```text
/// X-HMAC-Signature: 5c6c069066d52e86f6a4aba09f3e254de54e2d9990d307a6951a6d0d1a1fa157
/// ```
///
/// The hex HMAC-SHA256 of the body. The key is the integration's shared secret key as issued.
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending. An attacker who recorded a delivery can send it again.
///
/// The name of an event is `action`. Decisions have a `status` instead, and no name. The body
/// identifies a delivery. The key's ID in `X-Auth-Client` is ignored.
///
/// Source: `Veriff/js-integration-demo` (`app.js`), a sample.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Veriff {}

impl Provider for Veriff {
    type Event = AnyEvent;

    const NAME: &'static str = "veriff";
    const TITLE: &'static str = "Veriff";
    const DOCS: &'static str = "https://devdocs.veriff.com/docs/hmac-authentication-and-endpoint-security";
    const SCHEME: Scheme = Scheme::hmac_sha256("x-hmac-signature", "");
    const EVENT: Option<Place> = Some(json("action"));
}
