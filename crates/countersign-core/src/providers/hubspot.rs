//! HubSpot: <https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [HubSpot](https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation)
/// is a CRM (signatures of version 3).
///
/// ```text
/// X-HubSpot-Signature-v3: i2YtKdKoZWIj1cobeDIboBZxfyW4eXqGidbmiHb3lt0=
/// X-HubSpot-Request-Timestamp: 1686345600000
/// ```
///
/// The base64 HMAC-SHA256 of `{method}{url}{body}{time}`. The time is in milliseconds. The key is
/// the app's client secret as issued.
///
/// **Protected**: every byte of the body, the method, the URL and the time of sending
/// ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: replays within the tolerance of 5 min: an attacker who recorded a delivery
/// can send it again. Deduplication prevents that.
///
/// A delivery is a batch: the body is an array of up to 100 events, and identifies it. The URL is
/// the one in the app's settings, with percent-escapes such as `%3A` decoded. `X-HubSpot-Signature`
/// (versions 1 and 2), which is sent in addition, is a digest without HMAC, and is ignored.
///
/// Sources: the documentation, `HubSpot/hubspot-api-nodejs@395cd9b` (`src/utils/signature.ts`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum HubSpot {}

impl Provider for HubSpot {
    type Event = AnyEvent;

    const NAME: &'static str = "hubspot";
    const TITLE: &'static str = "HubSpot";
    const DOCS: &'static str =
        "https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, header("x-hubspot-signature-v3"), Base64)
        .time(header("x-hubspot-request-timestamp"), Unit::Milliseconds)
        .tolerance(minutes(5))
        .over(&[Method, Url, Body, Time]);
    const EVENT: Option<Place> = None;
}
