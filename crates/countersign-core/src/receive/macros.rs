//! Macros for the settings that the verifier and every adapter share, each with its own types.

/// Makes the setters that a verifier and the layers around it share. Their settings are behind
/// `settings_mut`.
#[doc(hidden)]
#[macro_export]
macro_rules! __settings {
    ($P:ident) => {
        $crate::__nonzero_setting! {
            /// Accepts bodies of up to `body_limit` bytes (default: 1 MiB). Your framework's extractors have
            /// their own limits.
            with_body_limit, try_with_body_limit: body_limit = usize, "body limit"
        }

        $crate::__nonzero_setting! {
            /// Waits up to `lookup_timeout` for a [look-up](Self::from_lookup) (default: 2 s).
            with_lookup_timeout, try_with_lookup_timeout: lookup_timeout = std::time::Duration, "look-up timeout"
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

        $crate::__nonzero_setting! {
            /// Waits up to `confirmation_timeout` for a [confirmation](Self::with_confirmation) (default: 5 s).
            with_confirmation_timeout, try_with_confirmation_timeout: confirmation_timeout = std::time::Duration, "confirmation timeout"
        }

        /// Rejects events older than `age`, and events whose timestamp is missing or cannot be read.
        ///
        /// Together with deduplication whose retention is longer than `age`, this prevents replay,
        /// unless the store loses its records, or the provider's clock is ahead by more than the
        /// difference between the two. (An event from the future is not old.) A delivery that you or
        /// the provider resend later is rejected, too. Make `age` longer than the provider's retry
        /// window.
        ///
        /// This does not compile for a provider that does not sign the time of its events.
        ///
        /// # Panics
        ///
        /// Panics if `age` is 0. [`try_with_max_event_age`](Self::try_with_max_event_age) returns an
        /// error instead.
        #[must_use]
        pub fn with_max_event_age(self, age: std::time::Duration) -> Self {
            $crate::SettingError::or_panic(self.try_with_max_event_age(age))
        }

        /// Rejects old events, like [`with_max_event_age`](Self::with_max_event_age).
        ///
        /// # Errors
        ///
        /// Returns an error if `age` is 0.
        pub fn try_with_max_event_age(mut self, age: std::time::Duration) -> Result<Self, $crate::SettingError> {
            const {
                assert!(
                    match <$P as $crate::provider::Provider>::OCCURRED_AT {
                        Some(place) => <$P as $crate::provider::Provider>::SCHEME.covers(place) && place.as_json().is_some(),
                        None => false,
                    },
                    "an age limit would protect nothing: `Provider::OCCURRED_AT` has to be a place in JSON that the scheme covers"
                );
            }
            $crate::SettingError::if_zero("maximum age of events", &age)?;
            self.settings_mut().max_age = Some(age);
            Ok(self)
        }

        /// Sets how far a signed time of sending may be from the clock, in the past and in the
        /// future (default: that of the provider's page).
        ///
        /// A longer tolerance gives an attacker who recorded a delivery more time to send it again.
        /// [Deduplication]($crate::dedupe) with a longer retention prevents that.
        ///
        /// This does not compile for a provider that does not sign the time of sending.
        ///
        /// # Panics
        ///
        /// Panics if `tolerance` is 0. [`try_with_time_tolerance`](Self::try_with_time_tolerance)
        /// returns an error instead.
        #[must_use]
        pub fn with_time_tolerance(self, tolerance: std::time::Duration) -> Self {
            $crate::SettingError::or_panic(self.try_with_time_tolerance(tolerance))
        }

        /// Sets the tolerance of a signed time, like
        /// [`with_time_tolerance`](Self::with_time_tolerance).
        ///
        /// # Errors
        ///
        /// Returns an error if `tolerance` is 0.
        pub fn try_with_time_tolerance(
            mut self,
            tolerance: std::time::Duration,
        ) -> Result<Self, $crate::SettingError> {
            const {
                assert!(
                    <$P as $crate::provider::Provider>::SCHEME.signs_time(),
                    "a tolerance would protect nothing: the scheme signs no time of sending"
                );
            }
            $crate::SettingError::if_zero("time tolerance", &tolerance)?;
            self.settings_mut().time_tolerance = Some(tolerance);
            Ok(self)
        }

        /// Answers the [handshake]($crate::provider::Handshake) by which the provider checks the
        /// endpoint, if it has this verify token: a second secret, which you make up and give to the
        /// provider as well. Use letters and digits. Do not use the secret of the deliveries: this
        /// one is in a URL, so that it is in logs. Without it, such a handshake is rejected.
        ///
        /// ```
        /// use countersign_core::{Verifier, providers::Meta};
        ///
        /// let verifier = Verifier::<Meta>::new("s3cr3t").with_verify_token("made-up-by-me");
        /// ```
        ///
        /// This does not compile for a provider whose handshakes have no verify token.
        ///
        /// # Panics
        ///
        /// Panics if a token is given as an empty string.
        /// [`try_with_verify_token`](Self::try_with_verify_token) returns an error instead.
        #[must_use]
        #[track_caller]
        pub fn with_verify_token(self, token: impl $crate::IntoSecrets) -> Self {
            $crate::SecretError::or_panic(self.try_with_verify_token(token))
        }

        /// Sets the verify token, like [`with_verify_token`](Self::with_verify_token).
        ///
        /// # Errors
        ///
        /// Returns an error if a token is given as an empty string.
        pub fn try_with_verify_token(mut self, token: impl $crate::IntoSecrets) -> Result<Self, $crate::SecretError> {
            self.settings_mut().demand_token(token)?;
            Ok(self)
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

        $crate::__nonzero_setting! {
            /// Waits up to `body_timeout` for the whole body (default: 5 s). Keep it well below the
            /// provider's deadline, which can be as short as 1 s.
            with_body_timeout, try_with_body_timeout: body_timeout = std::time::Duration, "body timeout"
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
        /// The handler runs in a separate task, so it continues if the sender disconnects. It has a
        /// [deadline]($crate::dedupe::Dedupe::with_handler_timeout). Task-locals reach it
        /// [with a context]($crate::dedupe::Dedupe::with_context). See also
        /// [`Dedupe::idle`]($crate::dedupe::Dedupe::idle), for the shutdown.
        ///
        /// * If the handler answers with a 2xx, a duplicate is answered with 200 and the header
        ///   `countersign-delivery: duplicate`.
        /// * If it answers with another status, returns an error or panics, a retry runs it again.
        /// * While it runs, an equal delivery is answered with 409 and `Retry-After`.
        ///
        /// A handler overrides this with an [`Outcome`]($crate::dedupe::Outcome) in the extensions
        /// of its response. It must not block its thread: the same task renews its lease.
        ///
        /// A delivery is never a duplicate of another account's, tenant's or provider's. Endpoints
        /// that share a secret and a store need names: see
        /// [`Dedupe::with_endpoint`]($crate::dedupe::Dedupe::with_endpoint).
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

/// Makes a setter of a size or a duration, which must not be 0, and its twin.
#[doc(hidden)]
#[macro_export]
macro_rules! __nonzero_setting {
    ($(#[$doc:meta])+ $with:ident, $try_with:ident: $field:ident = $Type:ty, $name:literal) => {
        $(#[$doc])+
        ///
        /// # Panics
        ///
        #[doc = concat!("Panics if it is 0. [`", stringify!($try_with), "`](Self::", stringify!($try_with), ")")]
        /// returns an error instead.
        #[must_use]
        pub fn $with(self, $field: $Type) -> Self {
            $crate::SettingError::or_panic(self.$try_with($field))
        }

        #[doc = concat!("Sets the ", $name, ", like [`", stringify!($with), "`](Self::", stringify!($with), ").")]
        ///
        /// # Errors
        ///
        /// Returns an error if it is 0.
        pub fn $try_with(mut self, $field: $Type) -> Result<Self, $crate::SettingError> {
            $crate::SettingError::if_zero($name, &$field)?;
            self.settings_mut().$field = $field;
            Ok(self)
        }
    };
}
