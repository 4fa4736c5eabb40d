//! HubSpot (v2): <https://developers.hubspot.com/docs/faq/v1-request-validation>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [HubSpot (v2)](https://developers.hubspot.com/docs/faq/v1-request-validation) is a CRM. This
/// page is for signatures of version 2. If HubSpot sends version 3, use
/// [`HubSpot`](super::HubSpot).
///
/// ```text
/// X-HubSpot-Signature: e61c3144157b619696c8db1983163335c40f3fd9aadf76e22554ce93a0af8f81
/// X-HubSpot-Signature-Version: v2
/// ```
///
/// The hex SHA-256 digest of `{secret}{method}{url}{body}`. The secret is the app's client secret
/// as issued.
///
/// **Protected**: the body, the method and the URL, but not its end
/// ([`Trust::Unbound`](crate::Trust)).
///
/// **Not protected**: the end of the body, and the time of sending. An attacker who recorded a
/// delivery can append bytes to the body without the secret, because there is no HMAC. Parse the
/// body as JSON: the first appended byte is 0x80, which no JSON reader accepts. The delivery can
/// also be sent again.
///
/// `with_minimum_trust(Trust::Signed)` rejects every delivery. A delivery is a batch: the body is
/// an array of events, each with an `eventId`, and identifies it. The URL is the one in the app's
/// settings, character by character. Versions 1 and 2 have the same header.
/// `X-HubSpot-Signature-Version` is ignored: this page accepts only version 2.
///
/// Sources: the documentation, `HubSpot/hubspot-api-nodejs@395cd9b` (`src/utils/signature.ts`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum HubSpotV2 {}

impl Provider for HubSpotV2 {
    type Event = AnyEvent;

    const NAME: &'static str = "hubspot-v2";
    const TITLE: &'static str = "HubSpot (v2)";
    const DOCS: &'static str = "https://developers.hubspot.com/docs/faq/v1-request-validation";
    const SCHEME: Scheme =
        Scheme::signed(Sha256OfSecretAndText, header("x-hubspot-signature"), Hex).over(&[Method, Url, Body]);
    const EVENT: Option<Place> = None;
}
