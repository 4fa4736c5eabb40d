//! Bitbucket: <https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [Bitbucket](https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/) hosts source
/// code (Bitbucket Cloud).
///
/// ```text
/// X-Hub-Signature: sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9
/// X-Event-Key: repo:push
/// ```
///
/// The hex HMAC-SHA256 of the body behind `sha256=`. The key is the secret as set. (The header has
/// the name of GitHub's older one, but its algorithm is SHA-256.)
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending, `X-Event-Key` and `X-Request-UUID`. An attacker who
/// recorded a delivery can send it again, also with another event name or ID. Deduplication
/// therefore uses the body.
///
/// Without a secret, Bitbucket sends no signature, and every delivery is rejected.
///
/// Source: Bitbucket's blog, `bitbucket.org/blog/enhanced-webhook-security`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Bitbucket {}

impl Provider for Bitbucket {
    type Event = AnyEvent;

    const NAME: &'static str = "bitbucket";
    const TITLE: &'static str = "Bitbucket";
    const DOCS: &'static str = "https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/";
    const SCHEME: Scheme = Scheme::hmac_sha256("x-hub-signature", "sha256=");
    const EVENT: Option<Place> = Some(header("x-event-key"));
    const ID: Option<Place> = Some(header("x-request-uuid"));
}
