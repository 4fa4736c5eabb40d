//! AssemblyAI: <https://www.assemblyai.com/docs/deployment/webhooks>

use std::{marker::PhantomData, time::Duration};

use crate::{
    event::AnyEvent,
    provider::{Authorization, HeaderName, Place, Provider, Retries, Scheme, grammar::*},
};

/// [AssemblyAI](https://www.assemblyai.com/docs/deployment/webhooks) transcribes speech.
///
/// ```text
/// Authorization: the-token-as-set
/// ```
///
/// The token as set is the whole value of the header, compared in constant time. Nothing is signed.
///
/// **Protected**: nothing but the endpoint's address ([`Trust::TokenOnly`](crate::Trust)).
///
/// **Not protected**: the body. An attacker who learns the token can forge deliveries.
///
/// The name and the token are set with each transcript (`webhook_auth_header_name`,
/// `webhook_auth_header_value`). Without them, nothing is sent, and every delivery is rejected.
///
/// A delivery has no event name: the name is the `status` of the transcript. The body identifies
/// it. AssemblyAI does not send a delivery again after a 4xx, such as the 409 to a delivery that is
/// in flight.
///
/// You choose the header's name. This page reads `Authorization`, and `AssemblyAi<H>` the header `H`: see
/// [`HeaderName`].
///
/// Source: `AssemblyAI/assemblyai-python-sdk` (`assemblyai/types.py`).
#[derive(Clone, Copy, Debug)]
pub struct AssemblyAi<H = Authorization>(PhantomData<fn() -> H>);

impl<H: HeaderName> Provider for AssemblyAi<H> {
    type Event = AnyEvent;

    const NAME: &'static str = "assemblyai";
    const TITLE: &'static str = "AssemblyAI";
    const DOCS: &'static str = "https://www.assemblyai.com/docs/deployment/webhooks";
    const SCHEME: Scheme = Scheme::token(header(H::NAME));
    const EVENT: Option<Place> = Some(json("status"));
    const RETRIES: Retries = Retries::new().deadline(Duration::from_secs(10)).attempts(10);
}
