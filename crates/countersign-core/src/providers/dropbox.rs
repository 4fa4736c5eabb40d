//! Dropbox: <https://www.dropbox.com/developers/reference/webhooks>

use crate::{
    event::AnyEvent,
    provider::{Envelope, Handshake, Identity, Place, Provider, Reply, Scheme, grammar::*},
};

/// [Dropbox](https://www.dropbox.com/developers/reference/webhooks) stores files.
///
/// ```text
/// X-Dropbox-Signature: 75170593d559f227f37d422056e701a9748849b661f92f74a8ffee3c977c1bb9
/// ```
///
/// The hex HMAC-SHA256 of the body. The key is the app secret as issued.
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending. An attacker who recorded a delivery can send it again.
/// Deduplication does not prevent that.
///
/// A delivery says only whose files changed. It has no ID, and two deliveries with equal bodies are
/// two changes. Deduplication therefore handles every delivery: ask Dropbox's API with the cursor
/// that you kept, so that a repeated delivery does no harm.
///
/// **Handshake**: Dropbox validates the endpoint with a GET request. countersign answers it with
/// its `challenge`, and the handler does not see it. The layer has to see GET requests: see
/// `countersign::guide::handshakes`.
///
/// Source: `dropbox/mdwebhook@1b32d5a`, a sample.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Dropbox {}

impl Provider for Dropbox {
    type Event = AnyEvent;

    const NAME: &'static str = "dropbox";
    const TITLE: &'static str = "Dropbox";
    const DOCS: &'static str = "https://www.dropbox.com/developers/reference/webhooks";
    const SCHEME: Scheme = Scheme::hmac_sha256("x-dropbox-signature", "");
    const EVENT: Option<Place> = None;
    const HANDSHAKES: &'static [Handshake] = &[Handshake::get().answer(Reply::echo(query("challenge")))];

    fn identity<'a>(_: &Envelope<'a>) -> Identity<'a> {
        Identity::None
    }
}
