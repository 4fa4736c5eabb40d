//! Zoom: <https://developers.zoom.us/docs/api/webhooks/>

use std::time::Duration;

use crate::{
    event::AnyEvent,
    provider::{Handshake, Input, Mac, Place, Provider, Reply, ReplyValue, Retries, Scheme, grammar::*},
};

/// [Zoom](https://developers.zoom.us/docs/api/webhooks/) makes video calls.
///
/// ```text
/// X-Zm-Signature: v0=fc85a1d5aafb597d974994a4db44026ed9f81431e410b5045fc2cedecca7ee5d
/// X-Zm-Request-Timestamp: 1658940994
/// ```
///
/// The hex HMAC-SHA256 of `v0:{time}:{body}` behind `v0=`. The key is the app's secret token as
/// issued. (The sample in the documentation hashes re-serialized JSON. The signature actually
/// covers the bytes as sent.)
///
/// **Protected**: every byte of the body and the time of sending ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: replays within the tolerance of 5 min: an attacker who recorded a delivery
/// can send it again. Deduplication prevents that. (Zoom states no tolerance.)
///
/// **Handshake**: Zoom validates the endpoint with the signed event `endpoint.url_validation`, when
/// it is set up and every 72 h. countersign answers it with `plainToken` and its hex HMAC-SHA256
/// under the secret token, and the handler does not see it. It does so only if the signature is
/// right, and `plainToken` has at most 256 characters of base64: anybody else could have their own
/// texts signed.
///
/// Source: `zoom/webhook-sample@e4d48a7` (`index.js`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Zoom {}

impl Provider for Zoom {
    type Event = AnyEvent;

    const NAME: &'static str = "zoom";
    const TITLE: &'static str = "Zoom";
    const DOCS: &'static str = "https://developers.zoom.us/docs/api/webhooks/";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, header("x-zm-signature"), Hex)
        .prefix("v0=")
        .time(header("x-zm-request-timestamp"), Unit::Seconds)
        .over(&[Text("v0:"), Time, Text(":"), Body]);
    const EVENT: Option<Place> = Some(json("event"));
    const HANDSHAKES: &'static [Handshake] = &[Handshake::signed()
        .when(json("event"), "endpoint.url_validation")
        .answer(Reply::object(&[("plainToken", ReplyValue::Echo(PLAIN_TOKEN)), ("encryptedToken", ENCRYPTED_TOKEN)]))];
    const RETRIES: Retries = Retries::new().deadline(Duration::from_secs(3));
}

const PLAIN_TOKEN: Place = json("payload.plainToken");
const ENCRYPTED_TOKEN: ReplyValue = ReplyValue::Mac(Mac::new(HmacSha256, PLAIN_TOKEN, Input::BASE64, Hex));
