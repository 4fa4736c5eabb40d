//! Braintree: <https://developer.paypal.com/braintree/docs/guides/webhooks/parse>

use crate::{
    event::AnyEvent,
    provider::{Envelope, Identity, Place, Provider, Scheme, grammar::*},
};

/// [Braintree](https://developer.paypal.com/braintree/docs/guides/webhooks/parse) processes
/// payments.
///
/// ```text
/// bt_signature=integration_public_key%7C984214838d0fc4b1eab0dbca61160867c9878041&bt_payload=PG5vdGlmaWNhdGlvbj48a2luZD5jaGVjazwva2luZD48L25vdGlmaWNhdGlvbj4%3D%0A
/// ```
///
/// A form. Its field `bt_signature` is a list of a public key and a signature with `|` between
/// them, with `&` between the pairs. There may be several; any may match. Each signature is the hex
/// HMAC-SHA1 of the field `bt_payload`. The key is the SHA-1 digest of the private key: the secret
/// is the API's private key as issued.
///
/// **Protected**: only the field `bt_payload` ([`Trust::Unbound`](crate::Trust)). The whole event
/// is in it.
///
/// **Not protected**: other fields of the form, and the time of sending. An attacker who recorded a
/// delivery can send it again, also with other fields. Deduplication uses `bt_payload`, so that it
/// accepts each signature once.
///
/// `with_minimum_trust(Trust::Signed)` rejects every delivery. Read `bt_payload` and nothing else:
/// it is XML in base64, with the name of the event in `kind`.
///
/// Braintree validates the endpoint with a GET request, which `VerifyWebhook` rejects: mount
/// another handler for GET. Its answer is an HMAC under the same key as the signature: answer only
/// hex digits, so that nobody gets a payload signed.
///
/// Source: `braintree/braintree_python@80b03f4` (`webhook_notification_gateway.py`,
/// `util/crypto.py`).
///
/// This page needs the feature `sha1`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Braintree {}

impl Provider for Braintree {
    type Event = AnyEvent;

    const NAME: &'static str = "braintree";
    const TITLE: &'static str = "Braintree";
    const DOCS: &'static str = "https://developer.paypal.com/braintree/docs/guides/webhooks/parse";
    const SCHEME: Scheme = Scheme::signed(HmacSha1, form_members("bt_signature", "|&"), Hex)
        .key(Key::Sha1)
        .over(&[Field(form("bt_payload"))]);
    const EVENT: Option<Place> = None;

    fn identity<'a>(_: &Envelope<'a>) -> Identity<'a> {
        Identity::SignedFields
    }
}
