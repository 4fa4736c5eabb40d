//! Okta: <https://developer.okta.com/docs/concepts/event-hooks/>

use std::{marker::PhantomData, time::Duration};

use crate::{
    event::AnyEvent,
    provider::{Authorization, Handshake, HeaderName, Place, Provider, Reply, ReplyValue, Retries, Scheme, grammar::*},
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
/// **Handshake**: Okta validates the endpoint with a GET request, whose challenge is in the header
/// `X-Okta-Verification-Challenge`. countersign answers it, and the handler does not see it. The
/// layer has to see GET requests: see `countersign::guide::handshakes`.
///
/// You choose the header's name. This page reads `Authorization`, and `Okta<H>` the header `H`: see
/// [`HeaderName`].
///
/// Source: `okta/okta-developer-docs@468de9c`.
#[derive(Clone, Copy, Debug)]
pub struct Okta<H = Authorization>(PhantomData<fn() -> H>);

impl<H: HeaderName> Provider for Okta<H> {
    type Event = AnyEvent;

    const NAME: &'static str = "okta";
    const TITLE: &'static str = "Okta";
    const DOCS: &'static str = "https://developer.okta.com/docs/concepts/event-hooks/";
    const SCHEME: Scheme = Scheme::token(header(H::NAME));
    const EVENT: Option<Place> = None;
    const HANDSHAKES: &'static [Handshake] = &[Handshake::get()
        .answer(Reply::object(&[("verification", ReplyValue::Echo(header("x-okta-verification-challenge")))]))];
    const RETRIES: Retries = Retries::new().deadline(Duration::from_secs(3)).attempts(2);
}
