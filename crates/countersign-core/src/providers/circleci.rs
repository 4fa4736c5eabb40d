//! CircleCI: <https://circleci.com/docs/guides/integration/outbound-webhooks/>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [CircleCI](https://circleci.com/docs/guides/integration/outbound-webhooks/) runs builds.
///
/// ```text
/// CircleCI-Signature: v1=d3566809b85a61695a3180cb9fa30552fe56c660ef81406619e8a32341400cb3
/// ```
///
/// `v1` is the hex HMAC-SHA256 of the body. Other versions are skipped. The key is the webhook's
/// secret as set.
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending. An attacker who recorded a delivery can send it again.
///
/// Without a secret, CircleCI sends no signature, and every delivery is rejected. The versions are
/// algorithms and not secrets: during a rotation, the old and the new secret are yours to list.
///
/// Source: `circleci/circleci-docs@9734a14`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum CircleCi {}

impl Provider for CircleCi {
    type Event = AnyEvent;

    const NAME: &'static str = "circleci";
    const TITLE: &'static str = "CircleCI";
    const DOCS: &'static str = "https://circleci.com/docs/guides/integration/outbound-webhooks/";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, member("circleci-signature", "=,", "v1"), Hex).over(&[Body]);
    const EVENT: Option<Place> = Some(json("type"));
    const ID: Option<Place> = Some(json("id"));
}
