//! X: <https://docs.x.com/x-api/webhooks/quickstart>

use std::time::Duration;

use crate::{
    event::AnyEvent,
    provider::{Handshake, Input, Mac, Place, Provider, Reply, ReplyValue, Retries, Scheme, grammar::*},
};

/// [X](https://docs.x.com/x-api/webhooks/quickstart) is a social network, formerly Twitter.
///
/// ```text
/// X-Twitter-Webhooks-Signature: sha256=LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=
/// ```
///
/// The base64 HMAC-SHA256 of the body behind `sha256=`. (It is not hex, as some libraries have it.)
/// The key is the app's consumer secret as issued.
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending. An attacker who recorded a delivery can send it again.
///
/// A delivery has no event name: what it is says the field, such as `tweet_create_events`. The body
/// identifies it.
///
/// **Handshake**: X validates the endpoint with a GET request, when it is set up and every hour.
/// countersign answers it with the base64 HMAC-SHA256 of its `crc_token`, and the handler does not
/// see it. The layer has to see GET requests: see `countersign::guide::handshakes`. The key is that
/// of the signatures. So a `crc_token` has at most 256 characters of base64, and a delivery whose
/// whole body is such a text is rejected: anybody could have had it signed. (X sends JSON objects.)
///
/// Source: `xdevplatform/docs` (`x-api/webhooks/quickstart.mdx`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum X {}

impl Provider for X {
    type Event = AnyEvent;

    const NAME: &'static str = "x";
    const TITLE: &'static str = "X";
    const DOCS: &'static str = "https://docs.x.com/x-api/webhooks/quickstart";
    const SCHEME: Scheme =
        Scheme::signed(HmacSha256, header("x-twitter-webhooks-signature"), Base64).prefix("sha256=").over(&[Body]);
    const EVENT: Option<Place> = None;
    const HANDSHAKES: &'static [Handshake] =
        &[Handshake::get().answer(Reply::object(&[("response_token", ReplyValue::Mac(CRC))]))];
    const RETRIES: Retries = Retries::new().deadline(Duration::from_secs(10));
}

const CRC: Mac = Mac::new(HmacSha256, query("crc_token"), Input::BASE64, Base64).prefix("sha256=");
