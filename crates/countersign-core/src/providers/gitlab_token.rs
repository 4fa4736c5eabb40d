//! GitLab (secret token): <https://docs.gitlab.com/user/project/integrations/webhooks/>

use std::time::Duration;

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Retries, Scheme, grammar::*},
};

/// [GitLab (secret token)](https://docs.gitlab.com/user/project/integrations/webhooks/) hosts
/// source code. This page is for webhooks with a secret token. If your GitLab offers a signing
/// token, use [`GitLab`](super::GitLab).
///
/// ```text
/// X-Gitlab-Token: the-token-as-set
/// ```
///
/// The token as set, compared in constant time. Nothing is signed.
///
/// **Protected**: nothing but the endpoint's address ([`Trust::TokenOnly`](crate::Trust)).
///
/// **Not protected**: the body. An attacker who learns the token can forge deliveries.
///
/// Source: `gitlabhq/gitlabhq` (`doc/user/project/integrations/webhooks.md`).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum GitLabToken {}

impl Provider for GitLabToken {
    type Event = AnyEvent;

    const NAME: &'static str = "gitlab-token";
    const TITLE: &'static str = "GitLab (secret token)";
    const DOCS: &'static str = "https://docs.gitlab.com/user/project/integrations/webhooks/";
    const SCHEME: Scheme = Scheme::token(header("x-gitlab-token"));
    const EVENT: Option<Place> = Some(json("object_kind"));
    const ID: Option<Place> = Some(header("idempotency-key"));
    const RETRIES: Retries = Retries::new().deadline(Duration::from_secs(10));
}
