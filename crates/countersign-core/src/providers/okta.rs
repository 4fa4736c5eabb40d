//! Okta: <https://developer.okta.com/docs/concepts/event-hooks/>

use std::{marker::PhantomData, time::Duration};

use crate::{
    event::AnyEvent,
    provider::{Authorization, HeaderName, Place, Provider, Retries, Scheme, grammar::*},
};

/// [Okta](https://developer.okta.com/docs/concepts/event-hooks/) manages users. This page is for
/// event hooks.
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
/// A delivery is a batch: its events are in `data.events`, each with a `uuid`, and the body
/// identifies it. Okta tries again once, and only after a timeout or a 5xx.
///
/// Okta validates the endpoint with a GET request, whose challenge is in the header
/// `X-Okta-Verification-Challenge`. `VerifyWebhook` rejects it: mount another handler for GET.
///
/// You choose the header's name. This page reads `Authorization`, and `Okta<H>` the header `H`: see
/// [`HeaderName`].
///
/// Sources: the provider's documentation or its SDK's source.
#[derive(Clone, Copy, Debug)]
pub struct Okta<H = Authorization>(PhantomData<fn() -> H>);

impl<H: HeaderName> Provider for Okta<H> {
    type Event = AnyEvent;

    const NAME: &'static str = "okta";
    const TITLE: &'static str = "Okta";
    const DOCS: &'static str = "https://developer.okta.com/docs/concepts/event-hooks/";
    const SCHEME: Scheme = Scheme::token(header(H::NAME));
    const EVENT: Option<Place> = None;
    const RETRIES: Retries = Retries::new().deadline(Duration::from_secs(3)).attempts(2);
}
