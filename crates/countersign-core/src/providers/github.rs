//! GitHub: <https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [GitHub](https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries) hosts
/// source code.
///
/// ```text
/// X-Hub-Signature-256: sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17
/// X-GitHub-Event: push
/// X-GitHub-Delivery: 72d3162e-cc78-11e3-81ab-4c9367dc0958
/// ```
///
/// The hex HMAC-SHA256 of the body behind `sha256=`. The key is the secret as set.
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending, `X-GitHub-Event` and `X-GitHub-Delivery`. An attacker
/// who recorded a delivery can send it again, also with another event name or ID. Deduplication
/// therefore uses the body.
///
/// Without a secret, GitHub sends no signature, and every delivery is rejected. The older
/// `X-Hub-Signature` (HMAC-SHA1) is not read. With the content type
/// `application/x-www-form-urlencoded`, the JSON is in the form field `payload`: choose
/// `application/json`.
///
/// Sources: `github/docs@0c4564a`, `octokit/webhooks-methods.js`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum GitHub {}

impl Provider for GitHub {
    type Event = AnyEvent;

    const NAME: &'static str = "github";
    const TITLE: &'static str = "GitHub";
    const DOCS: &'static str = "https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries";
    const SCHEME: Scheme = Scheme::hmac_sha256("x-hub-signature-256", "sha256=");
    const EVENT: Option<Place> = Some(header("x-github-event"));
    const ID: Option<Place> = Some(header("x-github-delivery"));
}
