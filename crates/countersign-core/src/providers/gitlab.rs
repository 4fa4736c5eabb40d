//! GitLab: <https://docs.gitlab.com/user/project/integrations/webhooks/>

use std::time::Duration;

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Retries, Scheme, grammar::*},
    providers::StandardWebhooks,
};

/// [GitLab](https://docs.gitlab.com/user/project/integrations/webhooks/) hosts source code. This
/// page is for webhooks with a signing token, which follow [Standard
/// Webhooks](super::StandardWebhooks).
///
/// ```text
/// Webhook-Id: msg_2KWPBgLlAfxdpx2AI54pPJ85f4W
/// Webhook-Timestamp: 1674087231
/// Webhook-Signature: v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
/// ```
///
/// Each `v1` is the HMAC-SHA256 of `{id}.{time}.{body}` in base64. Several are listed with spaces
/// between them while a secret is rotated; any may match. Other versions, such as `v1a`, are
/// skipped. The key is the base64 behind `whsec_`.
///
/// **Protected**: every byte of the body, the ID and the time of sending
/// ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: replays within the tolerance of 5 min: an attacker who recorded a delivery
/// can send it again. Deduplication prevents that.
///
/// `X-Gitlab-Event` is not signed, and is ignored: the event's name is `object_kind` in the body.
/// GitLab may send a secret token in addition, which this page ignores. For webhooks that have only
/// a secret token, use [`GitLabToken`](super::GitLabToken).
///
/// During a migration, accept both with your own page: `Scheme::any_of(&[GitLab::SCHEME,
/// GitLabToken::SCHEME])`. The token is tried only if a delivery has no signature. As long as you
/// list the token, an attacker who knows it can leave the signature out.
///
/// Sources: GitLab's merge request 230944, `NangoHQ/nango` (`gitlab-webhook-routing.ts`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum GitLab {}

impl Provider for GitLab {
    type Event = AnyEvent;

    const NAME: &'static str = "gitlab";
    const TITLE: &'static str = "GitLab";
    const DOCS: &'static str = "https://docs.gitlab.com/user/project/integrations/webhooks/";
    const SCHEME: Scheme = StandardWebhooks::SCHEME;
    const EVENT: Option<Place> = Some(json("object_kind"));
    const RETRIES: Retries = Retries::new().deadline(Duration::from_secs(10));
}
