//! Dropbox Sign: <https://developers.hellosign.com/docs/events/walkthrough/>

use std::time::Duration;

use crate::{
    event::AnyEvent,
    provider::{Envelope, Identity, Place, Provider, Retries, Scheme, grammar::*},
};

/// [Dropbox Sign](https://developers.hellosign.com/docs/events/walkthrough/), formerly HelloSign,
/// sends documents for signature.
///
/// ```text
/// Content-Type: multipart/form-data; boundary=------------------------d74496d66958873e
///
/// --------------------------d74496d66958873e
/// Content-Disposition: form-data; name="json"
///
/// {"event":{"event_time":"1348177752","event_type":"account_confirmed","event_hash":"6dc5b7aad93cf54915e0089d6c31d61b3833f66f51459171c69f8fa211308848"},"account_guid":"63522885f9261e2b04eea043933ee7313eb674fd"}
/// --------------------------d74496d66958873e--
/// ```
///
/// A form with the event's JSON in the field `json`. `event_hash` is the hex HMAC-SHA256 of
/// `{event_time}{event_type}`. The key is the account's API key as issued, also for the callbacks of
/// an app.
///
/// **Protected**: only `event.event_time` and `event.event_type`
/// ([`Trust::Unbound`](crate::Trust)).
///
/// **Not protected**: all else, such as which document was signed, by whom, and in which app. An
/// attacker who recorded one delivery can put its `event_hash` into any other JSON, and send it any
/// number of times. Any time is accepted, because `event_time` is the time of the event and the same in
/// each retry: set `with_time_tolerance` to four days, so that a recorded hash expires.
///
/// `with_minimum_trust(Trust::Signed)` rejects every delivery. Take the ID from the event and nothing
/// else, and ask Dropbox Sign's API for the rest:
///
/// ```
/// use countersign_core::{Delivery, provider::Provider, providers::DropboxSign};
///
/// fn handle(delivery: &Delivery<DropboxSign>) -> &'static str {
///     if let ("signature_request_all_signed", Some(id)) = (delivery.event_name(), delivery.resource_id()) {
///         // GET https://api.hellosign.com/v3/signature_request/{id}
///     }
///     DropboxSign::ACKNOWLEDGEMENT
/// }
/// ```
///
/// `Webhook<DropboxSign, Json<T>>` and `hook.json()` read the JSON in the field `json`. Do not read the
/// form with a framework's extractor: the proof is that of the form as countersign reads it, and the
/// `Content-Type` is not signed.
///
/// **The answer** must have the text `Hello API Event Received`, or Dropbox Sign sends the event again
/// and in the end disables the callback: return
/// [`ACKNOWLEDGEMENT`](crate::provider::Provider::ACKNOWLEDGEMENT) from your handler. countersign
/// answers duplicates with it. The event `callback_test` is signed, too.
///
/// Deduplication compares the JSON. (All events of one type in the same second have the same
/// `event_hash`: to accept each hash once would lose events.)
///
/// Sources: the provider's documentation or its SDK's source.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum DropboxSign {}

impl Provider for DropboxSign {
    type Event = AnyEvent;

    const NAME: &'static str = "dropbox-sign";
    const TITLE: &'static str = "Dropbox Sign";
    const DOCS: &'static str = "https://developers.hellosign.com/docs/events/walkthrough/";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, json_in_form("json", "event.event_hash"), Hex)
        .time(json_in_form("json", "event.event_time"), Unit::Seconds)
        .any_time()
        .over(&[Time, Field(json_in_form("json", "event.event_type"))]);
    const EVENT: Option<Place> = Some(json_in_form("json", "event.event_type"));
    const RESOURCE: &'static [Place] =
        &[json_in_form("json", "signature_request.signature_request_id"), json_in_form("json", "template.template_id")];
    const RETRIES: Retries = Retries::new()
        .deadline(Duration::from_secs(30))
        .delays(&[minutes(5), minutes(15), minutes(45), minutes(135), minutes(405), minutes(1215)])
        .window(Duration::from_secs(3 * 24 * 60 * 60));
    const ACKNOWLEDGEMENT: &'static str = "Hello API Event Received";

    fn identity<'a>(_: &Envelope<'a>) -> Identity<'a> {
        Identity::Body
    }
}
