//! Slack: <https://docs.slack.dev/authentication/verifying-requests-from-slack/>

use std::time::Duration;

use crate::{
    event::AnyEvent,
    provider::{Handshake, Place, Provider, Reply, Retries, Scheme, grammar::*},
};

/// [Slack](https://docs.slack.dev/authentication/verifying-requests-from-slack/) is a messenger for
/// teams.
///
/// ```text
/// X-Slack-Signature: v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503
/// X-Slack-Request-Timestamp: 1531420618
/// ```
///
/// The hex HMAC-SHA256 of `v0:{time}:{body}` behind `v0=`. The key is the app's signing secret as
/// issued.
///
/// **Protected**: every byte of the body and the time of sending ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: replays within the tolerance of 5 min: an attacker who recorded a delivery
/// can send it again. Deduplication prevents that.
///
/// The Events API sends JSON. Slash commands and interactive messages are forms; the latter have
/// JSON in the field `payload`. Forms have no `event_id`, so the body identifies them. Slack shows
/// the text of the response to a slash command to the user: do not deduplicate such a route, because
/// a duplicate is answered with an empty body.
///
/// **Handshake**: when the URL of the Events API is set, Slack sends a signed `url_verification`.
/// countersign answers it with the `challenge`, and the handler does not see it.
///
/// Source: `slackapi/python-slack-sdk@ae87985`.
// Its examples need the adapters: the doc tests of `countersign` run them.
#[cfg_attr(not(doctest), doc = "", doc = include_str!("slack.md"))]
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Slack {}

impl Provider for Slack {
    type Event = AnyEvent;

    const NAME: &'static str = "slack";
    const TITLE: &'static str = "Slack";
    const DOCS: &'static str = "https://docs.slack.dev/authentication/verifying-requests-from-slack/";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, header("x-slack-signature"), Hex)
        .prefix("v0=")
        .time(header("x-slack-request-timestamp"), Unit::Seconds)
        .tolerance(minutes(5))
        .over(&[Text("v0:"), Time, Text(":"), Body]);
    const EVENT: Option<Place> = Some(json("event.type"));
    const ID: Option<Place> = Some(json("event_id"));
    const HANDSHAKES: &'static [Handshake] =
        &[Handshake::signed().when(json("type"), "url_verification").answer(Reply::echo(json("challenge")))];
    const RETRIES: Retries = Retries::new().deadline(Duration::from_secs(3));
}
