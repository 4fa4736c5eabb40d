//! Macros for the constructors of the layers, each with its own types.

/// Makes the constructors of a layer around a verifier.
#[doc(hidden)]
#[macro_export]
macro_rules! __constructors {
    ($P:ident) => {
        /// Verifies deliveries of `P` with `secrets`: a string, a [`Secret`]($crate::Secret), or
        /// [`Secrets`]($crate::Secrets). The providers that countersign supports have their own
        /// constructors. For a provider that signs the URL of the endpoint, use
        /// [`new_at`](Self::new_at): this one does not compile for it (`cargo build`, not `cargo
        /// check`).
        ///
        /// # Panics
        ///
        /// Panics if a secret is given as an empty string, or is not a key of the provider's form.
        /// [`try_new`](Self::try_new) returns an error instead.
        #[track_caller]
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
        #[track_caller]
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
        /// [`SecretLookup`]($crate::SecretLookup). It is called once the body is complete. For a
        /// provider that signs the URL of the endpoint, convert a
        /// [`Verifier::from_lookup_at`]($crate::Verifier::from_lookup_at).
        pub fn from_lookup(lookup: impl $crate::SecretLookup) -> Self {
            $crate::Verifier::<$P>::from_lookup(lookup).into()
        }
    };
}

/// Makes the constructors of a layer for the providers that `__for_each_provider!` lists.
#[doc(hidden)]
#[macro_export]
macro_rules! __provider_constructors {
    ($Layer:ident; $($name:ident $needs:tt => $Provider:ident $about:tt,)*) => {$(
        impl $Layer<$crate::providers::$Provider> {
            $crate::__provider_constructor! { $name $needs $Provider }
        }
    )*};
}

/// Makes one of them.
#[doc(hidden)]
#[macro_export]
macro_rules! __provider_constructor {
    ($name:ident ($secret:ident) $Provider:ident) => {
        #[doc = concat!("Verifies deliveries of [`", stringify!($Provider), "`](countersign_core::providers::",
                        stringify!($Provider), ") with `", stringify!($secret), "`: a string, a `Secret`, or `Secrets`.")]
        ///
        /// # Panics
        ///
        /// Panics if a secret is given as an empty string, or is not a key of the provider's form.
        /// [`try_new`](Self::try_new) returns an error instead.
        #[track_caller]
        pub fn $name($secret: impl $crate::IntoSecrets) -> Self {
            Self::new($secret)
        }
    };
    ($name:ident ($secret:ident, url) $Provider:ident) => {
        #[doc = concat!("Verifies deliveries of [`", stringify!($Provider), "`](countersign_core::providers::",
                        stringify!($Provider), ") with `", stringify!($secret), "`: a string, a `Secret`, or `Secrets`.")]
        ///
        /// The provider signs the URL of the endpoint. `url` is the URL as registered with it,
        /// character by character. It is never read from the request.
        ///
        /// # Panics
        ///
        /// Panics if a secret is given as an empty string or is not a key of the provider's form, or
        /// if the URL is malformed. [`try_new_at`](Self::try_new_at) returns an error instead.
        #[track_caller]
        pub fn $name(
            $secret: impl $crate::IntoSecrets,
            url: impl TryInto<$crate::PublicUrl, Error: Into<$crate::SecretError>>,
        ) -> Self {
            Self::new_at($secret, url)
        }
    };
}
