//! The settings of a verifier, and of the layers around it.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use super::{
    confirmation::{Confirmation, Confirmer},
    lookup::Lookup,
    source::AllowedSources,
};
use crate::{
    clock::Clock,
    error::SecretError,
    handshake::{
        self,
        check::{has_mac, has_token},
    },
    once::{By, Dedupe, Registration, note, register},
    proof::{Accepted, Tokens, Window},
    provider::Provider,
    reuse,
    scheme::Scheme,
    secret::{IntoSecrets, Secrets},
    secret_shape,
    trust::Trust,
    url::PublicUrl,
};

/// The default body limit: 1 MiB.
pub const DEFAULT_BODY_LIMIT: usize = 1024 * 1024;

/// Where the accepted secrets come from.
#[derive(Clone)]
pub(crate) enum Origin {
    Fixed(Accepted),
    LookedUp(Lookup),
}

/// The settings of a verifier, and of the layers around it. The setters are made by
/// [`__settings!`](crate::__settings).
#[doc(hidden)]
#[allow(clippy::exhaustive_structs, missing_docs, reason = "not public API: for the macro that makes the setters")]
pub struct Settings<P: Provider> {
    pub(crate) origin: Origin,
    pub(crate) confirmer: Option<Confirmer<P>>,
    pub(crate) dedupe: Option<Dedupe>,
    pub(crate) registration: Option<Registration>,
    pub body_limit: usize,
    pub body_timeout: Duration,
    pub sources: Option<Arc<AllowedSources>>,
    pub minimum_trust: Trust,
    pub max_age: Option<Duration>,
    pub clock: Clock,
    pub(crate) url: Option<PublicUrl>,
    /// Of handshakes.
    pub(crate) verify_token: Option<Arc<Tokens>>,
    /// Kept only if a handshake is answered with a MAC.
    pub(crate) mac_secrets: Option<Secrets>,
    pub time_tolerance: Option<Duration>,
    pub lookup_timeout: Duration,
    pub confirmation_timeout: Duration,
}

#[allow(missing_docs, reason = "not public API")]
impl<P: Provider> Settings<P> {
    pub(super) fn fixed(secrets: &Secrets, url: Option<PublicUrl>) -> Result<Self, SecretError> {
        let accepted = Accepted::new(const { &P::SCHEME }, secrets, url.as_ref(), P::TITLE)?;
        let mac_secrets = if const { has_mac(P::HANDSHAKES) } { Some(secrets.clone()) } else { None };
        Ok(Self { url, mac_secrets, ..Self::new(Origin::Fixed(accepted)) })
    }

    pub(super) fn looked_up(lookup: Lookup, url: Option<PublicUrl>) -> Self {
        Self { url, ..Self::new(Origin::LookedUp(lookup)) }
    }

    /// Three providers wait 10 s for a response: a body (5 s) and a look-up (2 s) leave time for
    /// the handler.
    fn new(origin: Origin) -> Self {
        const { handshake::check::page(&P::SCHEME, P::HANDSHAKES) };
        Self {
            origin,
            confirmer: None,
            dedupe: None,
            registration: None,
            body_limit: DEFAULT_BODY_LIMIT,
            body_timeout: Duration::from_secs(5),
            sources: None,
            minimum_trust: Trust::TokenOnly,
            max_age: None,
            clock: Clock::system(),
            url: None,
            verify_token: None,
            mac_secrets: None,
            time_tolerance: None,
            lookup_timeout: Duration::from_secs(2),
            confirmation_timeout: Duration::from_secs(5),
        }
    }

    pub fn confirm(&mut self, confirmation: impl Confirmation<P>) {
        self.confirmer = Some(Confirmer::new(confirmation));
    }

    #[allow(clippy::missing_errors_doc, reason = "not public API")]
    pub fn demand_token(&mut self, tokens: impl IntoSecrets) -> Result<(), SecretError> {
        const {
            assert!(
                has_token(P::HANDSHAKES),
                "no handshake of this provider has a verify token: remove `with_verify_token`"
            )
        };
        let tokens = tokens.into_secrets()?;
        secret_shape::warn_of_fixed(&tokens, P::NAME);
        // It is in a URL, and in logs: as the secret of deliveries, it would be lost.
        reuse::warn_if_shared(&tokens, "a verify token");
        self.verify_token = Some(Arc::new(Tokens::new(&tokens)));
        Ok(())
    }

    pub fn remember(&mut self, dedupe: Dedupe) {
        note(P::NAME, By::Layer);
        // A layer does not share with what it was before.
        self.registration = None;
        if let Origin::Fixed(accepted) = &self.origin {
            self.registration = Some(register(P::NAME, accepted.secrets(), &dedupe));
        }
        self.dedupe = Some(dedupe);
    }

    /// The trust of the deliveries that are accepted. Of a list, that of its weakest scheme.
    pub(super) fn trust(&self) -> Trust {
        self.trust_in(const { &P::SCHEME })
    }

    /// The trust of a delivery that one of the schemes verified.
    #[inline]
    pub(super) fn trust_in(&self, scheme: &Scheme) -> Trust {
        let proven = Trust::of(scheme);
        if self.confirmer.is_some() { proven.max(Trust::Confirmed) } else { proven }
    }

    /// The window of a signed time, now. Without such a time, the clock is not read.
    pub(super) fn window(&self) -> Window {
        let now = if P::SCHEME.signs_time() { self.clock.now() } else { SystemTime::UNIX_EPOCH };
        Window { now, tolerance: self.time_tolerance }
    }

    /// Whether an answer has to be awaited after the body.
    pub(super) fn waits(&self) -> bool {
        self.confirmer.is_some() || matches!(self.origin, Origin::LookedUp(_))
    }
}

impl<P: Provider> Clone for Settings<P> {
    fn clone(&self) -> Self {
        Self {
            origin: self.origin.clone(),
            confirmer: self.confirmer.clone(),
            dedupe: self.dedupe.clone(),
            registration: self.registration.clone(),
            body_limit: self.body_limit,
            body_timeout: self.body_timeout,
            sources: self.sources.clone(),
            minimum_trust: self.minimum_trust,
            max_age: self.max_age,
            clock: self.clock.clone(),
            url: self.url.clone(),
            verify_token: self.verify_token.clone(),
            mac_secrets: self.mac_secrets.clone(),
            time_tolerance: self.time_tolerance,
            lookup_timeout: self.lookup_timeout,
            confirmation_timeout: self.confirmation_timeout,
        }
    }
}

impl<P: Provider> fmt::Debug for Settings<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("provider", &P::NAME)
            .field("body_limit", &self.body_limit)
            .field("sources", &self.sources)
            .field("minimum_trust", &self.minimum_trust)
            .finish_non_exhaustive()
    }
}
