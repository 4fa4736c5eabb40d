//! LINE: <https://developers.line.biz/en/docs/messaging-api/receiving-messages/>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [LINE](https://developers.line.biz/en/docs/messaging-api/receiving-messages/) is a messenger.
/// This page is for the Messaging API.
///
/// ```text
/// X-Line-Signature: OKnB5yFYTaKEuQzupO1+uNsVrE6obCx17JJdX4eZ/PA=
/// ```
///
/// The base64 HMAC-SHA256 of the body. The key is the channel secret as issued.
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending. An attacker who recorded a delivery can send it again.
///
/// A delivery is a batch: its events are in `events`, each with a `webhookEventId`, and the body
/// identifies it. LINE can be set to send events again, and then marks them with
/// `deliveryContext.isRedelivery`: that is another body, so tell such events apart by their IDs.
///
/// When the endpoint is verified in the console, `events` is empty. Answer that with 200, too.
///
/// Source: `line/line-bot-sdk-python@e1fa933`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Line {}

impl Provider for Line {
    type Event = AnyEvent;

    const NAME: &'static str = "line";
    const TITLE: &'static str = "LINE";
    const DOCS: &'static str = "https://developers.line.biz/en/docs/messaging-api/receiving-messages/";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, header("x-line-signature"), Base64).over(&[Body]);
    const EVENT: Option<Place> = None;
}
