//! What both adapters have in common, so that what is mounted can be written once.

use std::time::Duration;

use countersign::{
    AllowedSources, Confirmation, ExtractionError, IntoSecrets, Rejection, SecretLookup, Trust, Verifier,
    dedupe::Dedupe, provider::Provider,
};

use crate::own_events::Told;

/// A `VerifyWebhook`, whichever adapter's.
pub(crate) trait Verify<P: Provider>: Sized {
    fn new(secrets: impl IntoSecrets) -> Self;
    fn from_lookup(lookup: impl SecretLookup) -> Self;
    fn from_verifier<W>(verifier: Verifier<P, W>) -> Self;
    fn with_body_limit(self, bytes: usize) -> Self;
    fn with_lookup_timeout(self, timeout: Duration) -> Self;
    fn with_allowed_sources(self, sources: AllowedSources) -> Self;
    fn with_confirmation(self, confirmation: impl Confirmation<P>) -> Self;
    fn with_confirmation_timeout(self, timeout: Duration) -> Self;
    fn with_minimum_trust(self, trust: Trust) -> Self;
}

/// What a handler asks for.
#[derive(Clone, Copy)]
pub(crate) enum Handler {
    /// A `Webhook`. It writes the delivery down.
    Takes,
    /// A `Result` of it. It writes the delivery down, or answers 202 with the error.
    Decides,
    /// The body, and no webhook. It answers with it, and 422.
    Ignores,
}

/// How rejections are answered.
#[derive(Clone, Copy)]
pub(crate) enum Rejections {
    Default,
    /// By [`own_rejection`].
    Own,
}

/// Status and body of the response that a user's own function makes of a rejection.
pub(crate) fn own_rejection(rejection: &Rejection) -> (u16, &'static str) {
    (403, rejection.kind().code())
}

/// What a handler that takes a `Result` answers if there is no delivery.
pub(crate) fn decided(error: &ExtractionError) -> String {
    format!("{}: {error}", error.status())
}

/// A server under construction. `{name}` in a path stands for any one segment.
pub(crate) trait Site {
    type Verify<P: Provider>: Verify<P>;

    /// Mounts a handler that takes the delivery at `/webhooks/` and the name of each provider, by its constructor.
    fn mount_providers(&mut self);

    /// Mounts a handler that asks for a delivery of `Q`, behind a `VerifyWebhook` for `P` if there is one.
    fn mount_handler<P: Provider, Q: Provider>(
        &mut self,
        path: &'static str,
        verify: Option<Self::Verify<P>>,
        handler: Handler,
        rejections: Rejections,
    );

    /// Mounts a handler that takes the delivery, at `path` in a nested router or a scope.
    fn mount_nested<P: Provider>(&mut self, prefix: &'static str, path: &'static str, verify: Self::Verify<P>);

    /// Mounts a handler that takes the delivery, once.
    fn mount_once<P: Provider>(&mut self, path: &'static str, verify: Self::Verify<P>, dedupe: Dedupe);

    /// Mounts a handler that takes the delivery with its event as an `E`, or a `Result` of it, once.
    fn mount_event<P: Provider, E: Told>(
        &mut self,
        path: &'static str,
        verify: Self::Verify<P>,
        dedupe: Dedupe,
        handler: Handler,
    );

    /// Mounts a handler that takes the delivery.
    fn mount<P: Provider>(&mut self, path: &'static str, verify: Self::Verify<P>) {
        self.mount_handler::<P, P>(path, Some(verify), Handler::Takes, Rejections::Default);
    }
}

// The methods are inherent ones of the same names, which win over the trait's.
macro_rules! verify {
    ($($adapter:ident),*) => {$(
        impl<P: Provider> Verify<P> for countersign::$adapter::VerifyWebhook<P> {
            fn new(secrets: impl IntoSecrets) -> Self {
                Self::new(secrets)
            }

            fn from_lookup(lookup: impl SecretLookup) -> Self {
                Self::from_lookup(lookup)
            }

            fn from_verifier<W>(verifier: Verifier<P, W>) -> Self {
                Self::from(verifier)
            }

            fn with_body_limit(self, bytes: usize) -> Self {
                self.with_body_limit(bytes)
            }

            fn with_lookup_timeout(self, timeout: Duration) -> Self {
                self.with_lookup_timeout(timeout)
            }

            fn with_allowed_sources(self, sources: AllowedSources) -> Self {
                self.with_allowed_sources(sources)
            }

            fn with_confirmation(self, confirmation: impl Confirmation<P>) -> Self {
                self.with_confirmation(confirmation)
            }

            fn with_confirmation_timeout(self, timeout: Duration) -> Self {
                self.with_confirmation_timeout(timeout)
            }

            fn with_minimum_trust(self, trust: Trust) -> Self {
                self.with_minimum_trust(trust)
            }
        }
    )*};
}

// `countersign::axum::VerifyWebhook` is the same type as tower's.
verify!(tower, actix);
