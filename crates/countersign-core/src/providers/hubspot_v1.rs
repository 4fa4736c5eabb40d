//! HubSpot (v1): <https://developers.hubspot.com/docs/faq/v1-request-validation>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [HubSpot (v1)](https://developers.hubspot.com/docs/faq/v1-request-validation) is a CRM. This
/// page is for signatures of version 1. If HubSpot sends version 3, use
/// [`HubSpot`](super::HubSpot).
///
/// ```text
/// X-HubSpot-Signature: 92a22438b8013d7297c19aea5ebdc69c302fd6adea9c256602243270576833ca
/// X-HubSpot-Signature-Version: v1
/// ```
///
/// The hex SHA-256 digest of `{secret}{body}`. The secret is the app's client secret as issued.
///
/// **Protected**: the body, but not its end ([`Trust::Unbound`](crate::Trust)).
///
/// **Not protected**: the end of the body, and the time of sending. An attacker who recorded a
/// delivery can append bytes to the body without the secret, because there is no HMAC. Parse the
/// body as JSON: the first appended byte is 0x80, which no JSON reader accepts. The delivery can
/// also be sent again.
///
/// `with_minimum_trust(Trust::Signed)` rejects every delivery. A delivery is a batch: the body is
/// an array of events, each with an `eventId`, and identifies it. Versions 1 and 2 have the same
/// header. `X-HubSpot-Signature-Version` is ignored: this page accepts only version 1.
///
/// Source: `HubSpot/hubspot-api-nodejs@395cd9b` (`src/utils/signature.ts`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum HubSpotV1 {}

impl Provider for HubSpotV1 {
    type Event = AnyEvent;

    const NAME: &'static str = "hubspot-v1";
    const TITLE: &'static str = "HubSpot (v1)";
    const DOCS: &'static str = "https://developers.hubspot.com/docs/faq/v1-request-validation";
    const SCHEME: Scheme = Scheme::signed(Sha256OfSecretAndText, header("x-hubspot-signature"), Hex).over(&[Body]);
    const EVENT: Option<Place> = None;
}
