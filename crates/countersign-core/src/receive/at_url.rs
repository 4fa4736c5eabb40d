//! Verifiers for providers that sign the public URL of the endpoint.

use super::{
    lookup::{Lookup, SecretLookup},
    settings::Settings,
    verifier::Verifier,
    waits::Deferred,
};
use crate::{error::SecretError, provider::Provider, secret::IntoSecrets, url::PublicUrl};

impl<P: Provider> Verifier<P> {
    /// Creates a verifier like [`new`](Self::new), for a provider that signs the public URL of the
    /// endpoint. `url` is the URL as registered with the provider, character by character. It is
    /// never read from the request.
    ///
    /// Each of the two constructors compiles only for its kind of provider:
    ///
    /// ```
    /// use countersign_core::{AnyEvent, Verifier, provider::{Provider, Scheme, grammar::*}};
    ///
    /// enum Acme {}
    ///
    /// impl Provider for Acme {
    ///     type Event = AnyEvent;
    ///     const NAME: &'static str = "acme";
    ///     const TITLE: &'static str = "Acme";
    ///     const DOCS: &'static str = "https://acme.example/docs/webhooks";
    ///     const SCHEME: Scheme = Scheme::signed(HmacSha256, header("x-acme"), Base64).over(&[Url, Body]);
    /// }
    ///
    /// let verifier = Verifier::<Acme>::new_at("s3cr3t", "https://example.com/webhooks/acme");
    /// ```
    ///
    /// ```compile_fail,E0080
    /// # use countersign_core::{AnyEvent, Verifier, provider::{Provider, Scheme, grammar::*}};
    /// # enum Acme {}
    /// # impl Provider for Acme {
    /// #     type Event = AnyEvent;
    /// #     const NAME: &'static str = "acme";
    /// #     const TITLE: &'static str = "Acme";
    /// #     const DOCS: &'static str = "https://acme.example/docs/webhooks";
    /// #     const SCHEME: Scheme = Scheme::signed(HmacSha256, header("x-acme"), Base64).over(&[Url, Body]);
    /// # }
    /// // error: this provider signs the URL of the endpoint: use `new_at`
    /// let verifier = Verifier::<Acme>::new("s3cr3t");
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if a secret is given as an empty string or is not a key of the provider's form, or if
    /// the URL is malformed. [`try_new_at`](Self::try_new_at) returns an error instead.
    #[track_caller]
    pub fn new_at(secrets: impl IntoSecrets, url: impl TryInto<PublicUrl, Error: Into<SecretError>>) -> Self {
        match Self::try_new_at(secrets, url) {
            Ok(verifier) => verifier,
            #[expect(clippy::panic, reason = "documented; at start-up, never on a request")]
            Err(error) => panic!("{error}"),
        }
    }

    /// Creates a verifier like [`new_at`](Self::new_at).
    ///
    /// # Errors
    ///
    /// Returns an error if a secret is given as an empty string or is not a key of the provider's
    /// form, or if the URL is malformed.
    pub fn try_new_at(
        secrets: impl IntoSecrets,
        url: impl TryInto<PublicUrl, Error: Into<SecretError>>,
    ) -> Result<Self, SecretError> {
        const { assert!(P::SCHEME.signs_url(), "this provider does not sign the URL of the endpoint: use `new`") };
        Self::fixed(secrets, Some(url.try_into().map_err(Into::into)?))
    }

    /// Creates a verifier for code that is generic over providers: `url` is required if the scheme
    /// [signs the URL](crate::provider::Scheme::signs_url), and not used otherwise.
    ///
    /// # Errors
    ///
    /// Returns an error like [`try_new`](Self::try_new), or if the URL is required and missing.
    pub fn try_new_with(secrets: impl IntoSecrets, url: Option<PublicUrl>) -> Result<Self, SecretError> {
        if P::SCHEME.signs_url() && url.is_none() {
            return Err(SecretError::missing_url(P::TITLE));
        }
        Self::fixed(secrets, url)
    }

    /// Creates a verifier like [`from_lookup`](Self::from_lookup), for a provider that signs the
    /// public URL of the endpoint.
    pub fn from_lookup_at(lookup: impl SecretLookup, url: PublicUrl) -> Verifier<P, Deferred> {
        const { assert!(P::SCHEME.signs_url(), "this provider does not sign the URL of the endpoint: use `from_lookup`") };
        Verifier::of(Settings::looked_up(Lookup::new(lookup), Some(url)))
    }
}
