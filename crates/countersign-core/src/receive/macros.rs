//! Macros for what the verifier and every adapter share, each with its own types.

/// Makes the setters that a verifier and the layers around it share. Their settings are behind
/// `settings_mut`.
#[doc(hidden)]
#[macro_export]
macro_rules! __settings {
    ($P:ident) => {
        /// Accepts bodies of up to `bytes` bytes (default: 1 MiB). Your framework's extractors have
        /// their own limits.
        #[must_use]
        pub fn with_body_limit(mut self, bytes: usize) -> Self {
            self.settings_mut().body_limit = bytes;
            self
        }

        /// Waits up to `timeout` for a [look-up](Self::from_lookup) (default: 2 s).
        #[must_use]
        pub fn with_lookup_timeout(mut self, timeout: std::time::Duration) -> Self {
            self.settings_mut().lookup_timeout = timeout;
            self
        }

        /// Accepts deliveries **only** from `sources`, in addition to verification. If the peer's
        /// address is unknown, every delivery is rejected: see [`PeerAddr`]($crate::PeerAddr).
        ///
        /// ```
        /// use countersign_core::{AllowedSources, Verifier, providers::Zeodyn};
        ///
        /// let sources = AllowedSources::new(["203.0.113.0/24", "2001:db8::7"])?
        ///     // Behind your own proxies:
        ///     .with_trusted_proxies(["10.0.0.0/8"])?;
        /// let verifier = Verifier::<Zeodyn>::new("s3cr3t").with_allowed_sources(sources);
        /// # Ok::<(), countersign_core::SourceRangeError>(())
        /// ```
        #[must_use]
        pub fn with_allowed_sources(mut self, sources: $crate::AllowedSources) -> Self {
            self.settings_mut().sources = Some(std::sync::Arc::new(sources));
            self
        }

        /// Waits up to `timeout` for a [confirmation](Self::with_confirmation) (default: 5 s).
        #[must_use]
        pub fn with_confirmation_timeout(mut self, timeout: std::time::Duration) -> Self {
            self.settings_mut().confirmation_timeout = timeout;
            self
        }

        /// Rejects events older than `age`, and events without a timestamp.
        ///
        /// Together with deduplication whose retention is longer than `age`, this prevents replay,
        /// unless the store loses its records. A delivery that you or the provider resend later is
        /// rejected, too. Make `age` longer than the provider's retry window.
        ///
        /// This does not compile for a provider that does not sign the time of its events.
        #[must_use]
        pub fn with_max_event_age(mut self, age: std::time::Duration) -> Self {
            const {
                assert!(
                    match <$P as $crate::provider::Provider>::OCCURRED_AT {
                        Some(place) => <$P as $crate::provider::Provider>::SCHEME.covers(place),
                        None => false,
                    },
                    "an age limit would protect nothing: `Provider::OCCURRED_AT` has to be a place that the scheme covers"
                );
            }
            self.settings_mut().max_age = Some(age);
            self
        }

        /// Sets how far a signed time of sending may be from the clock, in the past and in the
        /// future (default: that of the provider's page).
        ///
        /// A longer tolerance gives an attacker who recorded a delivery more time to send it again.
        /// [Deduplication]($crate::dedupe) with a longer retention prevents that.
        ///
        /// This does not compile for a provider that does not sign the time of sending.
        #[must_use]
        pub fn with_time_tolerance(mut self, tolerance: std::time::Duration) -> Self {
            const {
                assert!(
                    <$P as $crate::provider::Provider>::SCHEME.signs_time(),
                    "a tolerance would protect nothing: the scheme signs no time of sending"
                );
            }
            self.settings_mut().time_tolerance = Some(tolerance);
            self
        }

        /// Takes the time from `clock` (default: the system's), for tests of an age limit or of a
        /// signed time.
        ///
        /// ```
        /// use countersign_core::{Clock, Verifier, providers::Zeodyn};
        /// use std::time::{Duration, SystemTime};
        ///
        /// let clock = Clock::manual(SystemTime::now());
        /// let verifier = Verifier::<Zeodyn>::new("s3cr3t")
        ///     .with_max_event_age(Duration::from_secs(600))
        ///     .with_clock(clock.clone());
        /// clock.advance(Duration::from_secs(601));
        /// ```
        #[must_use]
        pub fn with_clock(mut self, clock: $crate::Clock) -> Self {
            self.settings_mut().clock = clock;
            self
        }

        /// Rejects deliveries whose trust is below `trust` (default:
        /// [`Trust::TokenOnly`]($crate::Trust::TokenOnly), which accepts all). Set the trust that a
        /// route needs: if you then forget its confirmation, every delivery is rejected.
        #[must_use]
        pub fn with_minimum_trust(mut self, trust: $crate::Trust) -> Self {
            self.settings_mut().minimum_trust = trust;
            self
        }
    };
    ($P:ident, with dedupe: $Deduped:ty) => {
        $crate::__settings!($P);

        /// Waits up to `timeout` for the whole body (default: 5 s). Keep it well below the
        /// provider's deadline, which can be as short as 10 s.
        #[must_use]
        pub fn with_body_timeout(mut self, timeout: std::time::Duration) -> Self {
            self.settings_mut().body_timeout = timeout;
            self
        }

        /// Confirms each verified delivery with a third party, such as ScreenshotRun's API.
        /// (ScreenshotRun does not sign its webhooks.)
        ///
        /// The handler's event is then the confirmed one, and its trust is at least
        /// [`Trust::Confirmed`]($crate::Trust::Confirmed). The raw body, which extractors like
        /// `Bytes` and `Json` read, is not changed.
        ///
        /// A body that cannot be decoded is not confirmed. It reaches only a handler that takes no
        /// `Webhook`, or a `Result` of one. It reaches no handler if
        /// [`with_minimum_trust`](Self::with_minimum_trust) asks for more than the proof gives.
        #[must_use]
        pub fn with_confirmation(mut self, confirmation: impl $crate::Confirmation<$P>) -> Self {
            self.settings_mut().confirm(confirmation);
            self
        }

        /// Handles each delivery once, and records it in `dedupe`: a
        /// [`Dedupe`]($crate::dedupe::Dedupe), or a store to use with the default settings.
        ///
        /// The handler runs in a separate task, so it continues if the sender disconnects.
        ///
        /// * If the handler answers with a 2xx, a duplicate is answered with 200 and the header
        ///   `countersign-delivery: duplicate`.
        /// * If it answers with another status, returns an error or panics, a retry runs it again.
        /// * While it runs, an equal delivery is answered with 409 and `Retry-After`.
        ///
        /// A handler overrides this with an [`Outcome`]($crate::dedupe::Outcome) in the extensions
        /// of its response. It must not block its thread: the same task renews its lease.
        ///
        /// If secrets are looked up by tenant, the look-up has to name the tenant, with
        /// [`Secrets::with_tenant`]($crate::Secrets::with_tenant). Otherwise a delivery could count
        /// as a duplicate of another tenant's.
        ///
        /// # Panics
        ///
        /// Panics if the settings do not suit the provider.
        /// [`try_with_dedupe`](Self::try_with_dedupe) returns an error instead.
        #[must_use]
        pub fn with_dedupe(self, dedupe: impl Into<$crate::dedupe::Dedupe>) -> $Deduped {
            match self.try_with_dedupe(dedupe) {
                Ok(layer) => layer,
                #[expect(clippy::panic, reason = "documented; at start-up, never on a request")]
                Err(error) => panic!("{error}"),
            }
        }

        /// Handles each delivery once, like [`with_dedupe`](Self::with_dedupe).
        ///
        /// # Errors
        ///
        /// Returns an error if the settings do not suit the provider: see
        /// [`Dedupe::check`]($crate::dedupe::Dedupe::check).
        pub fn try_with_dedupe(
            mut self,
            dedupe: impl Into<$crate::dedupe::Dedupe>,
        ) -> Result<$Deduped, $crate::dedupe::DedupeError> {
            let dedupe = dedupe.into();
            dedupe.check::<$P>()?;
            self.settings_mut().remember(dedupe);
            Ok(self.deduped())
        }
    };
}

/// Makes the constructors of a layer around a verifier.
#[doc(hidden)]
#[macro_export]
macro_rules! __constructors {
    ($P:ident) => {
        /// Verifies deliveries of `P` with `secrets`: a string, a [`Secret`]($crate::Secret), or
        /// [`Secrets`]($crate::Secrets). The providers that countersign supports have their own
        /// constructors.
        ///
        /// # Panics
        ///
        /// Panics if a secret is given as an empty string, or is not a key of the provider's form.
        /// [`try_new`](Self::try_new) returns an error instead.
        pub fn new(secrets: impl $crate::IntoSecrets) -> Self {
            $crate::Verifier::new(secrets).into()
        }

        /// Verifies deliveries of `P` like [`new`](Self::new).
        ///
        /// # Errors
        ///
        /// Returns an error if a secret is given as an empty string, or is not a key of the
        /// provider's form.
        pub fn try_new(secrets: impl $crate::IntoSecrets) -> Result<Self, $crate::SecretError> {
            $crate::Verifier::try_new(secrets).map(Self::from)
        }

        /// Verifies deliveries of `P` like [`new`](Self::new), for a provider that signs the public
        /// URL of the endpoint. `url` is the URL as registered with the provider, character by
        /// character. It is never read from the request.
        ///
        /// # Panics
        ///
        /// Panics if a secret is given as an empty string or is not a key of the provider's form, or
        /// if the URL is malformed. [`try_new_at`](Self::try_new_at) returns an error instead.
        pub fn new_at(
            secrets: impl $crate::IntoSecrets,
            url: impl TryInto<$crate::PublicUrl, Error: Into<$crate::SecretError>>,
        ) -> Self {
            $crate::Verifier::new_at(secrets, url).into()
        }

        /// Verifies deliveries of `P` like [`new_at`](Self::new_at).
        ///
        /// # Errors
        ///
        /// Returns an error if a secret is given as an empty string or is not a key of the
        /// provider's form, or if the URL is malformed.
        pub fn try_new_at(
            secrets: impl $crate::IntoSecrets,
            url: impl TryInto<$crate::PublicUrl, Error: Into<$crate::SecretError>>,
        ) -> Result<Self, $crate::SecretError> {
            $crate::Verifier::try_new_at(secrets, url).map(Self::from)
        }

        /// Verifies deliveries of `P` with secrets from `lookup`: a
        /// [`SecretMap`]($crate::SecretMap), a function, or any other
        /// [`SecretLookup`]($crate::SecretLookup). It is called once the body is complete.
        pub fn from_lookup(lookup: impl $crate::SecretLookup) -> Self {
            $crate::Verifier::<$P>::from_lookup(lookup).into()
        }
    };
}

/// Makes the constructors of a layer for the providers that `__for_each_provider!` lists.
#[doc(hidden)]
#[macro_export]
macro_rules! __provider_constructors {
    ($Layer:ident; $($name:ident => $Provider:ident,)*) => {$(
        impl $Layer<$crate::providers::$Provider> {
            #[doc = concat!("Verifies deliveries of [`", stringify!($Provider), "`](countersign_core::providers::",
                                        stringify!($Provider), ") with `secrets`: a string, a `Secret`, or `Secrets`.")]
            ///
            /// # Panics
            ///
            /// Panics if a secret is given as an empty string. [`try_new`](Self::try_new) returns
            /// an error instead.
            pub fn $name(secrets: impl $crate::IntoSecrets) -> Self {
                Self::new(secrets)
            }
        }
    )*};
}
