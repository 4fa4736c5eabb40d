//! What both adapters have in common, so that what is mounted can be written once.

use std::time::Duration;

use countersign::{AllowedSources, Confirmation, IntoSecrets, SecretLookup, Trust, provider::Provider};

/// A `VerifyWebhook`, whichever adapter's.
pub(crate) trait Verify<P: Provider>: Sized {
    fn new(secrets: impl IntoSecrets) -> Self;
    fn from_lookup(lookup: impl SecretLookup) -> Self;
    fn with_lookup_timeout(self, timeout: Duration) -> Self;
    fn with_allowed_sources(self, sources: AllowedSources) -> Self;
    fn with_confirmation(self, confirmation: impl Confirmation<P>) -> Self;
    fn with_confirmation_timeout(self, timeout: Duration) -> Self;
    fn with_minimum_trust(self, trust: Trust) -> Self;
}

/// A server under construction. `{name}` in a path stands for any one segment.
pub(crate) trait Site {
    type Verify<P: Provider>: Verify<P>;

    fn mount<P: Provider>(&mut self, path: &'static str, verify: Self::Verify<P>);
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
