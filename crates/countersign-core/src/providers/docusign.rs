//! DocuSign: <https://developers.docusign.com/platform/webhooks/connect/validate>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [DocuSign](https://developers.docusign.com/platform/webhooks/connect/validate) signs documents
/// (DocuSign Connect).
///
/// ```text
/// X-DocuSign-Signature-1: Rk1kTcPXZ7hihuW26Li5WsSYWIB7JdOqFFhUC7353NE=
/// X-DocuSign-Signature-2: /buTiMiVnsiiamvXMHGj8bxpzDcRYyOujK879bLu024=
/// ```
///
/// The base64 HMAC-SHA256 of the body, once for each key of the account. The order of keys and
/// headers may differ, so that any signature may match any key; up to 8 are tried. A key is used as
/// issued.
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending. An attacker who recorded a delivery can send it again.
///
/// The body is JSON or, for older configurations, XML. The line breaks in it are signed.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum DocuSign {}

impl Provider for DocuSign {
    type Event = AnyEvent;

    const NAME: &'static str = "docusign";
    const TITLE: &'static str = "DocuSign";
    const DOCS: &'static str = "https://developers.docusign.com/platform/webhooks/connect/validate";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, numbered_headers("x-docusign-signature-"), Base64).over(&[Body]);
    const EVENT: Option<Place> = Some(json("event"));
}
