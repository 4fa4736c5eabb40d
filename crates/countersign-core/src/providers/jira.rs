//! Jira: <https://developer.atlassian.com/cloud/jira/platform/webhooks/>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [Jira](https://developer.atlassian.com/cloud/jira/platform/webhooks/) tracks issues (Jira Cloud,
/// webhooks of administrators and of the REST API).
///
/// ```text
/// X-Hub-Signature: sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9
/// ```
///
/// The hex HMAC-SHA256 of the body behind `sha256=`. The key is the secret as set.
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending. An attacker who recorded a delivery can send it again.
///
/// Without a secret, Jira sends no signature, and every delivery is rejected.
///
/// This page rests on receivers of others that agree (trigger.dev, Nango, wbhk). Jira's own
/// documentation was not read.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Jira {}

impl Provider for Jira {
    type Event = AnyEvent;

    const NAME: &'static str = "jira";
    const TITLE: &'static str = "Jira";
    const DOCS: &'static str = "https://developer.atlassian.com/cloud/jira/platform/webhooks/";
    const SCHEME: Scheme = Scheme::hmac_sha256("x-hub-signature", "sha256=");
    const EVENT: Option<Place> = Some(json("webhookEvent"));
}
